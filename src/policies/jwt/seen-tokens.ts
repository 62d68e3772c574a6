// Remembers by digest what was found of tokens, so that their signatures are checked once. Bounded: two generations, of
// which the older one goes when the younger is full; a read writes nothing but the rare promotion.

export class SeenTokens<T> {
  readonly #maxPerGeneration: number
  #young = new Map<string, T>()
  #old = new Map<string, T>()

  /** Holds at least the last `maxPerGeneration` different ones, and twice that at most. */
  constructor(maxPerGeneration: number) {
    this.#maxPerGeneration = maxPerGeneration
  }

  get(digest: string): T | undefined {
    const young = this.#young.get(digest)
    if (young !== undefined) return young
    const old = this.#old.get(digest)
    if (old !== undefined) this.set(digest, old)
    return old
  }

  set(digest: string, value: T): void {
    if (this.#young.size >= this.#maxPerGeneration && !this.#young.has(digest)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(digest, value)
  }

  delete(digest: string): void {
    this.#young.delete(digest)
    this.#old.delete(digest)
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }
}
