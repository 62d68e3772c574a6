// Counts in this process. Synchronous: between asking and counting nobody else runs. No timers: what has ended is
// forgotten when somebody else comes.
import type { Limit } from '../../routing/limit.ts'
import { addQuantities, isLess, nothing, subtractQuantities } from '../../routing/quantity.ts'
import { type Counter, CounterMap } from './counter-map.ts'
import type { Acquisition, Charge, Hold, LimitStore, RefusedState } from './store.ts'

export type LimitClock = Readonly<{
  /** Milliseconds that never go back. */
  nowMs: () => number
  /** Unix milliseconds, for calendar windows. */
  epochMs: () => number
}>

export const systemClock: LimitClock = Object.freeze({ nowMs: () => performance.now(), epochMs: () => Date.now() })

/** Of all limits together, about 150 MB. Beyond it the limit that has the most lets its older half go. */
const maxCounters = 1_000_000

const noCount = Object.freeze({ used: nothing, held: nothing })

export class MemoryLimitStore implements LimitStore {
  readonly #clock: LimitClock
  /** By limit id: counts outlive tables, and a limit whose amount was changed goes on with its own. */
  readonly #maps = new Map<string, CounterMap>()
  /** Counts made since they were last counted: never too low. */
  #size = 0

  constructor(clock: LimitClock = systemClock) {
    this.#clock = clock
  }

  acquire(charges: readonly Charge[]): Acquisition {
    // Whole milliseconds: sums of fractions are not exact, and 1000.0000001 ms would be told as two seconds.
    const nowMs = Math.floor(this.#clock.nowMs())
    // Read once: a clock that is set between two limits of a request must not make a window end before it began.
    let epochMs = 0
    const found: (Counter | undefined)[] = []
    const maps: CounterMap[] = []
    let isRefused = false
    for (const { limit, key } of charges) {
      const map = this.#readMap(limit)
      if (map.isCalendar && epochMs === 0) epochMs = this.#clock.epochMs()
      const counter = map.find(key, map.isCalendar ? epochMs : nowMs)
      maps.push(map)
      found.push(counter)
      if (counter !== undefined && !isLess(counter.used, limit.amount)) isRefused = true
    }
    const states: RefusedState[] = []
    const taken: Counter[] = []
    let hasHold = false
    for (let at = 0; at < charges.length; at++) {
      const charge = charges[at]
      const map = maps[at]
      if (charge === undefined || map === undefined) continue
      const { limit, key, amount } = charge
      const limitNowMs = map.isCalendar ? epochMs : nowMs
      let counter = found[at]
      if (!isRefused) {
        counter ??= this.#create(map, key, limitNowMs)
        counter.used = addQuantities(counter.used, amount)
        taken.push(counter)
        if (limit.unit !== 'requests') {
          hasHold = true
          if (limit.unit !== 'concurrency') counter.held = addQuantities(counter.held, amount)
        }
      }
      const endsMs = counter === undefined ? map.findEndMs(limitNowMs) : counter.endsMs
      const resetMs = map.hasWindow ? endsMs - limitNowMs : null
      const { used, held } = counter ?? noCount
      states.push({ limit, used, held, resetMs })
    }
    if (isRefused) return { outcome: 'refused', states }
    return { outcome: 'admitted', states, hold: hasHold ? createHold(charges, maps, taken) : null }
  }

  /** Permits are kept while somebody holds them: their limit may come back before their streams end. */
  sweep(inUse: ReadonlySet<string>): void {
    for (const [id, map] of this.#maps) {
      if (!inUse.has(id) && (map.hasWindow || map.size === 0)) this.#maps.delete(id)
    }
    this.#size = this.#countAll()
  }

  async stop(): Promise<void> {}

  #readMap(limit: Limit): CounterMap {
    let map = this.#maps.get(limit.id)
    if (map === undefined) {
      map = new CounterMap(limit.window)
      this.#maps.set(limit.id, map)
    }
    return map
  }

  #create(map: CounterMap, key: string, nowMs: number): Counter {
    if (map.hasWindow && ++this.#size > maxCounters) {
      this.#size = this.#countAll()
      while (this.#size > maxCounters) this.#shed()
    }
    return map.create(key, nowMs)
  }

  #shed(): void {
    let largest: CounterMap | null = null
    for (const map of this.#maps.values()) {
      if (map.hasWindow && (largest === null || map.size > largest.size)) largest = map
    }
    if (largest === null) return
    largest.turn()
    this.#size = this.#countAll()
  }

  #countAll(): number {
    let size = 0
    for (const map of this.#maps.values()) if (map.hasWindow) size += map.size
    return size
  }
}

function createHold(charges: readonly Charge[], maps: readonly CounterMap[], taken: readonly Counter[]): Hold {
  return {
    settle: (used) => {
      for (let at = 0; at < charges.length; at++) {
        const charge = charges[at]
        const counter = taken[at]
        if (charge === undefined || counter === undefined) continue
        const { limit, key, amount } = charge
        if (limit.unit === 'requests') continue
        // A count whose window has ended belongs to nobody any more: this changes nothing then.
        const rest = subtractQuantities(counter.used, amount)
        if (limit.unit === 'concurrency') {
          counter.used = rest
          if (rest.whole === 0) maps[at]?.delete(key, counter)
        } else {
          counter.used = addQuantities(rest, used[at] ?? nothing)
          counter.held = subtractQuantities(counter.held, amount)
        }
      }
    },
  }
}
