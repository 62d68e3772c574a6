// A token that expires: fetched when first asked for, and anew before it ends, once for however many ask. While its issuer
// is away the old one is used as long as it is good. Knows nothing of where tokens come from.
import { GatewayError } from '../../errors/gateway-error.ts'

/** `lifetimeMs`: from when it was asked for. */
export type FetchedToken = Readonly<{ value: string; lifetimeMs: number }>

/** Time and chance, so that tests need no waiting. */
export type TokenClock = Readonly<{
  /** Milliseconds from any fixed point; never goes back. */
  readNowMs: () => number
  /** From 0 up to but not 1. */
  readRandom: () => number
  /** Calls once after `delayMs`; the returned function cancels it. */
  startTimer: (callback: () => void, delayMs: number) => () => void
}>

export type TokenSourceOptions = Readonly<{
  /** Rejects with an error whose message may be logged. */
  fetchToken: (signal: AbortSignal) => Promise<FetchedToken>
  clock: TokenClock
}>

type Held = Readonly<{ value: string; refreshAtMs: number; expiresAtMs: number }>

/** A request under way must still be in time with it. */
const marginMs = 10_000
const firstBackoffMs = 1_000
const longestBackoffMs = 60_000
/** How long a request waits for a token, and the least time between two that are fetched because one was refused. */
const longestWaitMs = 10_000
const renewalCoolDownMs = 30_000

export class TokenSource {
  readonly #options: TokenSourceOptions
  readonly #abort = new AbortController()
  #held: Held | null = null
  /** Never rejects. */
  #fetching: Promise<void> | null = null
  #problem = 'none was fetched yet'
  #failures = 0
  #retryAtMs = Number.NEGATIVE_INFINITY
  #renewableAtMs = Number.NEGATIVE_INFINITY
  /** Since it was fetched: a token that nobody uses is not kept fresh. */
  #isUsed = false
  #cancelTimer: () => void = () => {}

  constructor(options: TokenSourceOptions) {
    this.#options = options
  }

  /** At once where there is one that is good. Throws or rejects with GatewayError `upstream_error`. */
  get(): string | Promise<string> {
    const nowMs = this.#options.clock.readNowMs()
    this.#isUsed = true
    const held = this.#readGood(nowMs)
    if (held === null) return this.#wait(nowMs)
    if (nowMs >= held.refreshAtMs && nowMs >= this.#retryAtMs) void this.#fetch()
    return held.value
  }

  /**
   * `refused`: a token that its receiver does not take, though it should be good. Resolves when there may be another to
   * try with; false: there is none.
   */
  async renew(refused: string): Promise<boolean> {
    const nowMs = this.#options.clock.readNowMs()
    if (this.#fetching === null && this.#held?.value === refused) {
      if (nowMs < this.#renewableAtMs || nowMs < this.#retryAtMs) return false
      this.#renewableAtMs = nowMs + renewalCoolDownMs
      await this.#withDeadline(this.#fetch())
    } else if (this.#fetching !== null) {
      await this.#withDeadline(this.#fetching)
    }
    return this.#held !== null && this.#held.value !== refused
  }

  /** Ends a fetch under way; nothing is fetched any more. */
  close(): void {
    this.#abort.abort()
    this.#cancelTimer()
  }

  #readGood(nowMs: number): Held | null {
    return this.#held !== null && nowMs < this.#held.expiresAtMs ? this.#held : null
  }

  async #wait(nowMs: number): Promise<string> {
    if (this.#fetching === null && nowMs < this.#retryAtMs) throw this.#createError()
    await this.#withDeadline(this.#fetching ?? this.#fetch())
    const held = this.#readGood(this.#options.clock.readNowMs())
    if (held === null) throw this.#createError()
    return held.value
  }

  async #withDeadline(fetching: Promise<void>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const cancel = this.#options.clock.startTimer(resolve, longestWaitMs)
    await Promise.race([fetching, late])
    cancel()
  }

  #fetch(): Promise<void> {
    if (this.#fetching !== null) return this.#fetching
    if (this.#abort.signal.aborted) return Promise.resolve()
    this.#cancelTimer()
    this.#fetching = this.#run().finally(() => {
      this.#fetching = null
      this.#schedule()
    })
    return this.#fetching
  }

  async #run(): Promise<void> {
    const { fetchToken, clock } = this.#options
    const askedAtMs = clock.readNowMs()
    try {
      const { value, lifetimeMs } = await fetchToken(this.#abort.signal)
      // 70 to 85 % of its life: a fleet that began at once does not come back at once.
      const refreshAtMs = askedAtMs + lifetimeMs * (0.7 + 0.15 * clock.readRandom())
      const expiresAtMs = askedAtMs + lifetimeMs - Math.min(marginMs, lifetimeMs / 10)
      this.#held = { value, refreshAtMs, expiresAtMs }
      this.#isUsed = false
      this.#failures = 0
      this.#retryAtMs = Number.NEGATIVE_INFINITY
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : 'the fetch failed'
      const longestMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(16, this.#failures))
      this.#failures++
      this.#retryAtMs = clock.readNowMs() + longestMs * (0.5 + 0.5 * clock.readRandom())
    }
  }

  /** The next refresh, or the next try of one, so that no request has to wait for it. */
  #schedule(): void {
    if (this.#abort.signal.aborted || this.#held === null) return
    const { clock } = this.#options
    const nowMs = clock.readNowMs()
    const delayMs = Math.max(this.#held.refreshAtMs, this.#retryAtMs) - nowMs
    this.#cancelTimer = clock.startTimer(
      () => {
        if (this.#isUsed) void this.#fetch()
      },
      Math.max(0, delayMs),
    )
  }

  #createError(): GatewayError {
    return new GatewayError('upstream_error', `no token for the target: ${this.#problem}`)
  }
}
