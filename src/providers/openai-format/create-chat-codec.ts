// How a server that speaks OpenAI's chat API is talked to, by its rules.
import type { ChatCodec } from '../codec.ts'
import type { ChatRules } from './chat-rules.ts'
import { ChatStreamDecoder } from './chat-stream-decoder.ts'
import { decodeChatAnswer } from './decode-chat-answer.ts'
import { decodeOpenAiError } from './decode-error.ts'
import { encodeConversation } from './encode-conversation.ts'

export function createChatCodec(rules: ChatRules): ChatCodec {
  return Object.freeze({
    features: rules.features,
    streamMediaType: 'text/event-stream',
    encode: (conversation, call) => ({
      path: rules.path(call),
      headers: [],
      body: encodeConversation(conversation, call, rules),
    }),
    decodeAnswer: decodeChatAnswer,
    createStreamDecoder: () => new ChatStreamDecoder(),
    decodeError: decodeOpenAiError,
  } satisfies ChatCodec)
}
