// OpenAI's chat API as clients speak it. https://platform.openai.com/docs/api-reference/chat
import type { ConversationApi } from '../conversation-api.ts'
import { ChatStreamRenderer } from './chat-stream-renderer.ts'
import { parseChatRequest } from './parse-chat-request.ts'
import { renderChatAnswer } from './render-chat-answer.ts'

export const openAiChat: ConversationApi = Object.freeze({
  parse: parseChatRequest,
  renderAnswer: renderChatAnswer,
  createStreamRenderer: (context) => new ChatStreamRenderer(context),
})
