// What a conversation may use that not every provider has, each by one name: what a provider declares, what an error
// names, what the matrix in the README lists.

/** Left out where a provider has no such thing, and named in `x-sluice-dropped`: the answer means the same without it. */
export const hints = [
  'cacheMarkers',
  'endUser',
  'metadata',
  'promptCacheKey',
  'imageDetail',
  /** Reasoning of earlier turns, which only the provider that wrote it can use. */
  'reasoningHistory',
  /** Reasoning of earlier turns under a seal that only the servers which wrote it can open. */
  'sealedReasoning',
] as const

/** How the answer is to be made: refused by name where a provider has no such thing, unless it is said to drop it. */
export const parameters = [
  'temperature',
  'topP',
  'topK',
  'frequencyPenalty',
  'presencePenalty',
  'seed',
  'stop',
  'choices',
  'logitBias',
  'logprobs',
  'verbosity',
  'serviceTier',
  'strictTools',
  /** `false` said in so many words; true is what every provider does. */
  'singleToolCall',
  'toolChoice',
  'jsonObject',
  'jsonSchema',
  'reasoning',
  /** A field that Sluice has no word for. */
  'unknown',
] as const

/** What the conversation is made of: refused always, since nobody would expect an answer to half of it. */
export const contents = [
  'tools',
  'images',
  'imageUrls',
  'files',
  'fileUrls',
  'fileIds',
  'audio',
  'toolResultMedia',
  'names',
  /** The last turn is the assistant's, and the answer is to go on where it ends. */
  'prefill',
] as const

export type Hint = (typeof hints)[number]
export type Parameter = (typeof parameters)[number]
export type Content = (typeof contents)[number]
export type Feature = Hint | Parameter | Content

const hintSet: ReadonlySet<string> = new Set(hints)
const parameterSet: ReadonlySet<string> = new Set(parameters)

export function isHint(feature: Feature): feature is Hint {
  return hintSet.has(feature)
}

export function isParameter(feature: Feature): feature is Parameter {
  return parameterSet.has(feature)
}

/**
 * Thrown by an encoder where a provider has a feature, but not for this value (a temperature over 1, a URL it would not
 * fetch). `publicText` says which; the caller turns it into `unsupported_parameter`, or drops the feature.
 */
export class UnsupportedFeature extends Error {
  readonly feature: Feature
  readonly publicText: string

  constructor(feature: Feature, publicText: string) {
    super(publicText)
    this.name = 'UnsupportedFeature'
    this.feature = feature
    this.publicText = publicText
  }
}
