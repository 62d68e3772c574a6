// Chat requests of the tests: parsed, and written again by a server's rules that lack nothing.

import type { ParsedRequest } from '../../../src/conversation/conversation.ts'
import { contents, hints, parameters } from '../../../src/conversation/feature.ts'
import { reasoningEfforts } from '../../../src/conversation/reasoning-level.ts'
import { openAiChat } from '../../../src/dialects/openai-chat/openai-chat.ts'
import { openAiRules } from '../../../src/providers/openai-format/chat-rules.ts'
import { encodeConversation } from '../../../src/providers/openai-format/encode-conversation.ts'

export const hello = { role: 'user', content: 'Hello' } as const

export function parse(fields: Readonly<Record<string, unknown>>): ParsedRequest {
  return openAiChat.parse(Buffer.from(JSON.stringify({ model: 'm1', messages: [hello], ...fields })))
}

const rules = {
  ...openAiRules,
  features: new Set([...hints, ...parameters, ...contents]),
  systemRole: 'system',
  endUser: 'user',
  efforts: reasoningEfforts,
} as const

/** The request that an OpenAI-shaped server without any lack would get. */
export function encode({ conversation }: ParsedRequest): unknown {
  const call = { model: conversation.model, isStream: conversation.isStream, basePath: '/v1', maxOutputTokens: null }
  return JSON.parse(encodeConversation(conversation, call, rules))
}
