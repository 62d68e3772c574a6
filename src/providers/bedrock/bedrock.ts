// Amazon Bedrock: every text model behind Converse, embeddings behind InvokeModel. Signed requests, or an API key of
// Bedrock's own. https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html
import type { Feature } from '../../conversation/feature.ts'
import type { Provider } from '../provider.ts'
import { decodeConverseAnswer } from './decode-answer.ts'
import { decodeBedrockError } from './decode-error.ts'
import { bedrockEmbeddings } from './embeddings.ts'
import { encodeConverse } from './encode-converse.ts'
import { modelPath } from './model-path.ts'
import { ConverseStreamDecoder } from './stream-decoder.ts'

/** Some of them only some models have: the encoder refuses those by value. */
const features: ReadonlySet<Feature> = new Set<Feature>([
  'cacheMarkers',
  'metadata',
  'reasoningHistory',
  'temperature',
  'topP',
  'topK',
  'stop',
  'serviceTier',
  'strictTools',
  'singleToolCall',
  'toolChoice',
  'jsonSchema',
  'reasoning',
  'tools',
  'images',
  'files',
  'toolResultMedia',
  'prefill',
])

export const bedrock: Provider = Object.freeze<Provider>({
  name: 'AWSBedrock',
  defaultEndpoint: 'https://bedrock-runtime.us-east-1.amazonaws.com',
  // https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-use.html
  credential: Object.freeze({ header: 'authorization', prefix: 'Bearer ' }),
  credentialTypes: new Set(['AWS', 'APIKey'] as const),
  requiredHeaders: [],
  canAskUsage: false,
  operationPath: () => null,
  chat: Object.freeze({
    features,
    streamMediaType: 'application/vnd.amazon.eventstream',
    encode: (conversation, { model, isStream, maxOutputTokens }) => ({
      path: modelPath(model, isStream ? 'converse-stream' : 'converse'),
      headers: [],
      body: encodeConverse({ ...conversation, model, isStream }, maxOutputTokens),
    }),
    decodeAnswer: decodeConverseAnswer,
    createStreamDecoder: () => new ConverseStreamDecoder(),
    decodeError: decodeBedrockError,
  }),
  unary: Object.freeze({ embeddings: bedrockEmbeddings }),
})
