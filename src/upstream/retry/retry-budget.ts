// How many retries a route may make: a share of its requests, so that a failing backend is asked at most a fifth more
// often than it would be without retries, whatever happens.

/** What a request adds: with what there is at the start, at most 0.2 retries a request from the 250th on. */
const deposit = 0.18
/** At the start; rare requests also fill it up to here by time. */
const start = 5
const perSecond = 0.1
/** What good times pay for at most: a target that dies with requests under way, not a storm after a calm. */
const most = 30

/** Times in milliseconds, on any one clock. */
export class RetryBudget {
  #tokens = start
  #lastAt: number

  constructor(now: number) {
    this.#lastAt = now
  }

  /** A request came. */
  noteRequest(now: number): void {
    const byTime = Math.min(start - this.#tokens, ((now - this.#lastAt) / 1_000) * perSecond)
    this.#lastAt = now
    this.#tokens = Math.min(most, this.#tokens + Math.max(deposit, byTime))
  }

  /** False: no retry now. */
  take(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** What was taken was not needed. */
  giveBack(): void {
    this.#tokens += 1
  }
}
