// The keys of one issuer by URI: fetched when it is opened, refreshed while it is open, the last good ones kept. However
// many tokens ask, they cause one fetch per cool-down at most (C5).
import type { TokenKeySource } from '../policies/jwt/key-source.ts'
import { parseJwks, type TokenKeySet } from '../policies/jwt/parse-jwks.ts'

export type JwksTiming = Readonly<{
  /** From one fetch to the next when it went well, and how long a removed key may still be taken. */
  refreshMs: number
  /** The least time between two fetches that tokens ask for, and between two that fail while there are keys. */
  coolDownMs: number
  /** The first wait after a failure while there were never any keys; doubles up to the cool-down. */
  firstRetryMs: number
}>

export const defaultJwksTiming: JwksTiming = { refreshMs: 600_000, coolDownMs: 30_000, firstRetryMs: 1_000 }

export type JwksSourceOptions = Readonly<{
  /** Rejects with an error whose message may be logged. */
  fetchText: (signal: AbortSignal) => Promise<string>
  /** After each fetch; `problem` null: there are keys, whether new or not. */
  report: (problem: string | null) => void
  timing: JwksTiming
}>

export class JwksSource implements TokenKeySource {
  readonly #options: JwksSourceOptions
  readonly #abort = new AbortController()
  #current: TokenKeySet | null = null
  #text = ''
  #problem: string | null = null
  #fetching: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  /** By `performance.now()`. */
  #startedAtMs = Number.NEGATIVE_INFINITY
  #nextAtMs = 0
  #failures = 0

  constructor(options: JwksSourceOptions) {
    this.#options = options
    void this.#fetch()
  }

  get current(): TokenKeySet | null {
    return this.#current
  }

  get problem(): string | null {
    return this.#problem
  }

  get retryAfterSeconds(): number {
    return Math.max(1, Math.ceil((this.#nextAtMs - performance.now()) / 1000))
  }

  /** The fetch under way, or a new one unless the last began less than a cool-down ago. */
  refresh(): Promise<void> | null {
    if (this.#fetching !== null) return this.#fetching
    const isCool = performance.now() - this.#startedAtMs >= this.#options.timing.coolDownMs
    return isCool && !this.#abort.signal.aborted ? this.#fetch() : null
  }

  /** Ends a fetch under way; nothing is fetched any more. */
  close(): void {
    this.#abort.abort()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #fetch(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#startedAtMs = performance.now()
    this.#fetching = this.#run().finally(() => {
      this.#fetching = null
      this.#schedule()
    })
    return this.#fetching
  }

  async #run(): Promise<void> {
    const { fetchText, report } = this.#options
    let problem: string | null
    try {
      problem = this.#take(await fetchText(this.#abort.signal))
    } catch (error) {
      problem = error instanceof Error ? error.message : 'the fetch failed'
    }
    this.#failures = problem === null ? 0 : this.#failures + 1
    this.#problem = problem
    if (!this.#abort.signal.aborted) report(problem)
  }

  /** Null, or why the text gives no keys. The same text leaves the same object: what was checked with it stays true. */
  #take(text: string): string | null {
    if (text === this.#text) return null
    const { keySet, problems } = parseJwks(text)
    if (keySet === null) return problems.join('; ')
    this.#current = keySet
    this.#text = text
    return null
  }

  #schedule(): void {
    if (this.#abort.signal.aborted) return
    const { refreshMs, coolDownMs, firstRetryMs } = this.#options.timing
    const firstTryMs = firstRetryMs * 2 ** Math.min(16, this.#failures - 1)
    const waitMs =
      this.#failures === 0 ? refreshMs : this.#current === null ? Math.min(firstTryMs, coolDownMs) : coolDownMs
    this.#nextAtMs = performance.now() + waitMs
    this.#timer = setTimeout(() => void this.#fetch(), waitMs)
    this.#timer.unref()
  }
}
