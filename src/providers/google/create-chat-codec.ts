// generateContent as a chat codec, for either of Google's APIs.
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ChatCodec } from '../codec.ts'
import { AnswerReader } from './answer-reader.ts'
import { decodeError } from './decode-error.ts'
import { encodeConversation } from './encode-conversation.ts'
import type { GoogleApi } from './google-api.ts'
import { GoogleStreamDecoder } from './stream-decoder.ts'
import { createTokenCounter } from './token-counter.ts'

export function createChatCodec(api: GoogleApi): ChatCodec {
  return Object.freeze({
    features: api.features,
    streamMediaType: 'text/event-stream',
    encode: (conversation, call) => encodeConversation(conversation, call, api),
    decodeAnswer: (answer) => {
      const reader = new AnswerReader()
      const events = reader.read(answer)
      const failed = events.find((event) => event.type === 'error')
      if (failed !== undefined) throw new GatewayError('upstream_invalid_response', 'an error with status 200')
      if (!reader.isStopped) throw new GatewayError('upstream_invalid_response', 'no candidate that has stopped')
      return [...events, { type: 'end' } as const]
    },
    createStreamDecoder: () => new GoogleStreamDecoder(),
    decodeError,
    tokenCounter: createTokenCounter(api),
  })
}
