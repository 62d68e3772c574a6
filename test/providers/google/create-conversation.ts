// A conversation with nothing in it but what a test names.
import type { AssistantPart, Conversation, Turn, UserPart } from '../../../src/conversation/conversation.ts'
import { plainConversation } from '../../../src/conversation/plain-conversation.ts'
import type { Call } from '../../../src/providers/provider.ts'
import { text } from '../../support/create-conversation.ts'

export { text }

const model = 'gemini-3-pro-preview'

export function user(...parts: readonly (string | UserPart)[]): Turn {
  return { role: 'user', parts: parts.map((part) => (typeof part === 'string' ? text(part) : part)), name: null }
}

export function assistant(...parts: readonly AssistantPart[]): Turn {
  return { role: 'assistant', parts, name: null }
}

export function createConversation(fields: Partial<Conversation> = {}): Conversation {
  return { ...plainConversation, model, turns: [user('Hi')], ...fields }
}

export function createCall(fields: Partial<Call> = {}): Call {
  return { model, isStream: false, basePath: '/v1beta', maxOutputTokens: null, ...fields }
}
