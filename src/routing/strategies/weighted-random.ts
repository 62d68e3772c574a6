// By weight, at random.
import type { Candidate, Random, Strategy } from './strategy.ts'

export class WeightedRandom implements Strategy {
  readonly #weights: Float64Array
  readonly #random: Random

  constructor(candidates: readonly Candidate[], random: Random) {
    this.#weights = Float64Array.from(candidates, ({ weight }) => weight)
    this.#random = random
  }

  pick(isOpen: Uint8Array): number {
    return drawOpen(this.#weights, isOpen, this.#random)
  }
}

/** An open index, by weight. `isOpen` may be longer than `weights`. */
export function drawOpen(weights: Float64Array, isOpen: Uint8Array, random: Random): number {
  let total = 0
  for (let at = 0; at < weights.length; at++) if (isOpen[at] === 1) total += weights[at] ?? 0
  let left = random() * total
  let last = 0
  for (let at = 0; at < weights.length; at++) {
    if (isOpen[at] !== 1) continue
    last = at
    left -= weights[at] ?? 0
    if (left < 0) return at
  }
  return last
}
