// How long to wait after a failure: client-go's constants (0.8 s doubling to 30 s, plus up to as much again by chance,
// forgotten after two quiet minutes), so that a fleet of gateways weighs no more on an API server than its own controllers.
import type { Clock } from './clock.ts'

const firstDelayMs = 800
const longestDelayMs = 30_000
const resetAfterMs = 120_000

export class Backoff {
  readonly #clock: Clock
  #baseMs = firstDelayMs
  #lastFailureMs: number | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds to wait now: 0.8–1.6 s at first, 30–60 s in the end. Call once a failure. */
  nextDelayMs(): number {
    const nowMs = this.#clock.readNowMs()
    if (this.#lastFailureMs !== null && nowMs - this.#lastFailureMs > resetAfterMs) this.#baseMs = firstDelayMs
    this.#lastFailureMs = nowMs
    const delayMs = this.#baseMs * (1 + this.#clock.readRandom())
    this.#baseMs = Math.min(this.#baseMs * 2, longestDelayMs)
    return delayMs
  }
}
