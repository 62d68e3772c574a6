// The registry: every provider name of the contract. A new provider is a folder and one line here.
import { anthropic } from './anthropic/anthropic.ts'
import { bedrock } from './bedrock/bedrock.ts'
import { cohere } from './cohere/cohere.ts'
import { googleGemini } from './google/google-gemini.ts'
import { googleVertexAi } from './google/google-vertex-ai.ts'
import { openai } from './openai/openai.ts'
import { openAiCompatible } from './openai-compatible/presets.ts'
import { apiKeyOnly, type Provider } from './provider.ts'

/** Named by the contract; their wire formats are not spoken by this version, which their objects' conditions say. */
const notSpoken: readonly Provider[] = ['AzureOpenAI'].map((name) =>
  Object.freeze({
    name,
    isSupported: false,
    defaultEndpoint: null,
    credential: Object.freeze({ header: 'authorization', prefix: 'Bearer ' }),
    credentialTypes: apiKeyOnly,
    requiredHeaders: [],
    canAskUsage: false,
    operationPath: () => null,
    chat: null,
    unary: {},
  }),
)

export const providers: ReadonlyMap<string, Provider> = new Map(
  [openai, anthropic, ...openAiCompatible, googleGemini, googleVertexAi, bedrock, cohere, ...notSpoken].map(
    (provider) => [provider.name, provider],
  ),
)
