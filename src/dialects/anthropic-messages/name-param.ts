// What Anthropic's clients call a feature, for errors: the field, or the place where it is used first.
import type { Feature } from '../../conversation/feature.ts'

const names: Readonly<Record<Feature, string>> = {
  cacheMarkers: 'cache_control',
  endUser: 'metadata.user_id',
  metadata: 'metadata',
  promptCacheKey: 'prompt_cache_key',
  imageDetail: 'detail',
  reasoningHistory: 'thinking',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  seed: 'seed',
  stop: 'stop_sequences',
  choices: 'n',
  logitBias: 'logit_bias',
  logprobs: 'logprobs',
  verbosity: 'verbosity',
  serviceTier: 'service_tier',
  strictTools: 'tools',
  singleToolCall: 'tool_choice.disable_parallel_tool_use',
  toolChoice: 'tool_choice',
  jsonObject: 'output_config.format',
  jsonSchema: 'output_config.format',
  reasoning: 'thinking',
  unknown: 'messages',
  tools: 'tools',
  images: 'messages',
  imageUrls: 'messages',
  files: 'messages',
  fileUrls: 'messages',
  fileIds: 'messages',
  audio: 'messages',
  toolResultMedia: 'messages',
  names: 'messages',
  prefill: 'messages',
}

/** `places`: paths noted while the request was parsed. */
export function nameParam(feature: Feature, places: ReadonlyMap<Feature, string>): string {
  return places.get(feature) ?? names[feature]
}
