// Counts in this process. Synchronous: between asking and counting nobody else runs. No timers: what has ended is
// forgotten when somebody else comes.
import type { Limit } from '../../routing/limit.ts'
import { addQuantities, isLess, nothing, type Quantity, subtractQuantities } from '../../routing/quantity.ts'
import { findPeriodEndMs } from './calendar.ts'
import type { Acquisition, Charge, Hold, LimitState, LimitStore } from './store.ts'

export type LimitClock = Readonly<{
  /** Milliseconds that never go back. */
  nowMs: () => number
  /** Unix milliseconds, for calendar windows. */
  epochMs: () => number
}>

export const systemClock: LimitClock = Object.freeze({ nowMs: () => performance.now(), epochMs: () => Date.now() })

type Counter = {
  used: Quantity
  /** By the clock of the limit's kind of window; infinite for concurrency. */
  endsMs: number
}

/** Beyond this many counts of one limit those that began first start anew: a flood of addresses must not fill memory. */
const maxCountersOfALimit = 200_000

export class MemoryLimitStore implements LimitStore {
  readonly #clock: LimitClock
  /** By limit id, then by key. Counters of one limit end in the order they were made in. */
  readonly #counters = new Map<string, Map<string, Counter>>()

  constructor(clock: LimitClock = systemClock) {
    this.#clock = clock
  }

  acquire(charges: readonly Charge[]): Acquisition {
    const counters: (Counter | undefined)[] = []
    let isRefused = false
    for (const { limit, key } of charges) {
      const counter = this.#find(limit, key)
      counters.push(counter)
      if (counter !== undefined && !isLess(counter.used, limit.amount)) isRefused = true
    }
    const states: LimitState[] = []
    if (isRefused) {
      for (const [at, { limit }] of charges.entries()) states.push(this.#describe(limit, counters[at]))
      return { outcome: 'refused', states }
    }
    const taken: Counter[] = []
    let hasHold = false
    for (const [at, { limit, key, amount }] of charges.entries()) {
      const counter = counters[at] ?? this.#create(limit, key)
      counter.used = addQuantities(counter.used, amount)
      taken.push(counter)
      hasHold ||= limit.unit !== 'requests'
      states.push(this.#describe(limit, counter))
    }
    return { outcome: 'admitted', states, hold: hasHold ? this.#hold(charges, taken) : null }
  }

  sweep(inUse: ReadonlySet<string>): void {
    for (const id of this.#counters.keys()) if (!inUse.has(id)) this.#counters.delete(id)
  }

  async stop(): Promise<void> {}

  #hold(charges: readonly Charge[], taken: readonly Counter[]): Hold {
    return {
      settle: (used) => {
        for (const [at, { limit, key, amount }] of charges.entries()) {
          const counter = taken[at]
          if (counter === undefined || limit.unit === 'requests') continue
          const rest = subtractQuantities(counter.used, amount)
          counter.used = limit.unit === 'concurrency' ? rest : addQuantities(rest, used[at] ?? nothing)
          if (limit.unit === 'concurrency' && counter.used.whole === 0) this.#forget(limit, key, counter)
        }
      },
    }
  }

  #find(limit: Limit, key: string): Counter | undefined {
    const counter = this.#counters.get(limit.id)?.get(key)
    return counter === undefined || counter.endsMs > this.#now(limit) ? counter : undefined
  }

  #create(limit: Limit, key: string): Counter {
    let counters = this.#counters.get(limit.id)
    if (counters === undefined) {
      counters = new Map()
      this.#counters.set(limit.id, counters)
    }
    const nowMs = this.#now(limit)
    // Behind those that end earlier, whether or not it had ended itself.
    counters.delete(key)
    let looked = 0
    for (const [oldKey, old] of counters) {
      if ((old.endsMs > nowMs || ++looked > 2) && counters.size < maxCountersOfALimit) break
      counters.delete(oldKey)
    }
    const counter: Counter = { used: nothing, endsMs: findEndMs(limit, nowMs) }
    counters.set(key, counter)
    return counter
  }

  #forget(limit: Limit, key: string, counter: Counter): void {
    const counters = this.#counters.get(limit.id)
    if (counters?.get(key) === counter) counters.delete(key)
  }

  #describe(limit: Limit, counter: Counter | undefined): LimitState {
    if (limit.window === null) return { limit, used: counter?.used ?? nothing, resetMs: null }
    const nowMs = this.#now(limit)
    return { limit, used: counter?.used ?? nothing, resetMs: (counter?.endsMs ?? findEndMs(limit, nowMs)) - nowMs }
  }

  #now({ window }: Limit): number {
    return window?.kind === 'calendar' ? this.#clock.epochMs() : this.#clock.nowMs()
  }
}

function findEndMs({ window }: Limit, nowMs: number): number {
  if (window === null) return Number.POSITIVE_INFINITY
  return window.kind === 'fixed' ? nowMs + window.seconds * 1000 : findPeriodEndMs(window.period, nowMs)
}
