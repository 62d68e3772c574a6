// Servers that speak OpenAI's API: one line each, taken from the vendor's own page. What differs is an address.
import { openAiPath } from '../openai-format/openai-path.ts'
import { apiKeyOnly, type Provider } from '../provider.ts'

type Quirks = Partial<Pick<Provider, 'canAskUsage'>>

function createPreset(name: string, defaultEndpoint: string | null, quirks: Quirks = {}): Provider {
  return Object.freeze({
    name,
    isSupported: true,
    defaultEndpoint,
    credential: Object.freeze({ header: 'authorization', prefix: 'Bearer ' }),
    credentialTypes: apiKeyOnly,
    requiredHeaders: [],
    canAskUsage: true,
    operationPath: openAiPath,
    chat: null,
    unary: {},
    ...quirks,
  })
}

export const openAiCompatible: readonly Provider[] = [
  // https://huggingface.co/docs/inference-providers
  createPreset('HuggingFace', 'https://router.huggingface.co/v1'),
  // https://docs.mistral.ai/api: refuses fields it doesn't know (422 extra_forbidden), `stream_options.include_usage` among
  // them, and reports in a stream's last chunk unasked. https://github.com/BerriAI/litellm/issues/8978
  createPreset('Mistral', 'https://api.mistral.ai/v1', { canAskUsage: false }),
  // https://console.groq.com/docs/openai
  createPreset('Groq', 'https://api.groq.com/openai/v1'),
  // https://api-docs.deepseek.com
  createPreset('DeepSeek', 'https://api.deepseek.com/v1'),
  // https://docs.together.ai/docs/openai-api-compatibility
  createPreset('TogetherAI', 'https://api.together.xyz/v1'),
  // https://docs.fireworks.ai/tools-sdks/openai-compatibility
  createPreset('Fireworks', 'https://api.fireworks.ai/inference/v1'),
  // https://openrouter.ai/docs/quickstart: always reports; `include_usage` "has no effect".
  // https://openrouter.ai/docs/use-cases/usage-accounting
  createPreset('OpenRouter', 'https://openrouter.ai/api/v1', { canAskUsage: false }),
  // https://docs.x.ai/docs/api-reference
  createPreset('XAI', 'https://api.x.ai/v1'),
  // https://github.com/ollama/ollama/blob/main/docs/openai.md: every user's own address
  createPreset('Ollama', null),
  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
  createPreset('VLLM', null),
  createPreset('Custom', null),
]
