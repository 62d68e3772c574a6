// What an operation makes of a request: a whole answer or the events of a stream. Pure data: it knows no socket
// and no clock, the server adds time and faults.

export type Answer =
  | Readonly<{
      kind: 'json'
      status: number
      body: string /** Tokens it takes to make, for its duration. */
      tokens: number
    }>
  | Readonly<{ kind: 'bytes'; contentType: string; body: Buffer }>
  /** `events` are whole server-sent events, blank line included, in order. */
  | Readonly<{ kind: 'events'; events: readonly string[] }>

/** A request after routing: its body parsed, its model settled. */
export type SimulatedRequest = Readonly<{
  body: JsonObject
  model: string
  /** A fresh suffix for ids: the same for the same seed and order of requests. */
  id: string
  createdSeconds: number
  answerTokens: number
}>

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function jsonAnswer(value: unknown, tokens = 1): Answer {
  return { kind: 'json', status: 200, body: JSON.stringify(value), tokens }
}
