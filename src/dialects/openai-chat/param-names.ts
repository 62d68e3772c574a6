// How a chat request says each feature, so that an error can name the field that the client wrote.
import type { Feature } from '../../conversation/feature.ts'

const fixedNames: Readonly<Partial<Record<Feature, string>>> = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  choices: 'n',
  logitBias: 'logit_bias',
  serviceTier: 'service_tier',
  singleToolCall: 'parallel_tool_calls',
  toolChoice: 'tool_choice',
  jsonObject: 'response_format',
  jsonSchema: 'response_format',
  reasoning: 'reasoning_effort',
  endUser: 'user',
  promptCacheKey: 'prompt_cache_key',
  cacheMarkers: 'cache_control',
  reasoningHistory: 'messages',
  images: 'messages',
  imageUrls: 'messages',
  imageDetail: 'messages',
  files: 'messages',
  fileUrls: 'messages',
  fileIds: 'messages',
  audio: 'messages',
  toolResultMedia: 'messages',
  names: 'messages',
  prefill: 'messages',
  strictTools: 'tools',
}

/** Of each feature the first place where it was used. */
export class ParamNames {
  readonly #noted = new Map<Feature, string>()

  note(feature: Feature, param: string): void {
    if (!this.#noted.has(feature)) this.#noted.set(feature, param)
  }

  readonly paramOf = (feature: Feature): string => this.#noted.get(feature) ?? fixedNames[feature] ?? feature
}
