// In turns, by weight: smooth weighted round robin as nginx has it, spread evenly and exact over a cycle.
import type { Candidate, Strategy } from './strategy.ts'

export class RoundRobin implements Strategy {
  readonly #keys: readonly string[]
  readonly #weights: Float64Array
  /** What each has been passed over by so far; their sum stays 0 while the same ones are open. */
  readonly #credits: Float64Array

  /** `previous`: who had these turns before; those that are still there keep their place in the cycle. */
  constructor(candidates: readonly Candidate[], previous: RoundRobin | null) {
    this.#keys = candidates.map(({ key }) => key)
    this.#weights = Float64Array.from(candidates, ({ weight }) => weight)
    const before = previous?.readCredits()
    const total = sum(this.#weights)
    this.#credits = Float64Array.from(this.#keys, (key) => (before?.get(key) ?? 0) * total)
  }

  /** As parts of a cycle: who waited half of a long cycle is owed no more than half of a short one. */
  readCredits(): ReadonlyMap<string, number> {
    const total = sum(this.#weights)
    return new Map(this.#keys.map((key, at) => [key, (this.#credits[at] ?? 0) / total]))
  }

  pick(isOpen: Uint8Array): number {
    const credits = this.#credits
    const weights = this.#weights
    let total = 0
    let best = 0
    let bestCredit = Number.NEGATIVE_INFINITY
    for (let at = 0; at < weights.length; at++) {
      if (isOpen[at] !== 1) continue
      const weight = weights[at] ?? 0
      const credit = (credits[at] ?? 0) + weight
      credits[at] = credit
      total += weight
      if (credit > bestCredit) {
        bestCredit = credit
        best = at
      }
    }
    credits[best] = bestCredit - total
    return best
  }
}

function sum(weights: Float64Array): number {
  return weights.reduce((total, weight) => total + weight, 0)
}
