// A clock that a test moves by hand. Chance is fixed.
import type { Clock } from '../../../src/config/kubernetes/clock.ts'
import { until } from '../../support/until.ts'

type Timer = { callback: () => void; dueMs: number; delayMs: number }

export class FakeClock implements Clock {
  #nowMs = 1_000_000
  #timers = new Set<Timer>()
  readonly #random: number

  constructor(random = 0) {
    this.#random = random
  }

  readNowMs(): number {
    return this.#nowMs
  }

  readRandom(): number {
    return this.#random
  }

  startTimer(callback: () => void, delayMs: number): () => void {
    const timer = { callback, dueMs: this.#nowMs + delayMs, delayMs }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Lets time pass, and what is due happen in order. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0]
      if (due === undefined) break
      this.#nowMs = Math.max(this.#nowMs, due.dueMs)
      this.#timers.delete(due)
      due.callback()
    }
    this.#nowMs = untilMs
  }

  /** Timers that were started and neither fired nor cancelled, as the delays they were started with. */
  get delaysMs(): readonly number[] {
    return [...this.#timers].map((timer) => timer.delayMs)
  }

  /** Waits until a timer that is not `watchdogMs` long runs, lets it fire, and returns its delay. */
  async passDelay(watchdogMs = 90_000): Promise<number> {
    const delayMs = await until(() => this.delaysMs.find((each) => each !== watchdogMs), 'a delay')
    this.advance(delayMs)
    return delayMs
  }
}
