// Anthropic's Messages API as a client API. https://docs.claude.com/en/api/messages
import type { ConversationApi } from '../conversation-api.ts'
import { parseRequest } from './parse-request.ts'
import { renderAnswer } from './render-answer.ts'
import { MessageStreamRenderer } from './stream-renderer.ts'

export const anthropicMessages: ConversationApi = Object.freeze({
  parse: (body) => parseRequest(body),
  renderAnswer,
  createStreamRenderer: (context) => new MessageStreamRenderer(context),
})
