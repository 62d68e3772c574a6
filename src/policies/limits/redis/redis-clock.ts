// Owns what time it is at Redis, learned from its answers: never earlier than it is there, later by a command's way to it.

/** How long a good reading is kept: clocks drift apart by less than a millisecond in that time. */
const keptMs = 10_000
/** Redis's time comes cut to milliseconds. */
const roundingMs = 1

export class RedisClock {
  /** Redis's Unix time minus ours (monotonic), at least what it truly is: a command takes time to be done. */
  #offsetMs: number | null = null
  #readAtMs = 0

  /** `redisMs`: as an answer said whose command was sent at `sentAtMs`. */
  learn(redisMs: number, sentAtMs: number): void {
    const offsetMs = redisMs + roundingMs - sentAtMs
    if (this.#offsetMs !== null && offsetMs > this.#offsetMs && sentAtMs - this.#readAtMs < keptMs) return
    this.#offsetMs = offsetMs
    this.#readAtMs = sentAtMs
  }

  /** What was learned is wrong: Redis's clock has been set. */
  relearn(redisMs: number, sentAtMs: number): void {
    this.#offsetMs = redisMs + roundingMs - sentAtMs
    this.#readAtMs = sentAtMs
  }

  /** Unix milliseconds; null before the first answer. */
  readMs(nowMs: number): number | null {
    return this.#offsetMs === null ? null : Math.ceil(this.#offsetMs + nowMs)
  }
}
