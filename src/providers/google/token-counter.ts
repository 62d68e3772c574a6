// How many tokens a conversation has, by Google's own count. https://ai.google.dev/api/tokens
// https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/count-tokens
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ChatCodec } from '../codec.ts'
import { readCount, readRecord } from '../read-json.ts'
import { decodeError } from './decode-error.ts'
import { encodeBody } from './encode-conversation.ts'
import type { GoogleApi } from './google-api.ts'
import { GoogleStreamDecoder } from './stream-decoder.ts'

export function createTokenCounter(api: GoogleApi): ChatCodec {
  return Object.freeze<ChatCodec>({
    features: api.features,
    streamMediaType: 'text/event-stream',
    encode: (conversation, { model, basePath }) => {
      const path = api.buildPath(model, 'countTokens', basePath)
      const { toolConfig, generationConfig, ...counted } = encodeBody(conversation, api)
      return { path, headers: [], body: JSON.stringify(api.wrapCounted(counted, path)) }
    },
    decodeAnswer: (answer) => {
      const { totalTokens } = readRecord(answer)
      if (typeof totalTokens !== 'number') throw new GatewayError('upstream_invalid_response', 'no totalTokens')
      const usage = { input: readCount(totalTokens), output: 0, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 }
      return [{ type: 'usage', usage }, { type: 'end' }]
    },
    createStreamDecoder: () => new GoogleStreamDecoder(),
    decodeError,
  })
}
