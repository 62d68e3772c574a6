// What a simulated model server can be told: its address, its speed, its faults, its models.

export type SimulatorSettings = Readonly<{
  host: string
  /** 0: a free one. */
  port: number
  /** From the end of the request to the first token. */
  ttftMs: number
  /** Between two tokens of a stream; a unary answer takes as long as its stream would. */
  interTokenMs: number
  /** Share of requests, 0 to 1, that are answered with `failStatus`. */
  failRate: number
  failStatus: number
  /** Share of requests whose connection is reset: unary ones before the head, streams at any event. */
  resetRate: number
  /** Share of requests that go silent and stay open: unary ones before the head, streams at any event. */
  hangRate: number
  /** Tokens of an answer when the request sets no smaller limit. */
  answerTokens: number
  /** Same seed, same order of requests: same faults and same ids. */
  seed: number
  /** The model names that exist; null: every name is served. */
  models: readonly string[] | null
}>

export const defaultSimulatorSettings: SimulatorSettings = {
  host: '127.0.0.1',
  port: 8000,
  ttftMs: 5,
  interTokenMs: 1,
  failRate: 0,
  failStatus: 500,
  resetRate: 0,
  hangRate: 0,
  answerTokens: 32,
  seed: 1,
  models: null,
}
