// A clock for token sources that goes only when told.
import type { TokenClock } from '../../src/upstream/credentials/token-source.ts'

export class ManualClock implements TokenClock {
  nowMs = 1_000_000
  random = 0.5
  readonly #timers = new Set<Readonly<{ atMs: number; callback: () => void }>>()

  readonly readNowMs = () => this.nowMs
  readonly readRandom = () => this.random
  readonly startTimer = (callback: () => void, delayMs: number) => {
    const timer = { atMs: this.nowMs + delayMs, callback }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  /** Timers that are due run, in order. */
  advance(ms: number): void {
    this.nowMs += ms
    const due = [...this.#timers].filter(({ atMs }) => atMs <= this.nowMs).sort((one, two) => one.atMs - two.atMs)
    for (const timer of due) {
      this.#timers.delete(timer)
      timer.callback()
    }
  }
}
