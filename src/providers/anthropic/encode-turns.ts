// Encodes the turns of a conversation as Anthropic's messages, which alternate and begin with their tool results. System
// texts that come later join the system prompt, in order. https://docs.claude.com/en/api/messages
import type { AssistantPart, Conversation, TextPart } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { readGeminiSignature } from '../../conversation/gemini-text-signature.ts'
import { encodeAssistantPart, encodeToolResult, encodeUserPart } from './encode-parts.ts'

type Message = { role: 'user' | 'assistant'; content: object[] }

export type EncodedTurns = Readonly<{ system: readonly TextPart[]; messages: readonly object[] }>

/** Throws UnsupportedFeature. */
export function encodeTurns(conversation: Conversation): EncodedTurns {
  const system: TextPart[] = conversation.system.filter(({ text }) => text !== '')
  const messages: Message[] = []
  for (const turn of conversation.turns) {
    if (turn.role === 'system') {
      system.push(...turn.parts.filter(({ text }) => text !== ''))
      continue
    }
    const message = findMessage(messages, turn.role)
    if (turn.role === 'assistant') {
      message.content.push(...encodeAssistant(turn.parts))
      continue
    }
    const results: object[] = []
    const others: object[] = []
    for (const part of turn.parts) {
      if (part.kind === 'tool-result') results.push(encodeToolResult(part))
      // A text of nothing is refused there, and says nothing.
      else if (part.kind !== 'text' || part.text !== '') others.push(encodeUserPart(part))
    }
    const resultsEnd = message.content.findLastIndex((block) => 'tool_use_id' in block) + 1
    message.content.splice(resultsEnd, 0, ...results)
    message.content.push(...others)
  }
  return { system, messages: messages.filter(({ content }) => content.length > 0).map(simplify) }
}

/** The last message, where it is of the same role: consecutive turns of one role are one message. */
function findMessage(messages: Message[], role: Message['role']): Message {
  const last = messages.at(-1)
  if (last?.role === role) return last
  const message: Message = { role, content: [] }
  messages.push(message)
  return message
}

/** Thinking goes back as it came, and only to who has signed it. */
function encodeAssistant(parts: readonly AssistantPart[]): readonly object[] {
  if (parts.some((part) => part.kind === 'reasoning' && !isOwnSignature(part.signature))) {
    throw new UnsupportedFeature('reasoningHistory', 'This model takes back only thinking that it has signed.')
  }
  return parts.flatMap((part) => (part.kind === 'text' && part.text === '' ? [] : [encodeAssistantPart(part)]))
}

function isOwnSignature(signature: string | null): boolean {
  return signature !== null && readGeminiSignature(signature) === null
}

/** A single plain text is written as one. */
function simplify(message: Message): object {
  const [only, other] = message.content
  const isPlain = only !== undefined && other === undefined && 'text' in only && !('cache_control' in only)
  return isPlain ? { role: message.role, content: only.text } : message
}
