// In what servers that speak OpenAI's chat API differ, as data: each provider's page says its own.
import { contents, type Feature, hints, parameters } from '../../conversation/feature.ts'
import type { ReasoningEffort } from '../../conversation/reasoning-level.ts'
import type { Call } from '../provider.ts'

export type ChatRules = Readonly<{
  features: ReadonlySet<Feature>
  /** After the endpoint's base path. */
  path: (call: Call) => string
  outputLimit: 'max_tokens' | 'max_completion_tokens'
  systemRole: 'system' | 'developer'
  /** System texts may stand between turns. False: chat templates refuse them there, so they go to the front. */
  takesLateSystem: boolean
  /** A user may speak right behind tool results. */
  takesUserAfterTool: boolean
  /** Its streams say what they used only where `stream_options` asks. */
  asksUsage: boolean
  endUser: 'user' | 'safety_identifier'
  seed: 'seed' | 'random_seed'
  /** The words it knows. */
  efforts: readonly ReasoningEffort[]
  /**
   * How it is told to think: OpenAI's word; `thinking` (and the word), as DeepSeek has it; `reasoning` with words or
   * tokens, as OpenRouter has it.
   */
  reasoning: 'effort' | 'thinking' | 'object'
  /** How an assistant's turn that is to go on is marked. */
  prefill: 'none' | 'prefix' | 'continue'
  /** Ids of tool calls that it takes. */
  toolIds: 'up-to-40' | 'nine-letters'
  maxStops: number
  /** Takes Gemini's thought signatures of calls back, as Google's own compatible API has them. */
  takesThoughtSignatures: boolean
}>

/** What OpenAI's format has no place for. */
const outside: readonly Feature[] = ['unknown', 'cacheMarkers', 'reasoningHistory', 'topK', 'prefill', 'fileUrls']
/** Only with `store`, which nobody has asked for: OpenAI refuses it otherwise. */
const withStoreOnly: readonly Feature[] = ['metadata']

const openAiFeatures = without([...hints, ...parameters, ...contents], [...outside, ...withStoreOnly])

/** https://platform.openai.com/docs/api-reference/chat/create */
export const openAiRules = Object.freeze<ChatRules>({
  features: openAiFeatures,
  path: () => '/chat/completions',
  outputLimit: 'max_completion_tokens',
  systemRole: 'developer',
  takesLateSystem: true,
  takesUserAfterTool: true,
  asksUsage: true,
  endUser: 'safety_identifier',
  seed: 'seed',
  efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'],
  reasoning: 'effort',
  prefill: 'none',
  toolIds: 'up-to-40',
  maxStops: 4,
  takesThoughtSignatures: false,
})

/** What only OpenAI itself has, and those who run its models. */
const vendorOnly: readonly Feature[] = ['promptCacheKey', 'verbosity', 'serviceTier', 'files', 'fileIds', 'audio']

/** A server that speaks OpenAI's format about models of its own: what most of them have. */
export const compatibleRules = Object.freeze<ChatRules>({
  ...openAiRules,
  features: without(openAiFeatures, vendorOnly),
  outputLimit: 'max_tokens',
  systemRole: 'system',
  takesLateSystem: false,
  endUser: 'user',
  efforts: ['low', 'medium', 'high'],
  maxStops: Number.POSITIVE_INFINITY,
})

export function without(features: Iterable<Feature>, lacking: readonly Feature[]): ReadonlySet<Feature> {
  return new Set(features).difference(new Set(lacking))
}

export function including(features: Iterable<Feature>, more: readonly Feature[]): ReadonlySet<Feature> {
  return new Set([...features, ...more])
}
