// Owns what time it is at Redis, learned from its answers. Never later than it is there, by more than a step of its clock.

/** How long a good reading is kept: clocks drift apart by less than a millisecond in that time. */
const keptMs = 10_000

export class RedisClock {
  /** Redis's Unix time minus ours (monotonic), at most what it truly is: an answer takes time to arrive. */
  #offsetMs: number | null = null
  #readAtMs = 0

  /** `redisMs` as an answer said that arrived `nowMs` ago. */
  learn(redisMs: number, nowMs: number): void {
    const offsetMs = redisMs - nowMs
    if (this.#offsetMs !== null && offsetMs < this.#offsetMs && nowMs - this.#readAtMs < keptMs) return
    this.#offsetMs = offsetMs
    this.#readAtMs = nowMs
  }

  /** What was learned is wrong: Redis's clock has been set. */
  relearn(redisMs: number, nowMs: number): void {
    this.#offsetMs = redisMs - nowMs
    this.#readAtMs = nowMs
  }

  /** Unix milliseconds; null before the first answer. */
  readMs(nowMs: number): number | null {
    return this.#offsetMs === null ? null : Math.floor(this.#offsetMs + nowMs)
  }
}
