// What a scripted model says, in words that belong to no vendor: each backend writes it in its own format.

export type SaidPart =
  /** `pieces`: as a stream cuts them. */
  | Readonly<{ kind: 'text'; pieces: readonly string[] }>
  | Readonly<{ kind: 'reasoning'; pieces: readonly string[]; signature: string | null }>
  | Readonly<{ kind: 'redacted'; data: string }>
  /** `json`: the arguments' text in pieces. `signature`: of vendors that sign calls. */
  | Readonly<{ kind: 'call'; name: string; json: readonly string[]; signature: string | null }>
  | Readonly<{ kind: 'refusal'; text: string }>

export type SaidStop = 'stop' | 'length' | 'calls' | 'stop-sequence' | 'filter' | 'refusal'

/** Totals: `input` with what was cached, `output` with what was thought. */
export type SaidUsage = Readonly<{
  input: number
  cached: number
  cacheWrite: number
  output: number
  reasoning: number
}>

export type Said = Readonly<{
  parts: readonly SaidPart[]
  stop: SaidStop
  stopSequence: string | null
  usage: SaidUsage
  /** How many answers; all the same. */
  choices: number
  hasLogprobs: boolean
}>

/** How an answer fails: in the vendor's own shape. */
export type SaidError = Readonly<{
  status: 400 | 401 | 404 | 429 | 500 | 503
  /** Anthropic's 529, for those that have no such status their own overload. */
  isOverloaded?: boolean
  message: string
  /** The input is longer than the model's context window: each vendor says so in words of its own. */
  isTooLong?: boolean
  retryAfterSeconds?: number
}>

export type Reply =
  | Readonly<{ kind: 'said'; said: Said }>
  | Readonly<{ kind: 'error'; error: SaidError }>
  /** 200 and a stream whose first event is an error. */
  | Readonly<{ kind: 'stream-error'; error: SaidError }>
  /** A stream that is cut after some of the answer. */
  | Readonly<{ kind: 'cut'; said: Said }>
  /** A stream that says an error after some of the answer. */
  | Readonly<{ kind: 'late-error'; said: Said; error: SaidError }>
  /** The connection is reset before any answer. */
  | Readonly<{ kind: 'reset' }>

export const plainUsage: SaidUsage = { input: 21, cached: 0, cacheWrite: 0, output: 9, reasoning: 0 }

export function say(parts: readonly SaidPart[], more: Partial<Said> = {}): Reply {
  const stop = parts.some(({ kind }) => kind === 'call') ? 'calls' : 'stop'
  return {
    kind: 'said',
    said: { parts, stop, stopSequence: null, usage: plainUsage, choices: 1, hasLogprobs: false, ...more },
  }
}

export function textPart(...pieces: readonly string[]): SaidPart {
  return { kind: 'text', pieces }
}

/** A call whose arguments come in pieces of seven characters. */
export function callPart(name: string, input: unknown, signature: string | null = null): SaidPart {
  return { kind: 'call', name, json: JSON.stringify(input).match(/.{1,7}/gsu) ?? [], signature }
}

export function joinText(said: Said): string {
  return said.parts.flatMap((part) => (part.kind === 'text' ? part.pieces : [])).join('')
}
