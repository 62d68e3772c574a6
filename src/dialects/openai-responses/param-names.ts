// How a request of the Responses API says each feature, so that an error can name the field that the client wrote.
import type { Feature } from '../../conversation/feature.ts'

const fixedNames: Readonly<Partial<Record<Feature, string>>> = {
  topP: 'top_p',
  logprobs: 'top_logprobs',
  verbosity: 'text.verbosity',
  serviceTier: 'service_tier',
  strictTools: 'tools',
  singleToolCall: 'parallel_tool_calls',
  toolChoice: 'tool_choice',
  jsonObject: 'text.format',
  jsonSchema: 'text.format',
  endUser: 'user',
  promptCacheKey: 'prompt_cache_key',
  cacheMarkers: 'prompt_cache_breakpoint',
  imageDetail: 'input',
  reasoningHistory: 'input',
  images: 'input',
  imageUrls: 'input',
  files: 'input',
  fileUrls: 'input',
  fileIds: 'input',
  toolResultMedia: 'input',
  prefill: 'input',
}

/** Of each feature the first place where it was used. */
export class ParamNames {
  readonly #noted = new Map<Feature, string>()

  note(feature: Feature, param: string): void {
    if (!this.#noted.has(feature)) this.#noted.set(feature, param)
  }

  isNoted(feature: Feature): boolean {
    return this.#noted.has(feature)
  }

  readonly paramOf = (feature: Feature): string => this.#noted.get(feature) ?? fixedNames[feature] ?? feature
}
