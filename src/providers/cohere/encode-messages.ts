// The turns of a conversation as Cohere's messages, and the text files in it as its documents.
// https://docs.cohere.com/reference/chat
import { assertNever } from '../../assert-never.ts'
import type {
  AssistantPart,
  Conversation,
  FilePart,
  ImagePart,
  TextPart,
  ToolResultPart,
  UserPart,
} from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'

type Fields = Readonly<Record<string, unknown>>

export type Messages = Readonly<{ messages: readonly Fields[]; documents: readonly Fields[] }>

/** Throws UnsupportedFeature. */
export function encodeMessages({ system, turns }: Conversation): Messages {
  const messages: Fields[] = []
  const documents: Fields[] = []
  pushSystem(system, messages)
  for (const turn of turns) {
    if (turn.role === 'system') pushSystem(turn.parts, messages)
    else if (turn.role === 'user') pushUser(turn.parts, messages, documents)
    else messages.push(encodeAssistant(turn.parts))
  }
  return { messages, documents }
}

function pushSystem(parts: readonly TextPart[], out: Fields[]): void {
  if (parts.length > 0) out.push({ role: 'system', content: parts.map(({ text }) => text).join('\n\n') })
}

/** Results are messages of their own, in front of what the user says with them. */
function pushUser(parts: readonly UserPart[], out: Fields[], documents: Fields[]): void {
  const content: Fields[] = []
  for (const part of parts) {
    switch (part.kind) {
      case 'tool-result':
        out.push(encodeToolResult(part))
        break
      case 'text':
        content.push({ type: 'text', text: part.text })
        break
      case 'image':
        content.push({ type: 'image_url', image_url: encodeImage(part) })
        break
      case 'file':
        documents.push(encodeFile(part, documents.length))
        break
      case 'audio':
        throw new UnsupportedFeature('audio', 'This model does not take audio.')
      default:
        assertNever(part)
    }
  }
  if (content.length > 0) out.push({ role: 'user', content: joinTexts(content) })
}

/** Text alone goes as text. */
function joinTexts(content: readonly Fields[]): string | readonly Fields[] {
  const [only, another] = content
  return another === undefined && typeof only?.text === 'string' ? only.text : content
}

function encodeImage({ source, detail }: ImagePart): Fields {
  if (source.kind === 'file') throw new UnsupportedFeature('fileIds', 'This model takes no file ids.')
  const url = source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`
  return { url, ...(detail === null ? {} : { detail }) }
}

/** Documents are text, beside the conversation. https://docs.cohere.com/docs/retrieval-augmented-generation-rag */
function encodeFile({ source, name }: FilePart, index: number): Fields {
  if (source.kind === 'url') throw new UnsupportedFeature('fileUrls', 'This model takes files as data, not by URL.')
  if (source.kind === 'file') throw new UnsupportedFeature('fileIds', 'This model takes files as data, not by file id.')
  if (!/^(?:text\/|application\/json$)/i.test(source.mediaType)) {
    throw new UnsupportedFeature('files', 'This model takes files of text only.')
  }
  const text = Buffer.from(source.data, 'base64').toString('utf8')
  return { id: `file-${index}`, data: { text, ...(name === null ? {} : { title: name }) } }
}

function encodeToolResult({ callId, parts, isError }: ToolResultPart): Fields {
  const texts = parts.map((part) => {
    if (part.kind === 'text') return part.text
    throw new UnsupportedFeature('toolResultMedia', 'This model takes tool results of text only.')
  })
  const text = texts.join('\n')
  // There is no field that says so.
  return { role: 'tool', tool_call_id: callId, content: isError ? `Error: ${text}` : text }
}

function encodeAssistant(parts: readonly AssistantPart[]): Fields {
  const texts: string[] = []
  const thoughts: string[] = []
  const calls: Fields[] = []
  for (const part of parts) {
    switch (part.kind) {
      case 'text':
      case 'refusal':
        texts.push(part.text)
        break
      case 'reasoning':
        // Cohere signs nothing: it is another provider's.
        if (part.signature !== null) throw refuseReasoning()
        thoughts.push(part.text)
        break
      case 'redacted-reasoning':
        throw refuseReasoning()
      case 'tool-call':
        calls.push({ id: part.id, type: 'function', function: { name: part.name, arguments: part.arguments } })
        break
      default:
        assertNever(part)
    }
  }
  const text = texts.join('')
  const thought = thoughts.join('')
  if (calls.length > 0) {
    const plan = thought === '' ? {} : { tool_plan: thought }
    return { role: 'assistant', ...plan, tool_calls: calls, ...(text === '' ? {} : { content: text }) }
  }
  if (thought === '') return { role: 'assistant', content: text }
  const thinking = { type: 'thinking', thinking: thought }
  return { role: 'assistant', content: text === '' ? [thinking] : [thinking, { type: 'text', text }] }
}

function refuseReasoning(): UnsupportedFeature {
  return new UnsupportedFeature('reasoningHistory', 'This model takes no reasoning of another provider.')
}
