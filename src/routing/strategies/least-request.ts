// The less busy one of two drawn by weight: nearly as even as asking all, and no herd runs to the one that is empty.
// M. Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, 2001.
import type { Candidate, Random, Strategy } from './strategy.ts'

export class LeastRequest implements Strategy {
  readonly #candidates: readonly Candidate[]
  readonly #random: Random

  constructor(candidates: readonly Candidate[], random: Random) {
    this.#candidates = candidates
    this.#random = random
  }

  pick(isOpen: Uint8Array): number {
    let total = 0
    for (let at = 0; at < this.#candidates.length; at++) {
      if (isOpen[at] === 1) total += this.#candidates[at]?.weight ?? 0
    }
    const first = this.#draw(isOpen, total, -1)
    const rest = total - (this.#candidates[first]?.weight ?? 0)
    const second = this.#draw(isOpen, rest, first)
    // Equally busy: the first, so that weights are exact while nothing is under way.
    return this.#readLoad(second) < this.#readLoad(first) ? second : first
  }

  /** `except`: not this one, unless it is the only one. */
  #draw(isOpen: Uint8Array, total: number, except: number): number {
    let left = this.#random() * total
    let last = except
    for (let at = 0; at < this.#candidates.length; at++) {
      if (isOpen[at] !== 1 || at === except) continue
      last = at
      left -= this.#candidates[at]?.weight ?? 0
      if (left < 0) return at
    }
    return last
  }

  #readLoad(at: number): number {
    const candidate = this.#candidates[at]
    return candidate === undefined ? Number.POSITIVE_INFINITY : candidate.load.active / candidate.weight
  }
}
