// The less busy one of two drawn by weight: nearly as even as asking all, and no herd runs to the one that is empty.
// M. Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, 2001.
import type { Candidate, Random, Strategy } from './strategy.ts'
import { WeightedDraw } from './weighted-draw.ts'

export class LeastRequest implements Strategy {
  readonly #candidates: readonly Candidate[]
  readonly #draw: WeightedDraw

  constructor(candidates: readonly Candidate[], random: Random) {
    this.#candidates = candidates
    this.#draw = new WeightedDraw(candidates, random)
  }

  pick(isOpen: Uint8Array): number {
    const first = this.#draw.draw(isOpen, -1)
    const second = this.#draw.draw(isOpen, first)
    // Equally busy: the first, so that weights are exact while nothing is under way.
    return second !== -1 && this.#readLoad(second) < this.#readLoad(first) ? second : first
  }

  #readLoad(at: number): number {
    const candidate = this.#candidates[at]
    return candidate === undefined ? Number.POSITIVE_INFINITY : candidate.load.active / candidate.weight
  }
}
