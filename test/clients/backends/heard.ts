// What a scripted backend understood of a request, in words that belong to no vendor: each backend reads its own format
// into this, so that one scenario can say of all of them what must have arrived.

export type HeardPart =
  | Readonly<{ kind: 'text'; text: string }>
  | Readonly<{ kind: 'image'; mediaType: string; data: string }>
  | Readonly<{ kind: 'image-url'; url: string }>
  | Readonly<{ kind: 'file'; mediaType: string; data: string; name: string | null }>
  | Readonly<{ kind: 'file-url'; url: string }>
  | Readonly<{ kind: 'file-id'; id: string }>
  | Readonly<{ kind: 'audio'; format: string; data: string }>
  | Readonly<{ kind: 'call'; id: string; name: string; input: unknown; signature: string | null }>
  | Readonly<{ kind: 'result'; id: string; name: string | null; parts: readonly HeardPart[]; isError: boolean }>
  | Readonly<{ kind: 'reasoning'; text: string; signature: string | null }>
  | Readonly<{ kind: 'redacted'; data: string }>
  | Readonly<{ kind: 'refusal'; text: string }>

export type HeardTurn = Readonly<{ role: 'user' | 'assistant'; parts: readonly HeardPart[] }>

export type HeardTool = Readonly<{
  name: string
  description: string | null
  schema: unknown
  isStrict: boolean
}>

/** Null or empty: it was not said. */
export type Heard = Readonly<{
  isStream: boolean
  system: readonly string[]
  turns: readonly HeardTurn[]
  tools: readonly HeardTool[]
  toolChoice: 'auto' | 'none' | 'required' | Readonly<{ name: string }> | null
  isSingleCall: boolean
  /** The schema the answer must obey, `{}` for any JSON. */
  format: unknown
  maxTokens: number | null
  stop: readonly string[]
  temperature: number | null
  topP: number | null
  topK: number | null
  seed: number | null
  frequencyPenalty: number | null
  presencePenalty: number | null
  logitBias: unknown
  /** -1: only those of the chosen tokens. */
  topLogprobs: number | null
  choices: number
  verbosity: string | null
  serviceTier: string | null
  endUser: string | null
  metadata: unknown
  cacheKey: string | null
  cacheMarkers: number
  reasoning: Readonly<{ effort: string | null; budget: number | null }> | null
  /** It asked for the usage at a stream's end (true where the vendor always says it). */
  wantsUsage: boolean
}>

export const nothingHeard: Heard = {
  isStream: false,
  system: [],
  turns: [],
  tools: [],
  toolChoice: null,
  isSingleCall: false,
  format: null,
  maxTokens: null,
  stop: [],
  temperature: null,
  topP: null,
  topK: null,
  seed: null,
  frequencyPenalty: null,
  presencePenalty: null,
  logitBias: null,
  topLogprobs: null,
  choices: 1,
  verbosity: null,
  serviceTier: null,
  endUser: null,
  metadata: null,
  cacheKey: null,
  cacheMarkers: 0,
  reasoning: null,
  wantsUsage: true,
}

export function listParts(heard: Heard): readonly HeardPart[] {
  return heard.turns.flatMap(({ parts }) => parts)
}

export function findParts<K extends HeardPart['kind']>(
  heard: Heard,
  kind: K,
): readonly Extract<HeardPart, { readonly kind: K }>[] {
  return listParts(heard).filter((part): part is Extract<HeardPart, { readonly kind: K }> => part.kind === kind)
}

/** Texts of a turn, joined. */
export function readText(parts: readonly HeardPart[]): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : '')).join('')
}
