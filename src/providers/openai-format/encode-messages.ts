// System texts and turns as chat messages. https://platform.openai.com/docs/api-reference/chat/create
import type {
  AssistantPart,
  AudioPart,
  CacheMarker,
  Conversation,
  FilePart,
  ImagePart,
  Media,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  Turn,
} from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import type { ChatRules } from './chat-rules.ts'
import { encodeToolId } from './encode-tool-id.ts'
import { foldUserIntoTool } from './fold-user-into-tool.ts'
import { encodeReasoningDetails } from './reasoning-details.ts'

/** As JSON. */
export type Message = Readonly<Record<string, unknown>>
type ContentPart = TextPart | ImagePart | FilePart | AudioPart

export function encodeMessages(conversation: Conversation, rules: ChatRules): readonly Message[] {
  const { turns } = conversation
  const late = rules.takesLateSystem ? [] : turns.flatMap((turn) => (turn.role === 'system' ? turn.parts : []))
  const system = [...conversation.system, ...late]
  const messages: Message[] = system.length === 0 ? [] : [encodeSystem(system, rules)]
  for (const [index, turn] of turns.entries()) {
    if (turn.role === 'user') messages.push(...encodeUser(turn, rules))
    else if (turn.role === 'assistant') messages.push(encodeAssistant(turn, index === turns.length - 1, rules))
    else if (rules.takesLateSystem) messages.push(encodeSystem(turn.parts, rules))
  }
  return rules.takesUserAfterTool ? messages : foldUserIntoTool(messages)
}

function encodeSystem(parts: readonly TextPart[], { systemRole }: ChatRules): Message {
  return { role: systemRole, content: encodeTexts(parts, '\n\n') }
}

/** Many compatible servers take system texts and tool results as one string only; a marked part has to be one. */
function encodeTexts(parts: readonly TextPart[], joint: string): unknown {
  if (parts.some(({ cache }) => cache !== null)) return parts.map(encodePart)
  return parts.map(({ text }) => text).join(joint)
}

/** Results of tools are messages of their own; what else the turn has follows in one. */
function encodeUser(turn: Extract<Turn, { role: 'user' }>, rules: ChatRules): readonly Message[] {
  const messages: Message[] = []
  const shown: ContentPart[] = []
  const own: ContentPart[] = []
  for (const part of turn.parts) {
    if (part.kind === 'tool-result') messages.push(encodeToolResult(part, shown, rules))
    else own.push(part)
  }
  const parts = [...shown, ...own]
  if (parts.length === 0 && messages.length > 0) return messages
  return [...messages, { role: 'user', ...(turn.name !== null && { name: turn.name }), content: encodeContent(parts) }]
}

/**
 * A tool message has text only: pictures and files of a result are shown right after the results, with a line that says
 * whose they are. That it was an error has no field either, so the text says it.
 */
function encodeToolResult(part: ToolResultPart, shown: ContentPart[], { toolIds }: ChatRules): Message {
  const id = encodeToolId(part.callId, toolIds)
  const texts = part.parts.filter((inner) => inner.kind === 'text')
  const media = part.parts.filter((inner) => inner.kind !== 'text')
  if (media.length > 0) {
    shown.push({ kind: 'text', text: `Attached to the result of tool call ${id}:`, cache: null }, ...media)
  }
  const cache = part.cache ?? texts.at(-1)?.cache ?? null
  const text = `${part.isError ? 'Error: ' : ''}${texts.map((inner) => inner.text).join('\n')}`
  const content = cache === null ? text : [encodePart({ kind: 'text', text, cache })]
  return { role: 'tool', tool_call_id: id, content }
}

function encodeContent(parts: readonly ContentPart[]): unknown {
  const [first, second] = parts
  if (first === undefined) return ''
  if (second === undefined && first.kind === 'text' && first.cache === null) return first.text
  return parts.map(encodePart)
}

function encodeMarker(cache: CacheMarker): Message {
  return cache === null ? {} : { cache_control: { type: 'ephemeral', ttl: cache.ttl } }
}

function encodePart(part: ContentPart): Message {
  const marker = encodeMarker(part.cache)
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text, ...marker }
    case 'image': {
      const detail = part.detail === null ? {} : { detail: part.detail }
      return { type: 'image_url', image_url: { url: encodeImageUrl(part.source), ...detail }, ...marker }
    }
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format }, ...marker }
    case 'file':
      return { type: 'file', file: encodeFile(part), ...marker }
  }
}

function encodeImageUrl(source: Media): string {
  if (source.kind === 'url') return source.url
  if (source.kind === 'base64') return `data:${source.mediaType};base64,${source.data}`
  throw new UnsupportedFeature('fileIds', 'This model takes no images by file id.')
}

function encodeFile({ source, name }: FilePart): Message {
  if (source.kind === 'file') return { file_id: source.id }
  const data = source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`
  return { filename: name ?? 'file', file_data: data }
}

function encodeAssistant(turn: Extract<Turn, { role: 'assistant' }>, isLast: boolean, rules: ChatRules): Message {
  const calls = turn.parts.filter((part) => part.kind === 'tool-call')
  const texts = turn.parts.filter((part) => part.kind === 'text')
  const refusal = turn.parts.map((part) => (part.kind === 'refusal' ? part.text : '')).join('')
  const content = encodeTexts(texts, '')
  return {
    role: 'assistant',
    ...(turn.name !== null && { name: turn.name }),
    content: content === '' && (calls.length > 0 || refusal !== '') ? null : content,
    ...(refusal !== '' && { refusal }),
    ...encodeReasoning(turn.parts, rules),
    ...(calls.length > 0 && {
      tool_calls: calls.map((call) => encodeToolCall(call, rules)),
    }),
    ...(isLast && rules.prefill === 'prefix' && { prefix: true }),
  }
}

function encodeToolCall(call: ToolCallPart, { toolIds, takesThoughtSignatures }: ChatRules): Message {
  const { id, name, arguments: text, signature, cache } = call
  const hasSignature = takesThoughtSignatures && signature !== null
  return {
    id: encodeToolId(id, toolIds),
    type: 'function',
    function: { name, arguments: text },
    ...(hasSignature && { extra_content: { google: { thought_signature: signature } } }),
    ...encodeMarker(cache),
  }
}

/** Those who want it back want the text. What only another provider could read has no place. */
function encodeReasoning(parts: readonly AssistantPart[], rules: ChatRules): Message {
  if (rules.reasoning === 'object') {
    const details = encodeReasoningDetails(parts)
    return details.length === 0 ? {} : { reasoning_details: details }
  }
  let text = ''
  for (const part of parts) {
    if (part.kind === 'redacted-reasoning') {
      throw new UnsupportedFeature('reasoningHistory', 'This model takes no encrypted reasoning.')
    }
    if (part.kind === 'reasoning') text += part.text
  }
  return text === '' ? {} : { reasoning_content: text }
}
