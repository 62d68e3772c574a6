// Cohere's own API, version 2: chat, embed, rerank. https://docs.cohere.com/reference/about
import type { Feature } from '../../conversation/feature.ts'
import { apiKeyOnly, type Provider } from '../provider.ts'
import { decodeChatAnswer } from './decode-answer.ts'
import { decodeCohereError } from './decode-error.ts'
import { cohereEmbeddings } from './embeddings.ts'
import { encodeChat } from './encode-chat.ts'
import { cohereRerank } from './rerank.ts'
import { CohereStreamDecoder } from './stream-decoder.ts'

const features: ReadonlySet<Feature> = new Set<Feature>([
  'imageDetail',
  'reasoningHistory',
  'temperature',
  'topP',
  'topK',
  'frequencyPenalty',
  'presencePenalty',
  'seed',
  'stop',
  'logprobs',
  'strictTools',
  'toolChoice',
  'jsonObject',
  'jsonSchema',
  'reasoning',
  'tools',
  'images',
  'imageUrls',
  'files',
])

export const cohere: Provider = Object.freeze<Provider>({
  name: 'Cohere',
  defaultEndpoint: 'https://api.cohere.com/v2',
  credential: Object.freeze({ header: 'authorization', prefix: 'Bearer ' }),
  credentialTypes: apiKeyOnly,
  requiredHeaders: [],
  canAskUsage: false,
  operationPath: () => null,
  chat: Object.freeze({
    features,
    streamMediaType: 'text/event-stream',
    encode: (conversation, { model, isStream }) => ({
      path: '/chat',
      headers: [],
      body: encodeChat({ ...conversation, model, isStream }),
    }),
    decodeAnswer: decodeChatAnswer,
    createStreamDecoder: () => new CohereStreamDecoder(),
    decodeError: decodeCohereError,
  }),
  unary: Object.freeze({ embeddings: cohereEmbeddings, rerank: cohereRerank }),
})
