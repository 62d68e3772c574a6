// How the text of an answer is to be: its format, its length, its log probabilities.
// https://platform.openai.com/docs/api-reference/responses/create#responses-create-text
import type { Conversation, ResponseFormat } from '../../conversation/conversation.ts'
import { invalidField, type RequestFields } from '../request-fields.ts'

export function parseTextOptions(
  body: RequestFields,
): Pick<Conversation, 'responseFormat' | 'verbosity' | 'topLogprobs'> {
  const text = body.object('text')
  const format = text?.object('format') ?? null
  const options = {
    responseFormat: format === null ? null : parseFormat(format),
    verbosity: text?.word('verbosity', ['low', 'medium', 'high']) ?? null,
    topLogprobs: parseLogprobs(body),
  }
  text?.refuseUnread()
  return options
}

function parseFormat(format: RequestFields): ResponseFormat | null {
  const type = format.word('type', ['text', 'json_object', 'json_schema'])
  if (type === null) throw invalidField(format.nameOf('type'), 'is required')
  if (type !== 'json_schema') {
    format.refuseUnread()
    return type === 'text' ? null : { kind: 'json-object' }
  }
  const schema = format.record('schema')
  if (schema === null) throw invalidField(format.nameOf('schema'), 'is required')
  const parsed: ResponseFormat = {
    kind: 'json-schema',
    name: format.requireString('name'),
    description: format.string('description'),
    schema,
    isStrict: format.boolean('strict'),
  }
  format.refuseUnread()
  return parsed
}

/** What else can be included belongs to tools that are refused, or to what is not kept; reasoning is always given. */
const includable = [
  'message.output_text.logprobs',
  'reasoning.encrypted_content',
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
]

function parseLogprobs(body: RequestFields): number | null {
  const included = body.list('include') ?? []
  for (const [at, name] of included.entries()) {
    if (!includable.some((known) => known === name)) throw invalidField(`include[${at}]`, 'is unknown')
  }
  const top = body.integer('top_logprobs', 0, 20)
  if (included.includes('message.output_text.logprobs')) return top ?? 0
  return top === 0 ? null : top
}
