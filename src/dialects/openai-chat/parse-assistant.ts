// An assistant's message: what it thought, said, refused and called, as clients send it back.
import type {
  AssistantPart,
  ReasoningPart,
  RedactedReasoningPart,
  ToolCallPart,
} from '../../conversation/conversation.ts'
import { invalidField, RequestFields, unsupportedField } from '../request-fields.ts'
import type { ParamNames } from './param-names.ts'
import { parseCacheMarker } from './parse-cache-marker.ts'
import { parseContent } from './parse-content.ts'

export function parseAssistantParts(message: RequestFields, names: ParamNames): readonly AssistantPart[] {
  const parts: AssistantPart[] = [...parseReasoning(message, names)]
  const calls = parseToolCalls(message, names)
  for (const [index, part] of (parseContent(message, names) ?? []).entries()) {
    if (part.kind !== 'text' && part.kind !== 'refusal') {
      throw invalidField(`${message.nameOf('content')}[${index}].type`, "must be 'text' or 'refusal' in this role")
    }
    // Beside calls many clients write an empty text, which other APIs refuse.
    if (part.text !== '' || calls.length === 0) parts.push(part)
  }
  const refusal = message.string('refusal')
  if (refusal !== null && refusal !== '') parts.push({ kind: 'refusal', text: refusal })
  for (const name of ['function_call', 'audio']) {
    if (message.value(name) !== null) throw unsupportedField(message.nameOf(name))
  }
  // Citations of an earlier answer: empty in every message that clients send back as they got it.
  if (message.list('annotations')?.length) throw unsupportedField(message.nameOf('annotations'))
  parts.push(...calls)
  if (parts.length === 0) throw invalidField(message.nameOf('content'), 'is required without tool_calls')
  return parts
}

/** What was thought comes back as blocks, with their signatures, or as text. */
function parseReasoning(message: RequestFields, names: ParamNames): readonly (ReasoningPart | RedactedReasoningPart)[] {
  const blocks = message.list('thinking_blocks')
  const name = message.value('reasoning_content') === null ? 'reasoning' : 'reasoning_content'
  const text = message.string(name)
  // Another name for the same text.
  message.value('reasoning')
  if (blocks !== null && blocks.length > 0) {
    names.note('reasoningHistory', message.nameOf('thinking_blocks'))
    return blocks.map((block, index) =>
      parseThinkingBlock(RequestFields.of(block, `${message.nameOf('thinking_blocks')}[${index}]`)),
    )
  }
  const details = parseReasoningDetails(message)
  if (text === null || text === '') {
    if (details === '') return []
    names.note('reasoningHistory', message.nameOf('reasoning_details'))
    return [{ kind: 'reasoning', text: details, signature: null }]
  }
  names.note('reasoningHistory', message.nameOf(name))
  return [{ kind: 'reasoning', text, signature: null }]
}

/** OpenRouter's: its proofs are for the provider behind it, which is nobody's business here; the text is anybody's. */
function parseReasoningDetails(message: RequestFields): string {
  const param = message.nameOf('reasoning_details')
  let text = ''
  for (const [index, value] of (message.list('reasoning_details') ?? []).entries()) {
    const detail = RequestFields.of(value, `${param}[${index}]`)
    text += detail.string('text') ?? detail.string('summary') ?? ''
  }
  return text
}

function parseThinkingBlock(block: RequestFields): ReasoningPart | RedactedReasoningPart {
  const type = block.word('type', ['thinking', 'redacted_thinking'])
  const part: ReasoningPart | RedactedReasoningPart =
    type === 'redacted_thinking'
      ? { kind: 'redacted-reasoning', data: block.requireString('data') }
      : { kind: 'reasoning', text: block.requireString('thinking'), signature: block.string('signature') }
  block.value('cache_control')
  block.refuseUnread()
  return part
}

function parseToolCalls(message: RequestFields, names: ParamNames): readonly ToolCallPart[] {
  const param = message.nameOf('tool_calls')
  return (message.list('tool_calls') ?? []).map((value, index) =>
    parseToolCall(RequestFields.of(value, `${param}[${index}]`), names),
  )
}

function parseToolCall(call: RequestFields, names: ParamNames): ToolCallPart {
  const type = call.string('type') ?? 'function'
  if (type !== 'function')
    throw unsupportedField(call.nameOf('type'), `Tool calls of type '${type}' are not supported.`)
  const id = call.requireString('id')
  const called = call.requireObject('function')
  const name = called.requireString('name')
  const text = called.requireString('arguments')
  called.refuseUnread()
  // A streamed call that was put together again has it.
  call.integer('index')
  const cache = parseCacheMarker(call, names)
  const signature = parseThoughtSignature(call)
  call.refuseUnread()
  return { kind: 'tool-call', id, name, arguments: text.trim() === '' ? '{}' : text, signature, cache }
}

/** https://ai.google.dev/gemini-api/docs/thought-signatures#openai */
function parseThoughtSignature(call: RequestFields): string | null {
  const extra = call.object('extra_content')
  const google = extra?.object('google') ?? null
  const signature = google?.string('thought_signature') ?? null
  extra?.refuseUnread()
  google?.refuseUnread()
  return signature
}
