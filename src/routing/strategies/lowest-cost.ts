// The cheapest; equal prices share by weight; those without a price come last.
import type { Candidate, Random, Strategy } from './strategy.ts'

export class LowestCost implements Strategy {
  /** Indices, the cheapest first. */
  readonly #order: readonly number[]
  readonly #prices: Float64Array
  readonly #weights: Float64Array
  readonly #random: Random

  constructor(candidates: readonly Candidate[], random: Random) {
    const prices = Float64Array.from(candidates, ({ price }) => price ?? Number.POSITIVE_INFINITY)
    this.#prices = prices
    this.#weights = Float64Array.from(candidates, ({ weight }) => weight)
    this.#order = candidates.map((_, at) => at).sort((a, b) => comparePrices(prices[a] ?? 0, prices[b] ?? 0) || a - b)
    this.#random = random
  }

  pick(isOpen: Uint8Array): number {
    const order = this.#order
    let start = 0
    while (start < order.length && isOpen[order[start] ?? 0] !== 1) start++
    const price = this.#readPrice(start)
    let end = start
    let total = 0
    for (; end < order.length && this.#readPrice(end) === price; end++) {
      const at = order[end] ?? 0
      if (isOpen[at] === 1) total += this.#weights[at] ?? 0
    }
    let left = this.#random() * total
    let last = order[start] ?? 0
    for (let place = start; place < end; place++) {
      const at = order[place] ?? 0
      if (isOpen[at] !== 1) continue
      last = at
      left -= this.#weights[at] ?? 0
      if (left < 0) break
    }
    return last
  }

  #readPrice(place: number): number {
    return this.#prices[this.#order[place] ?? 0] ?? 0
  }
}

function comparePrices(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}
