// The turns of a conversation as Converse's messages: user and assistant by turns, system texts apart, in order.
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html
import { assertNever } from '../../assert-never.ts'
import type {
  AssistantPart,
  CacheMarker,
  Conversation,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { readGeminiSignature } from '../../conversation/gemini-text-signature.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { parseJsonText } from '../read-json.ts'
import { DocumentNames } from './document-names.ts'
import { encodeCachePoint } from './encode-cache-point.ts'
import { encodeDocument, encodeImage } from './encode-media.ts'
import type { ModelFamily } from './model-family.ts'

type Block = Readonly<Record<string, unknown>>
type Message = { role: 'user' | 'assistant'; content: Block[] }

export type Messages = Readonly<{ system: readonly Block[]; messages: readonly Message[] }>

/** Throws UnsupportedFeature, and GatewayError `invalid_request` for arguments that are no JSON object. */
export function encodeMessages(conversation: Conversation, family: ModelFamily): Messages {
  const system: Block[] = []
  const messages: Message[] = []
  const names = new DocumentNames()
  encodeTexts(conversation.system, family, system)
  for (const turn of conversation.turns) {
    if (turn.role === 'system') {
      encodeTexts(turn.parts, family, system)
      continue
    }
    const last = messages.at(-1)
    const content = last?.role === turn.role ? last.content : []
    if (turn.role === 'user') for (const part of turn.parts) encodeUserPart(part, family, names, content)
    else for (const part of turn.parts) encodeAssistantPart(part, family, content)
    // A message without content is refused.
    if (content !== last?.content && content.length > 0) messages.push({ role: turn.role, content })
  }
  return { system, messages }
}

function encodeTexts(parts: readonly TextPart[], family: ModelFamily, out: Block[]): void {
  for (const part of parts) {
    pushText(part.text, out)
    pushCachePoint(part.cache, family, out)
  }
}

/** Blank text is refused: "The text field in the ContentBlock object is blank". */
function pushText(text: string, out: Block[]): void {
  if (text.trim() !== '') out.push({ text })
}

/** With nothing in front of it a cache point has nothing to say. */
function pushCachePoint(cache: CacheMarker, family: ModelFamily, out: Block[]): void {
  if (cache !== null && out.length > 0) out.push(encodeCachePoint(cache, family))
}

function encodeUserPart(part: UserPart, family: ModelFamily, names: DocumentNames, out: Block[]): void {
  switch (part.kind) {
    case 'text':
      pushText(part.text, out)
      break
    case 'image':
      out.push(encodeImage(part))
      break
    case 'file':
      out.push(encodeDocument(part, names))
      break
    case 'tool-result':
      encodeToolResult(part, family, names, out)
      return
    case 'audio':
      throw new UnsupportedFeature('audio', 'This model does not take audio.')
    default:
      assertNever(part)
  }
  pushCachePoint(part.cache, family, out)
}

function encodeToolResult(part: ToolResultPart, family: ModelFamily, names: DocumentNames, out: Block[]): void {
  const content: Block[] = []
  let cache = part.cache
  for (const inner of part.parts) {
    if (inner.kind === 'text') pushText(inner.text, content)
    else content.push(inner.kind === 'image' ? encodeImage(inner) : encodeDocument(inner, names))
    // Inside of a result there is no place for a cache point.
    cache ??= inner.cache
  }
  // Only these two know a status: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlock.html
  const hasStatus = family === 'anthropic' || family === 'nova'
  if (part.isError && !hasStatus) content.unshift({ text: 'Error:' })
  const status = part.isError && hasStatus ? { status: 'error' } : {}
  out.push({ toolResult: { toolUseId: encodeToolUseId(part.callId), content, ...status } })
  pushCachePoint(cache, family, out)
}

function encodeAssistantPart(part: AssistantPart, family: ModelFamily, out: Block[]): void {
  switch (part.kind) {
    case 'text':
      pushText(part.text, out)
      pushCachePoint(part.cache, family, out)
      return
    case 'refusal':
      pushText(part.text, out)
      return
    case 'reasoning':
      // Another provider's, or shortened on the way: Bedrock takes back only what it has signed.
      if (part.signature === null || readGeminiSignature(part.signature) !== null) {
        throw new UnsupportedFeature('reasoningHistory', 'This model takes reasoning back only with its signature.')
      }
      out.push({ reasoningContent: { reasoningText: { text: part.text, signature: part.signature } } })
      return
    case 'redacted-reasoning':
      out.push({ reasoningContent: { redactedContent: part.data } })
      return
    case 'tool-call':
      out.push({ toolUse: encodeToolUse(part) })
      pushCachePoint(part.cache, family, out)
      return
    default:
      assertNever(part)
  }
}

function encodeToolUse({ id, name, arguments: text }: ToolCallPart): Block {
  const input = text.trim() === '' ? {} : parseJsonText(text)
  if (!isRecord(input)) {
    throw new GatewayError('invalid_request', 'arguments are no JSON object', {
      publicText: `The arguments of the tool call ${JSON.stringify(id)} are not a JSON object.`,
      param: 'messages',
    })
  }
  return { toolUseId: encodeToolUseId(id), name, input }
}

/**
 * Ids of other providers may hold what Bedrock's pattern does not, or be longer; call and result change alike. Claude's own
 * pattern is narrower than Bedrock's.
 */
function encodeToolUseId(id: string): string {
  return id.replace(/[^\w-]/g, '_').slice(-64)
}
