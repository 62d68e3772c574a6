// A conversation of one short turn that uses no feature, but for what a test says.
import type { Conversation, TextPart } from '../../src/conversation/conversation.ts'
import { plainConversation } from '../../src/conversation/plain-conversation.ts'

export function text(said: string): TextPart {
  return { kind: 'text', text: said, cache: null }
}

export function createConversation(overrides: Partial<Conversation> = {}): Conversation {
  return { ...plainConversation, model: 'm', ...overrides }
}
