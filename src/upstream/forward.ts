// The attempt loop: pick, encode, send; on a failure before the first byte, again on the same or another target.
// Ends when the answer has been relayed, or throws the error to answer with.
import { GatewayError } from '../errors/gateway-error.ts'
import { Attempt, type AttemptResult, type ChooseRelay } from './attempt.ts'
import type { BoundMember, BoundRoute } from './bound-route.ts'
import { classifyUnsent } from './classify-failure.ts'
import type { Exchange } from './exchange.ts'
import { RetryPlan, readRestSeconds, type Try } from './retry/retry-plan.ts'
import { waitBeforeTry } from './retry/wait-before-try.ts'
import type { UpstreamRequest } from './upstream-request.ts'

/** One attempt, ready to be made. */
export type PreparedAttempt = Readonly<{ request: UpstreamRequest; chooseRelay: ChooseRelay }>

export type ForwardPlan = Readonly<{
  /**
   * The request for a target; called anew for each attempt. Null: it can't be sent a second time. Throws
   * `unsupported_parameter` where this target can't do what is asked: another may.
   */
  prepare: (member: BoundMember) => PreparedAttempt | null
  /** Members that this caller may not use. */
  excluded?: readonly BoundMember[]
}>

export async function forward(exchange: Exchange, route: BoundRoute, plan: ForwardPlan): Promise<void> {
  const retries = new RetryPlan(exchange, route, plan)
  let next: Try | null = retries.first()
  for (;;) {
    const present: Try = next.waitMs > 0 ? await waitBeforeTry(exchange, next) : next
    const result = await makeAttempt(exchange, present, retries)
    if (result.kind === 'done') return
    const { failure } = result
    next = retries.takeNext(failure)
    if (next === null) throw exchange.isClosed ? failure.error : withRetryAfter(failure.error, present.member)
  }
}

/** `isRenewed`: once more with another token, as the backend refused the one before. */
async function makeAttempt(
  exchange: Exchange,
  present: Try,
  retries: RetryPlan,
  isRenewed = false,
): Promise<AttemptResult> {
  const { member, prepared, admission, isFresh } = present
  const { authorizer, state } = member
  exchange.member = member
  exchange.attempts++
  let { request } = prepared
  if (authorizer !== null) {
    try {
      request = await authorizer.authorize(request)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      state.health.noteBad(admission, performance.now(), 'no credential')
      return { kind: 'failed', failure: classifyUnsent(error) }
    }
  }
  if (exchange.isClosed) {
    state.health.noteNothing(admission, performance.now())
    throw new GatewayError('client_closed')
  }
  const { totalMs } = member.timeouts
  const attempt = new Attempt(exchange, member, {
    admission,
    isFresh,
    totalEndsAt: totalMs === 0 ? Number.POSITIVE_INFINITY : exchange.startedAt + totalMs,
    chooseRelay: prepared.chooseRelay,
    offerFailure: (failure) => retries.offer(failure),
  })
  const result = await attempt.run(request)
  if (result.kind === 'done' || isRenewed || attempt.status !== 401) return result
  const isThereAnother = (await authorizer?.renew?.(request)) ?? false
  if (!isThereAnother || exchange.isClosed) return result
  // What it said of its health it has said.
  return makeAttempt(exchange, { ...present, admission: 0 }, retries, true)
}

/** When everything that could be asked rests, clients are told for how long. */
function withRetryAfter(error: GatewayError, { state }: BoundMember): GatewayError {
  const now = performance.now()
  const isBackends = error.entry.owner === 'upstream' && error.retryAfterSeconds === null
  if (!isBackends || state.restsUntil <= now) return error
  return error.withRetryAfter(readRestSeconds(state.restsUntil, now))
}
