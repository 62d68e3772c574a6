// A draw by weight among the open ones: by halving a sorted list, again where the one drawn is closed. That many draws in
// vain mean that hardly any is open: then one look at each decides.
import type { Candidate, Random } from './strategy.ts'

const maxDraws = 8

export class WeightedDraw {
  readonly #weights: Float64Array
  /** Sum of the weights up to and including each. */
  readonly #ends: Float64Array
  readonly #random: Random

  constructor(candidates: readonly Candidate[], random: Random) {
    this.#weights = Float64Array.from(candidates, ({ weight }) => weight)
    let end = 0
    this.#ends = this.#weights.map((weight) => {
      end += weight
      return end
    })
    this.#random = random
  }

  /** An open index other than `except` (-1: any); -1: there is none. `isOpen` may be longer than there are candidates. */
  draw(isOpen: Uint8Array, except: number): number {
    const ends = this.#ends
    const total = ends[ends.length - 1] ?? 0
    for (let draws = 0; draws < maxDraws; draws++) {
      const place = this.#random() * total
      let low = 0
      let high = ends.length - 1
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((ends[middle] ?? 0) <= place) low = middle + 1
        else high = middle
      }
      if (isOpen[low] === 1 && low !== except) return low
    }
    return this.#look(isOpen, except)
  }

  #look(isOpen: Uint8Array, except: number): number {
    const weights = this.#weights
    let total = 0
    for (let at = 0; at < weights.length; at++) if (isOpen[at] === 1 && at !== except) total += weights[at] ?? 0
    let left = this.#random() * total
    let last = -1
    for (let at = 0; at < weights.length; at++) {
      if (isOpen[at] !== 1 || at === except) continue
      last = at
      left -= weights[at] ?? 0
      if (left < 0) return at
    }
    return last
  }
}
