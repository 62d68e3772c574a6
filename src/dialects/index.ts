// The registry: the client APIs that can be translated, by operation.
import type { Operation } from '../providers/operation.ts'
import { anthropicMessages } from './anthropic-messages/anthropic-messages.ts'
import { anthropicTokenCount } from './anthropic-messages/token-count.ts'
import type { ConversationApi } from './conversation-api.ts'
import { openAiChat } from './openai-chat/openai-chat.ts'
import { openAiResponses } from './openai-responses/openai-responses.ts'

export const conversationApis: Readonly<Partial<Record<Operation, ConversationApi>>> = {
  'chat/completions': openAiChat,
  messages: anthropicMessages,
  'messages/count_tokens': anthropicTokenCount,
  responses: openAiResponses,
}
