// The same candidate for the same hash, for as long as it is open; then the next on the ring.
import { HashRing } from './hash-ring.ts'
import type { Candidate, Random, Strategy } from './strategy.ts'
import { WeightedDraw } from './weighted-draw.ts'

export class ConsistentHash implements Strategy {
  readonly #members: string
  readonly #ring: HashRing
  /** For requests that have nothing to be hashed by. */
  readonly #unhashed: WeightedDraw

  /** `previous`: the one before; its ring is kept where the candidates are the same. */
  constructor(candidates: readonly Candidate[], random: Random, previous: ConsistentHash | null) {
    this.#members = JSON.stringify(candidates.map(({ key, weight }) => [key, weight]))
    this.#ring = previous?.findRing(this.#members) ?? new HashRing(candidates)
    this.#unhashed = new WeightedDraw(candidates, random)
  }

  findRing(members: string): HashRing | null {
    return members === this.#members ? this.#ring : null
  }

  pick(isOpen: Uint8Array, hash: number | null): number {
    return hash === null ? this.#unhashed.draw(isOpen, -1) : this.#ring.find(hash, isOpen)
  }
}
