// Remembers for a moment which counts of requests have refused: the rest of a flood is refused before its bodies are
// read, and without asking a store. Refuses nothing that the store would admit: such a count only grows until it ends.
import type { Limit } from '../../routing/limit.ts'
import type { Charge, RefusedState } from './store.ts'

/** `key`: whose count it is. */
type Known = Readonly<{ key: string; state: RefusedState }>
type Entry = Readonly<{ known: readonly Known[]; notedMs: number; untilMs: number }>

/** Long enough for a flood, short for a count that somebody has set back by hand. */
const rememberedMs = 1_000
/** Of one limit. Beyond it all are forgotten: the store still knows. */
const maxEntries = 10_000

export class ExhaustedLimits {
  /** By the limit's identity: one that was changed is another. */
  readonly #entries = new WeakMap<Limit, Map<string, Entry>>()
  readonly #nowMs: () => number
  #lastNotedMs = Number.NEGATIVE_INFINITY

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /**
   * A store's refusal. Remembered only if counts of requests alone refused: a reserve or a permit may come back at any
   * moment, and a wait that ends before theirs would be a lie.
   */
  note(charges: readonly Charge[], states: readonly RefusedState[]): void {
    const refusing = states.filter(isRefusing)
    if (!refusing.every(({ limit }) => limit.unit === 'requests')) return
    const notedMs = this.#nowMs()
    this.#lastNotedMs = notedMs
    const known = states.flatMap((state) => {
      const charge = charges.find(({ limit }) => limit === state.limit)
      return charge === undefined ? [] : [{ key: charge.key, state }]
    })
    for (const { key, state } of known) {
      const { limit, resetMs } = state
      if (!isRefusing(state) || resetMs === null) continue
      let byKey = this.#entries.get(limit)
      if (byKey === undefined || byKey.size >= maxEntries) {
        byKey = new Map()
        this.#entries.set(limit, byKey)
      }
      byKey.set(key, { known, notedMs, untilMs: notedMs + Math.min(resetMs, rememberedMs) })
    }
  }

  /** Nothing is remembered: nobody need ask. */
  get isEmpty(): boolean {
    return this.#nowMs() - this.#lastNotedMs >= rememberedMs
  }

  /**
   * If one of these counts is known to refuse: all of them as they were then; else null. Null, too, where it refused
   * another caller: what this one's own counts say, which may last longer, only the store knows.
   */
  find(charges: readonly Charge[]): readonly RefusedState[] | null {
    for (const { limit, key } of charges) {
      const byKey = this.#entries.get(limit)
      const entry = byKey?.get(key)
      if (entry === undefined) continue
      const nowMs = this.#nowMs()
      if (nowMs >= entry.untilMs) {
        byKey?.delete(key)
        continue
      }
      const states = describe(entry, charges, nowMs)
      if (states.length === charges.length) return states
    }
    return null
  }
}

function isRefusing({ limit, used }: RefusedState): boolean {
  return used.whole >= limit.amount.whole
}

/** Only these counts: of a limit that many share, such as the route's, another caller may have been refused. */
function describe({ known, notedMs }: Entry, charges: readonly Charge[], nowMs: number): readonly RefusedState[] {
  return known
    .filter(({ key, state }) => charges.some((charge) => charge.limit === state.limit && charge.key === key))
    .map(({ state }) => ({
      ...state,
      resetMs: state.resetMs === null ? null : Math.max(1, state.resetMs - Math.round(nowMs - notedMs)),
    }))
}
