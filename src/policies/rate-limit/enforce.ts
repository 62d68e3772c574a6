// Counts requests against compiled limits, in memory. A refused request consumes none of its limits.
import ipaddr from 'ipaddr.js'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { RateLimit } from '../../routing/table.ts'

/** Whom a limit counts: resolved per request from its `per`. */
export type LimitSubject = Readonly<{ consumer: string | null; clientAddress: string }>

export type LimitState = Readonly<{ limit: RateLimit; remaining: number; resetMs: number }>

export type LimitDecision = Readonly<{
  isAdmitted: boolean
  /** The tightest of the limits that apply (the refusing one when refused), for `x-ratelimit-*`; null without limits. */
  state: LimitState | null
}>

const admitted: LimitDecision = Object.freeze({ isAdmitted: true, state: null })

/** Counters by limit id: they outlive tables, so a config change resets nobody's window. */
export class RateLimitStore {
  readonly #limiters = new Map<string, RateLimiterMemory>()

  async admit(limits: readonly RateLimit[], subject: LimitSubject): Promise<LimitDecision> {
    if (limits.length === 0) return admitted
    const taken: { limiter: RateLimiterMemory; key: string }[] = []
    let tightest: LimitState | null = null
    let refused: LimitState | null = null
    // consume() counts synchronously: all of a request's limits are taken in one go, before anybody else runs.
    const pending = limits.map((limit) => {
      const limiter = this.#find(limit)
      const key = readKey(limit, subject)
      taken.push({ limiter, key })
      return limiter.consume(key).catch((outcome: unknown) => outcome)
    })
    for (let at = 0; at < limits.length; at++) {
      const outcome = await pending[at]
      const limit = limits[at]
      if (limit === undefined || !(outcome instanceof RateLimiterRes))
        throw new Error('limit store failed', { cause: outcome })
      const state = { limit, remaining: outcome.remainingPoints, resetMs: outcome.msBeforeNext }
      if (outcome.consumedPoints > limit.requests) {
        if (refused === null || state.resetMs > refused.resetMs) refused = state
      } else if (tightest === null || state.remaining < tightest.remaining) tightest = state
    }
    if (refused === null) return { isAdmitted: true, state: tightest }
    for (const { limiter, key } of taken) await limiter.reward(key)
    return { isAdmitted: false, state: refused }
  }

  /** Forgets counters of limits that no table names any more. */
  sweep(inUse: ReadonlySet<string>): void {
    for (const id of this.#limiters.keys()) if (!inUse.has(id)) this.#limiters.delete(id)
  }

  #find(limit: RateLimit): RateLimiterMemory {
    let limiter = this.#limiters.get(limit.id)
    if (limiter === undefined || limiter.duration !== limit.windowSeconds) {
      limiter = new RateLimiterMemory({ points: limit.requests, duration: limit.windowSeconds, keyPrefix: limit.id })
      this.#limiters.set(limit.id, limiter)
    }
    // A changed number keeps its counter.
    limiter.points = limit.requests
    return limiter
  }
}

function readKey(limit: RateLimit, subject: LimitSubject): string {
  switch (limit.per) {
    case 'Route':
      return ''
    case 'Consumer':
      // Anonymous callers of a per-consumer limit share one counter: nobody escapes it by leaving the key out.
      return subject.consumer === null ? 'anonymous' : `consumer ${subject.consumer}`
    case 'ClientIP':
      return readAddressBlock(subject.clientAddress)
  }
}

/** An IPv4 address as it is, of an IPv6 one its /64: whoever has one address of that has them all. */
function readAddressBlock(address: string): string {
  if (!address.includes(':') || !ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}
