// By weight, at random.
import type { Candidate, Random, Strategy } from './strategy.ts'
import { WeightedDraw } from './weighted-draw.ts'

export class WeightedRandom implements Strategy {
  readonly #draw: WeightedDraw

  constructor(candidates: readonly Candidate[], random: Random) {
    this.#draw = new WeightedDraw(candidates, random)
  }

  pick(isOpen: Uint8Array): number {
    return this.#draw.draw(isOpen, -1)
  }
}
