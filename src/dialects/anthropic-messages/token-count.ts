// Anthropic's count of a conversation's tokens, for providers that count in a format of their own.
// https://docs.claude.com/en/api/messages-count-tokens
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ConversationApi } from '../conversation-api.ts'
import { parseRequest } from './parse-request.ts'

export const anthropicTokenCount: ConversationApi = Object.freeze<ConversationApi>({
  parse: (body) => {
    const request = parseRequest(body, false)
    if (request.conversation.isStream) {
      throw new GatewayError('invalid_request', 'a streamed count', {
        param: 'stream',
        publicText: "stream: a count can't be streamed",
      })
    }
    return request
  },
  renderAnswer: (events) => {
    const counted = events.findLast((event) => event.type === 'usage')
    if (counted === undefined) throw new GatewayError('upstream_invalid_response', 'no count in the answer')
    return JSON.stringify({ input_tokens: counted.usage.input })
  },
  createStreamRenderer: () => {
    throw new GatewayError('internal_error', 'a streamed count')
  },
})
