// Servers that speak OpenAI's API: an address and what differs, each taken from the vendor's own pages.
import type { Feature } from '../../conversation/feature.ts'
import { type ChatRules, compatibleRules, including, without } from '../openai-format/chat-rules.ts'
import { createChatCodec } from '../openai-format/create-chat-codec.ts'
import { dropForeignHistory } from '../openai-format/drop-foreign-history.ts'
import { openAiPath } from '../openai-format/openai-path.ts'
import type { Operation } from '../operation.ts'
import { apiKeyOnly, type Provider } from '../provider.ts'

type Quirks = Readonly<{
  /** What it can't carry of what most can, and what it can besides. */
  lacks?: readonly Feature[]
  has?: readonly Feature[]
  chat?: Partial<Omit<ChatRules, 'features'>>
  canAskUsage?: boolean
  /** Has it the Responses API itself? Where it hasn't, clients get it by translation. */
  hasResponses?: boolean
  steeringFields?: Provider['steeringFields']
  /** It refuses messages with fields that it doesn't know. */
  isStrict?: boolean
}>

function createPreset(name: string, defaultEndpoint: string | null, quirks: Quirks = {}): Provider {
  const { lacks = [], has = [], canAskUsage = true, hasResponses = true, isStrict = false, steeringFields } = quirks
  const toolIds = quirks.chat?.toolIds ?? compatibleRules.toolIds
  const features = including(without(compatibleRules.features, lacks), has)
  return Object.freeze({
    name,
    defaultEndpoint,
    credential: Object.freeze({ header: 'authorization', prefix: 'Bearer ' }),
    credentialTypes: apiKeyOnly,
    requiredHeaders: [],
    canAskUsage,
    operationPath: (operation: Operation) =>
      operation === 'responses' && !hasResponses ? null : openAiPath(operation),
    ...(steeringFields !== undefined && { steeringFields }),
    dropForeign: (operation: Operation, body: Buffer) => dropForeignHistory(operation, body, { isStrict, toolIds }),
    chat: createChatCodec({ ...compatibleRules, ...quirks.chat, features, asksUsage: canAskUsage }),
    unary: {},
  })
}

export const openAiCompatible: readonly Provider[] = [
  // https://huggingface.co/docs/inference-providers; …/guides/responses-api
  createPreset('HuggingFace', 'https://router.huggingface.co/v1'),
  // https://docs.mistral.ai/api: refuses fields it doesn't know (422 extra_forbidden), `stream_options.include_usage` among
  // them, and reports in a stream's last chunk unasked. https://github.com/BerriAI/litellm/issues/8978
  createPreset('Mistral', 'https://api.mistral.ai/v1', {
    lacks: ['endUser', 'logprobs', 'logitBias', 'names'],
    has: ['prefill'],
    chat: {
      seed: 'random_seed',
      toolIds: 'nine-letters',
      prefill: 'prefix',
      efforts: ['none', 'high'],
      takesUserAfterTool: false,
    },
    canAskUsage: false,
    hasResponses: false,
    isStrict: true,
  }),
  // https://console.groq.com/docs/openai: 400 for these
  createPreset('Groq', 'https://api.groq.com/openai/v1', {
    lacks: ['logprobs', 'logitBias', 'choices', 'names', 'frequencyPenalty', 'presencePenalty'],
    chat: {
      outputLimit: 'max_completion_tokens',
      takesLateSystem: true,
      efforts: ['none', 'low', 'medium', 'high'],
      maxStops: 4,
    },
    isStrict: true,
  }),
  // https://api-docs.deepseek.com/api/create-chat-completion; …/guides/thinking_mode: what was thought before a tool call
  // has to come back. Its Responses API is not for every model.
  createPreset('DeepSeek', 'https://api.deepseek.com/v1', {
    lacks: ['choices', 'logitBias', 'seed', 'jsonSchema', 'singleToolCall', 'strictTools', 'endUser'],
    has: ['reasoningHistory'],
    chat: { reasoning: 'thinking', takesLateSystem: true, efforts: ['low', 'high', 'max'], maxStops: 16 },
    hasResponses: false,
  }),
  // https://docs.together.ai/docs/openai-api-compatibility: its log probabilities have a form of their own.
  createPreset('TogetherAI', 'https://api.together.xyz/v1', {
    lacks: ['logprobs', 'singleToolCall', 'endUser', 'strictTools'],
    has: ['topK'],
    hasResponses: false,
  }),
  // https://docs.fireworks.ai/tools-sdks/openai-compatibility
  createPreset('Fireworks', 'https://api.fireworks.ai/inference/v1', {
    has: ['topK', 'reasoningHistory'],
    chat: { efforts: ['none', 'low', 'medium', 'high'] },
  }),
  // https://openrouter.ai/docs/quickstart: always reports; `include_usage` "has no effect".
  // https://openrouter.ai/docs/use-cases/usage-accounting
  createPreset('OpenRouter', 'https://openrouter.ai/api/v1', {
    lacks: ['choices'],
    has: ['cacheMarkers', 'reasoningHistory', 'topK', 'verbosity', 'files', 'fileUrls', 'audio', 'prefill'],
    chat: {
      reasoning: 'object',
      takesLateSystem: true,
      efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'],
    },
    canAskUsage: false,
    // https://openrouter.ai/docs/guides/routing: what they name answers instead of `model`, and is what is paid for.
    steeringFields: new Set(['models', 'route', 'preset', 'fallbacks']),
  }),
  // https://docs.x.ai/docs/api-reference
  createPreset('XAI', 'https://api.x.ai/v1', { lacks: ['logitBias'], chat: { takesLateSystem: true } }),
  // https://docs.ollama.com/api/openai-compatibility: every user's own address
  createPreset('Ollama', null, {
    lacks: ['choices', 'logitBias', 'endUser', 'toolChoice', 'singleToolCall', 'strictTools', 'imageUrls'],
    chat: { efforts: ['none', 'low', 'medium', 'high'] },
  }),
  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
  createPreset('VLLM', null, { has: ['topK', 'audio', 'prefill'], chat: { prefill: 'continue' } }),
  // Whatever server it is; Google's own compatible API among them. https://ai.google.dev/gemini-api/docs/openai
  createPreset('Custom', null, { has: ['topK'], chat: { takesThoughtSignatures: true } }),
]
