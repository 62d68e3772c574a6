// A chat request, whole: every field of OpenAI's API has its place here, or is named as unknown.
// https://platform.openai.com/docs/api-reference/chat/create
import type { Conversation, ParsedRequest, UnknownField } from '../../conversation/conversation.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { parseExactJson } from '../../wire/parse-exact-json.ts'
import { invalidField, RequestFields } from '../request-fields.ts'
import { ParamNames } from './param-names.ts'
import { parseMessages } from './parse-messages.ts'
import { parseReasoning } from './parse-reasoning.ts'
import { parseResponseFormat, parseTools } from './parse-tools.ts'

/** `body`: checked to be one JSON object. Throws GatewayError `invalid_request`, `unsupported_parameter`. */
export function parseChatRequest(bytes: Buffer): ParsedRequest {
  const value = parseExactJson(bytes.toString())
  if (!isRecord(value)) throw new GatewayError('invalid_json')
  const body = new RequestFields(value)
  const names = new ParamNames()
  const isStream = body.boolean('stream') ?? false
  const { wantsUsage, unknown } = parseStreamOptions(body, isStream)
  const endUser = parseEndUser(body, names)
  const known: Omit<Conversation, 'unknown'> = {
    model: body.string('model') ?? '',
    ...parseMessages(body, names),
    ...parseTools(body, names),
    parallelToolCalls: body.boolean('parallel_tool_calls'),
    responseFormat: parseResponseFormat(body),
    reasoning: parseReasoning(body, names),
    maxOutputTokens: parseOutputLimit(body),
    temperature: body.number('temperature', 0, 2),
    topP: body.number('top_p', 0, 1),
    topK: parseTopK(body),
    frequencyPenalty: body.number('frequency_penalty', -2, 2),
    presencePenalty: body.number('presence_penalty', -2, 2),
    seed: body.integer('seed'),
    stop: parseStop(body),
    choices: body.integer('n', 1, 128) ?? 1,
    logitBias: parseLogitBias(body),
    topLogprobs: parseLogprobs(body),
    verbosity: body.word('verbosity', ['low', 'medium', 'high']),
    endUser: endUser.id,
    metadata: parseMetadata(body),
    serviceTier: body.string('service_tier'),
    promptCacheKey: body.string('prompt_cache_key'),
    isStream,
  }
  skipNeutral(body)
  const conversation = { ...known, unknown: [...unknown, ...endUser.unknown, ...body.unread()] }
  return { conversation, wantsUsage, paramOf: names.paramOf }
}

type StreamOptions = Readonly<{ wantsUsage: boolean; unknown: readonly UnknownField[] }>

function parseStreamOptions(body: RequestFields, isStream: boolean): StreamOptions {
  const options = body.object('stream_options')
  if (options === null) return { wantsUsage: false, unknown: [] }
  if (!isStream) throw invalidField('stream_options', "is only allowed with 'stream'")
  const wantsUsage = options.boolean('include_usage') ?? false
  // Random padding of events; without it they are as they would be here anyway.
  if (options.boolean('include_obfuscation') === true) {
    const unknown = [{ name: 'stream_options.include_obfuscation', value: true }, ...options.unread()]
    return { wantsUsage, unknown }
  }
  return { wantsUsage, unknown: options.unread() }
}

/** `safety_identifier` replaces `user`; who still says another one there means something else by it. */
function parseEndUser(
  body: RequestFields,
  names: ParamNames,
): Readonly<{ id: string | null; unknown: readonly UnknownField[] }> {
  const user = body.string('user')
  const identifier = body.string('safety_identifier')
  if (identifier === null) return { id: user, unknown: [] }
  names.note('endUser', 'safety_identifier')
  return { id: identifier, unknown: user === null || user === identifier ? [] : [{ name: 'user', value: user }] }
}

function parseOutputLimit(body: RequestFields): number | null {
  const legacy = body.integer('max_tokens', 1)
  const limit = body.integer('max_completion_tokens', 1)
  if (legacy !== null && limit !== null && legacy !== limit) {
    throw invalidField('max_tokens', "can't be set together with 'max_completion_tokens'")
  }
  return limit ?? legacy
}

/** Not OpenAI's own, but every compatible server's; -1 and 0 mean all. */
function parseTopK(body: RequestFields): number | null {
  const topK = body.integer('top_k', -1)
  return topK === null || topK < 1 ? null : topK
}

function parseStop(body: RequestFields): readonly string[] {
  const value = body.value('stop')
  if (value === null) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map((text) => {
    if (typeof text !== 'string') throw invalidField('stop', 'must be a string or a list of strings')
    return text
  })
}

function parseLogitBias(body: RequestFields): Conversation['logitBias'] {
  const record = body.record('logit_bias')
  if (record === null || Object.keys(record).length === 0) return null
  const bias: Record<string, number> = {}
  for (const [token, value] of Object.entries(record)) {
    if (typeof value !== 'number' || value < -100 || value > 100) {
      throw invalidField('logit_bias', 'must hold numbers between -100 and 100')
    }
    bias[token] = value
  }
  return bias
}

function parseLogprobs(body: RequestFields): number | null {
  const isAsked = body.boolean('logprobs') === true
  const top = body.integer('top_logprobs', 0, 20)
  if (isAsked) return top ?? 0
  if (top !== null && top > 0) throw invalidField('top_logprobs', "is only allowed with 'logprobs'")
  return null
}

function parseMetadata(body: RequestFields): Conversation['metadata'] {
  const record = body.record('metadata')
  if (record === null || Object.keys(record).length === 0) return null
  const metadata: Record<string, string> = {}
  for (const [name, value] of Object.entries(record)) {
    if (typeof value !== 'string') throw invalidField(`metadata.${name}`, 'must be a string')
    metadata[name] = value
  }
  return metadata
}

/** Fields that say what would be so without them. */
function skipNeutral(body: RequestFields): void {
  body.skip('store', (value) => value === false)
  body.skip('modalities', (value) => Array.isArray(value) && value.every((modality) => modality === 'text'))
}
