// What comes after a failed attempt of one exchange: which target, when, or nothing. Decided once for each failure, as
// soon as it is known: an error answer is given up only when there is something better to do.
import { CredentialRefused } from '../../errors/credential-refused.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { BoundMember, BoundRoute } from '../bound-route.ts'
import type { Failure } from '../classify-failure.ts'
import type { Exchange } from '../exchange.ts'
import type { ForwardPlan, PreparedAttempt } from '../forward.ts'
import type { Admission } from '../health/member-health.ts'
import { pickMember } from '../pick-member.ts'
import { drawBackoffMs, longestWaitMs } from './backoff.ts'

/** `waitMs`: before it is made. `isFresh`: on a connection that was never used. */
export type Try = Readonly<{
  member: BoundMember
  prepared: PreparedAttempt
  /** What of the request this target can't carry. */
  dropped: readonly string[]
  admission: Admission
  waitMs: number
  isFresh: boolean
}>

export class RetryPlan {
  readonly #exchange: Exchange
  readonly #route: BoundRoute
  readonly #plan: ForwardPlan
  /** Those that count, in order. */
  readonly #tried: BoundMember[] = []
  readonly #excluded: BoundMember[]
  #current: Try | null = null
  #decided: Readonly<{ failure: Failure; next: Try | null }> | null = null
  #lastFailed: Try | null = null
  #repeats = 0
  /** Why a target was passed over before anything was sent to it: what is told when none is left. */
  #refusal: GatewayError | null = null

  constructor(exchange: Exchange, route: BoundRoute, plan: ForwardPlan) {
    this.#exchange = exchange
    this.#route = route
    this.#plan = plan
    this.#excluded = [...(plan.excluded ?? [])]
  }

  /** Throws GatewayError: `no_target_available`, `overloaded`, or what no target can do. */
  first(): Try {
    const now = performance.now()
    this.#route.retryBudget.noteRequest(now)
    for (let member = this.#pick(now); member !== null; member = this.#pick(now)) {
      const admission = member.state.health.admit(now)
      if (admission === null) throw createResting(this.#route, member, now)
      const prepared = this.#prepare(member)
      if (typeof prepared === 'object') {
        this.#current = { member, prepared, dropped: this.#exchange.dropped, admission, waitMs: 0, isFresh: false }
        return this.#current
      }
      member.state.health.noteNothing(admission, now)
      if (prepared === 'spent') break
    }
    throw this.#refusal ?? createEmpty(this.#route)
  }

  /** Another target for the same request while the first one is at work; null: none in service is at hand. */
  hedge(): Try | null {
    const present = this.#current
    if (present === null || this.#exchange.isClosed) return null
    const now = performance.now()
    const member = this.#pick(now, [...this.#tried, present.member])
    if (member === null || member === present.member || this.#tried.includes(member)) return null
    if (member.state.restsUntil !== 0 || !this.#route.retryBudget.take()) return null
    const prepared = this.#prepare(member)
    if (typeof prepared !== 'object') {
      this.#route.retryBudget.giveBack()
      return null
    }
    this.#tried.push(member)
    return { member, prepared, dropped: this.#exchange.dropped, admission: 0, waitMs: 0, isFresh: false }
  }

  /** Whether there is another try after this failure of the present one. */
  offer(failure: Failure): boolean {
    return this.#decide(failure) !== null
  }

  /** That try; null: the failure stays. */
  takeNext(failure: Failure): Try | null {
    const next = this.#decide(failure)
    this.#current = next
    return next
  }

  #decide(failure: Failure): Try | null {
    if (this.#decided?.failure !== failure) {
      const next = this.#current === null ? null : this.#findNext(this.#current, failure)
      this.#decided = { failure, next }
    }
    return this.#decided.next
  }

  #findNext(failed: Try, failure: Failure): Try | null {
    if (this.#exchange.isClosed) return null
    const isReplaced = failure.isKeepAliveRace && !failed.isFresh
    if (isReplaced && (!failure.isDoubtfulRace || this.#route.retryBudget.take())) {
      // Costs no retry of the policy: the backend has hardly seen the request.
      const prepared = this.#prepare(failed.member)
      return typeof prepared === 'object' ? { ...failed, prepared, waitMs: 0, isFresh: true } : null
    }
    if (this.#lastFailed !== failed) this.#tried.push(failed.member)
    this.#lastFailed = failed
    if (failure.isContextOverflow) return this.#findLarger(failed.member)
    if (!failure.conditions.some((condition) => this.#route.retryOn.has(condition))) return null
    const { retry } = this.#route.route
    if (this.#tried.length > retry.attempts) return null
    const isFree = failure.isUnsent
    if (!isFree && !this.#route.retryBudget.take()) return null
    // Who was waited for in vain is not waited for again, nor is who refuses us asked again.
    if (failure.conditions.includes('timeout') || failure.error instanceof CredentialRefused)
      this.#excluded.push(failed.member)
    const next = this.#find(failed.member, failure.retryAfterMs)
    if (next === null && !isFree) this.#route.retryBudget.giveBack()
    return next
  }

  /** Only a target that was not tried, and may have room: asking again would be answered the same. */
  #findLarger({ target: { contextWindowTokens: room } }: BoundMember): Try | null {
    for (const tier of this.#route.tiers) {
      for (const member of tier) {
        const { contextWindowTokens: window } = member.target
        const isTooSmall = room !== null && window !== null && window <= room
        if (isTooSmall || this.#tried.includes(member)) this.#excluded.push(member)
      }
    }
    return this.#find(null, null)
  }

  /** `failed`: the member that is best left alone for `wishMs`. */
  #find(failed: BoundMember | null, wishMs: number | null): Try | null {
    const now = performance.now()
    for (let member = this.#pick(now); member !== null; member = this.#pick(now)) {
      const waitMs = this.#readWaitMs(member, member === failed ? (wishMs ?? 0) : 0, now)
      const { totalMs } = member.timeouts
      const isInTime = totalMs === 0 || now + waitMs < this.#exchange.startedAt + totalMs
      const admission = waitMs > longestWaitMs || !isInTime ? null : this.#admit(member, waitMs, now)
      const prepared = admission === null ? 'unfit' : this.#prepare(member)
      if (typeof prepared === 'object' && admission !== null) {
        if (waitMs > 0) this.#repeats++
        return { member, prepared, dropped: this.#exchange.dropped, admission, waitMs, isFresh: false }
      }
      if (admission !== null) member.state.health.noteNothing(admission, now)
      if (prepared === 'spent') return null
      if (!this.#excluded.includes(member)) this.#excluded.push(member)
    }
    return null
  }

  /** None for a target that was not tried. */
  #readWaitMs(member: BoundMember, wishMs: number, now: number): number {
    if (!this.#tried.includes(member)) return 0
    const jitterMs = drawBackoffMs(this.#route.route.retry.backoffMs, this.#repeats, Math.random)
    return Math.max(jitterMs, wishMs, member.state.restsUntil - now)
  }

  /** One that is waited for has no admission before its time has come. */
  #admit(member: BoundMember, waitMs: number, now: number): Admission | null {
    return waitMs > 0 ? 0 : member.state.health.admit(now)
  }

  #pick(now: number, tried: readonly BoundMember[] = this.#tried): BoundMember | null {
    for (;;) {
      const context = { exchange: this.#exchange, tried, excluded: this.#excluded, now }
      const member = pickMember(this.#route, context)
      if (member === null || !member.pool.isFull) return member
      this.#refusal ??= new GatewayError('overloaded', `${member.target.id}: every connection is in use`, {
        retryAfterSeconds: fullRetryAfterSeconds,
      })
      this.#excluded.push(member)
    }
  }

  /** `unfit`: this target can't do what is asked, and is passed over. `spent`: the request can't be sent again. */
  #prepare(member: BoundMember): PreparedAttempt | 'unfit' | 'spent' {
    try {
      return this.#plan.prepare(member) ?? 'spent'
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'unsupported_parameter') throw error
      this.#refusal ??= error
      this.#excluded.push(member)
      return 'unfit'
    }
  }
}

const emptyRetryAfterSeconds = 5
const fullRetryAfterSeconds = 1

function createEmpty({ route }: BoundRoute): GatewayError {
  return new GatewayError('no_target_available', `${route.id} has no target`, {
    retryAfterSeconds: emptyRetryAfterSeconds,
  })
}

/** Everything rests, and somebody is just trying the one that is best. */
function createResting({ route }: BoundRoute, { state }: BoundMember, now: number): GatewayError {
  return new GatewayError('no_target_available', `${route.id}: every target rests (${state.restReason ?? ''})`, {
    retryAfterSeconds: readRestSeconds(state.restsUntil, now),
  })
}

/** Whole seconds, at least one. */
export function readRestSeconds(restsUntil: number, now: number): number {
  return Math.max(1, Math.ceil((restsUntil - now) / 1_000))
}
