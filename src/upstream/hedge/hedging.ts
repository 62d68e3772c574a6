// When a route's unary request is worth a second attempt beside the first: after a percentile of what the latest ones took,
// and for a small share of them only.

/** How many of the latest answers count, and how many there must be. */
const kept = 128
const fewest = 20
/** Hedges saved up at most. */
const most = 10

export class Hedging {
  readonly #share: number
  readonly #deposit: number
  readonly #latenciesMs: number[] = []
  #at = 0
  #tokens = 1
  #delayMs: number | null = null

  /** Both in percent. */
  constructor(afterPercentile: number, maxPercent: number) {
    this.#share = afterPercentile / 100
    this.#deposit = maxPercent / 100
  }

  /** A request begins: how long to wait before it is hedged, milliseconds; null: not enough is known. */
  noteRequest(): number | null {
    this.#tokens = Math.min(most, this.#tokens + this.#deposit)
    return this.#delayMs
  }

  /** A good answer came after so long. */
  noteAnswer(latencyMs: number): void {
    this.#latenciesMs[this.#at] = latencyMs
    this.#at = (this.#at + 1) % kept
    const count = this.#latenciesMs.length
    // Sorted now and then, not for each answer.
    if (count < fewest || (this.#delayMs !== null && this.#at % 8 !== 0)) return
    const sorted = this.#latenciesMs.toSorted((one, other) => one - other)
    this.#delayMs = sorted[Math.min(count - 1, Math.floor(this.#share * count))] ?? null
  }

  /** False: enough were hedged. */
  take(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  giveBack(): void {
    this.#tokens += 1
  }
}
