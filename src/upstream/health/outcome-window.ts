// How the attempts of the last seconds ended, in buckets of a second: no timer, no growth.

const bucketMs = 1_000
const bucketCount = 10

export class OutcomeWindow {
  readonly #good = new Uint32Array(bucketCount)
  readonly #bad = new Uint32Array(bucketCount)
  /** Which second each bucket holds. */
  readonly #seconds = new Float64Array(bucketCount).fill(-1)

  /** `now` in milliseconds. */
  add(now: number, isGood: boolean): void {
    const second = Math.floor(now / bucketMs)
    const at = second % bucketCount
    if (this.#seconds[at] !== second) {
      this.#seconds[at] = second
      this.#good[at] = 0
      this.#bad[at] = 0
    }
    const counts = isGood ? this.#good : this.#bad
    counts[at] = (counts[at] ?? 0) + 1
  }

  /** Of the last ten seconds. */
  count(now: number): Readonly<{ good: number; bad: number }> {
    const oldest = Math.floor(now / bucketMs) - bucketCount
    let good = 0
    let bad = 0
    for (let at = 0; at < bucketCount; at++) {
      if ((this.#seconds[at] ?? -1) <= oldest) continue
      good += this.#good[at] ?? 0
      bad += this.#bad[at] ?? 0
    }
    return { good, bad }
  }

  clear(): void {
    this.#seconds.fill(-1)
  }
}
