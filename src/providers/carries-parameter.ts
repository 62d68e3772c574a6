// Can a provider carry a default of `spec.parameters`? Told when the object is read, so that no client is blamed for it.
import { type Feature, UnsupportedFeature } from '../conversation/feature.ts'
import { plainConversation } from '../conversation/plain-conversation.ts'
import { isRecord } from '../is-record.ts'
import type { Operation } from './operation.ts'
import type { Call, Provider } from './provider.ts'

/** By the names of the client APIs: what they are called is what they mean, whichever of them says it. */
const featuresByName: Readonly<Record<string, Feature>> = {
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
  seed: 'seed',
  stop: 'stop',
  n: 'choices',
  logit_bias: 'logitBias',
  logprobs: 'logprobs',
  top_logprobs: 'logprobs',
  verbosity: 'verbosity',
  service_tier: 'serviceTier',
  parallel_tool_calls: 'singleToolCall',
  tool_choice: 'toolChoice',
  tools: 'tools',
  reasoning_effort: 'reasoning',
  thinking: 'reasoning',
  reasoning: 'reasoning',
  user: 'endUser',
  safety_identifier: 'endUser',
  metadata: 'metadata',
  prompt_cache_key: 'promptCacheKey',
}

/** Names above that OpenAI's Responses API has none of. */
const notInResponses: ReadonlySet<string> = new Set(['top_k', 'verbosity', 'thinking'])

/** Names that only Anthropic's API has. */
const featuresOfMessages: Readonly<Record<string, Feature>> = { stop_sequences: 'stop', output_config: 'reasoning' }

/** What would be so without them. */
const neutralValues: Readonly<Record<string, unknown>> = {
  n: 1,
  logprobs: false,
  top_logprobs: 0,
  frequency_penalty: 0,
  presence_penalty: 0,
  parallel_tool_calls: true,
  service_tier: 'auto',
  tool_choice: 'auto',
}

/** Every provider carries them. */
const outputLimits: ReadonlySet<string> = new Set(['max_tokens', 'max_completion_tokens', 'max_output_tokens'])

const conversations: ReadonlySet<Operation> = new Set(['chat/completions', 'messages', 'responses'])

/** `name`: as the operation has it. True also for what nobody can tell beforehand. */
export function carriesParameter(
  provider: Provider,
  operation: Operation,
  call: Call,
  name: string,
  value: unknown,
): boolean {
  const { chat } = provider
  if (provider.operationPath(operation, call) !== null) {
    // The server reads the client's own words, but the model may have no sampling to set (Claude from 4.7 on).
    const feature = Object.hasOwn(featuresByName, name) ? featuresByName[name] : undefined
    const isSampling = chat !== null && conversations.has(operation) && sampling.some((known) => known === feature)
    return !isSampling || value === null || takesValue(provider, call, feature, value)
  }
  if (chat === null || !conversations.has(operation)) return provider.unary[operation] !== undefined
  if (outputLimits.has(name) || neutralValues[name] === value || value === null) return true
  const feature = findFeature(operation, name, value)
  if (feature === null) return true
  return chat.features.has(feature) && takesValue(provider, call, feature, value)
}

/** Null: nothing is asked for. */
function findFeature(operation: Operation, name: string, value: unknown): Feature | null {
  if (name === 'response_format' && isRecord(value)) {
    if (value.type === 'text') return null
    return value.type === 'json_object' ? 'jsonObject' : 'jsonSchema'
  }
  if (operation === 'responses' && notInResponses.has(name)) return 'unknown'
  const known = operation === 'messages' ? { ...featuresByName, ...featuresOfMessages } : featuresByName
  return Object.hasOwn(known, name) ? (known[name] ?? 'unknown') : 'unknown'
}

const sampling = ['temperature', 'topP', 'topK', 'frequencyPenalty', 'presencePenalty', 'seed'] as const

/** A provider may have a feature, but not for this value: asked of itself. */
function takesValue({ chat }: Provider, call: Call, feature: Feature | undefined, value: unknown): boolean {
  const named = sampling.find((known) => known === feature)
  const plain = { ...plainConversation, model: call.model }
  const asked =
    named !== undefined && typeof value === 'number'
      ? { ...plain, [named]: value }
      : feature === 'stop' && Array.isArray(value)
        ? { ...plain, stop: value.map(String) }
        : plain
  try {
    chat?.encode(asked, call)
    return true
  } catch (error) {
    // Whatever else it may want of a request, this is none.
    return !(error instanceof UnsupportedFeature && error.feature === feature)
  }
}
