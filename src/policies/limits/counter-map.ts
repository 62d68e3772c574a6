// The counts of one limit by key, in bounded memory and without timers: whole generations are let go, never single ones
// (taking the oldest out of a Map one by one walks over all that were taken out before). Counting is the store's.
import type { LimitWindow } from '../../routing/limit.ts'
import { nothing, type Quantity } from '../../routing/quantity.ts'
import { findLongestMs, findPeriodEndMs } from './calendar.ts'

export type Counter = {
  used: Quantity
  /** The part of it that is reserves. */
  held: Quantity
  /** By the clock of the limit's kind of window; infinite for concurrency. */
  endsMs: number
}

/** A generation's most counts. Beyond it the oldest generation starts anew: a flood of addresses must not fill memory. */
const maxGeneration = 100_000

export class CounterMap {
  readonly #window: LimitWindow | null
  readonly #longestMs: number
  #recent = new Map<string, Counter>()
  #older: Map<string, Counter> | null = null
  /** From here on every older count has ended. */
  #turnsMs = Number.POSITIVE_INFINITY

  /** `window` null: counts are deleted by who made them, and are never let go. */
  constructor(window: LimitWindow | null) {
    this.#window = window
    this.#longestMs = findLongestMs(window)
  }

  get size(): number {
    return this.#recent.size + (this.#older === null ? 0 : this.#older.size)
  }

  get hasWindow(): boolean {
    return this.#window !== null
  }

  get isCalendar(): boolean {
    return this.#window?.kind === 'calendar'
  }

  /** Undefined: there is none, or its window is over. */
  find(key: string, nowMs: number): Counter | undefined {
    const counter = this.#recent.get(key) ?? this.#older?.get(key)
    if (counter === undefined) return undefined
    const restMs = counter.endsMs - nowMs
    // One that ends too far away was made by a clock that has been set back since: nobody waits years for a mistake.
    return restMs > 0 && restMs <= this.#longestMs ? counter : undefined
  }

  /** The count takes the place of one that has ended. */
  create(key: string, nowMs: number): Counter {
    const endsMs = this.findEndMs(nowMs)
    if (this.#window !== null && (nowMs >= this.#turnsMs || this.#recent.size >= maxGeneration)) this.turn()
    if (this.#recent.size === 0) this.#turnsMs = endsMs
    const counter: Counter = { used: nothing, held: nothing, endsMs }
    this.#recent.set(key, counter)
    return counter
  }

  /** When a window that begins now ends. */
  findEndMs(nowMs: number): number {
    const window = this.#window
    if (window === null) return Number.POSITIVE_INFINITY
    return window.kind === 'fixed' ? nowMs + window.seconds * 1000 : findPeriodEndMs(window.period, nowMs)
  }

  /** Lets the older half go. */
  turn(): void {
    this.#older = this.#recent
    this.#recent = new Map()
  }

  delete(key: string, counter: Counter): void {
    if (this.#recent.get(key) === counter) this.#recent.delete(key)
  }
}
