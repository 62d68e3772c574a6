// What a text model answers, in words that belong to no vendor: what every provider decodes into and every dialect
// renders from. A unary answer is the same events, each part in one piece.

/** Whole numbers from 0. */
export type AnswerUsage = Readonly<{
  /** All of the input, what was read from and written to a cache among it. */
  input: number
  /** All of the output, reasoning among it. */
  output: number
  cachedInput: number
  cacheWriteInput: number
  reasoning: number
}>

export type StopReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  | 'pause'
  | 'context-window'

/** `bytes`: UTF-8. https://platform.openai.com/docs/api-reference/chat/object#chat/object-choices-logprobs */
export type TokenLogprob = Readonly<{
  token: string
  logprob: number
  bytes: readonly number[] | null
  top: readonly Readonly<{ token: string; logprob: number; bytes: readonly number[] | null }>[]
}>

/** An error in a backend's own words. */
export type BackendError = Readonly<{
  /** HTTP status; of an error inside a stream the one it stands for. */
  status: number
  /** What is wrong, for the client. Never a credential or an address. */
  message: string
  /** The backend's own code or type, null for none. */
  code: string | null
  /** The request field at fault, null where it doesn't say. */
  param: string | null
  /** The input is longer than the model's context window: a larger model may take it. */
  isContextOverflow: boolean
  /** Whole seconds until another try makes sense, where the error's body says so. */
  retryAfterSeconds?: number
}>

/**
 * In order: `start`; of each choice its parts, one after another (a part begins with its first event and ends with
 * `part-end`, with the first event of another kind, or with `stop`); `stop` of each choice; `usage` at any time, the
 * last one counts, all of it; `end`. `error` may come at any time and is the last.
 */
export type AnswerEvent =
  | Readonly<{ type: 'start'; id: string | null; model: string | null; createdSeconds: number | null }>
  | Readonly<{ type: 'text'; choice: number; text: string }>
  | Readonly<{ type: 'refusal'; choice: number; text: string }>
  | Readonly<{ type: 'reasoning'; choice: number; text: string }>
  /** Of the reasoning part under way (or of an empty one); the last event of that part. */
  | Readonly<{ type: 'reasoning-signature'; choice: number; signature: string }>
  /** A part of its own. */
  | Readonly<{ type: 'redacted-reasoning'; choice: number; data: string }>
  /** A call begins. `call` counts the calls of a choice from 0. */
  | Readonly<{ type: 'tool-call'; choice: number; call: number; id: string; name: string; signature: string | null }>
  /** The next piece of the JSON text of a call's arguments. Calls may be interleaved. */
  | Readonly<{ type: 'tool-arguments'; choice: number; call: number; json: string }>
  | Readonly<{ type: 'part-end'; choice: number }>
  /** Of the text just said. */
  | Readonly<{ type: 'logprobs'; choice: number; content: readonly TokenLogprob[] }>
  | Readonly<{ type: 'stop'; choice: number; reason: StopReason; stopSequence: string | null }>
  | Readonly<{ type: 'usage'; usage: AnswerUsage }>
  | Readonly<{ type: 'error'; error: BackendError }>
  /** The protocol's own end: the answer is whole. */
  | Readonly<{ type: 'end' }>
