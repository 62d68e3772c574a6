// OpenAI's Responses API for backends that have none: no state is held, every request brings the whole conversation.
// https://platform.openai.com/docs/api-reference/responses
import type { ConversationApi } from '../conversation-api.ts'
import { parseRequest } from './parse-request.ts'
import { ResponsesStreamRenderer, renderAnswer } from './render-response.ts'

export const openAiResponses: ConversationApi = Object.freeze({
  parse: parseRequest,
  renderAnswer,
  createStreamRenderer: (context) => new ResponsesStreamRenderer(context),
})
