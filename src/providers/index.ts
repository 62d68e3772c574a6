// The registry: every provider name of the contract. A new provider is a folder and one line here.
import { anthropic } from './anthropic/anthropic.ts'
import { azureOpenAi } from './azure-openai/azure-openai.ts'
import { bedrock } from './bedrock/bedrock.ts'
import { cohere } from './cohere/cohere.ts'
import { googleGemini } from './google/google-gemini.ts'
import { googleVertexAi } from './google/google-vertex-ai.ts'
import { openai } from './openai/openai.ts'
import { openAiCompatible } from './openai-compatible/presets.ts'
import type { Provider } from './provider.ts'

export const providers: ReadonlyMap<string, Provider> = new Map(
  [openai, azureOpenAi, anthropic, ...openAiCompatible, googleGemini, googleVertexAi, bedrock, cohere].map(
    (provider) => [provider.name, provider],
  ),
)
