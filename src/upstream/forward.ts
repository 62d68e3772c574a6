// The attempt loop: pick, encode, send; on a failure before the first byte, again on the same or another target.
// Ends when the answer has been relayed, or throws the error to answer with.
import type { GatewayError } from '../errors/gateway-error.ts'
import type { ChooseRelay } from './attempt-options.ts'
import type { BoundMember, BoundRoute } from './bound-route.ts'
import type { Exchange } from './exchange.ts'
import { HedgedTry } from './hedge/hedged-try.ts'
import { type AttemptHooks, makeAttempt } from './make-attempt.ts'
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
  /** It may be made twice at the same time: a request with one answer, held in memory. */
  isHedgeable?: boolean
}>

export async function forward(exchange: Exchange, route: BoundRoute, plan: ForwardPlan): Promise<void> {
  const retries = new RetryPlan(exchange, route, plan)
  const hooks: AttemptHooks = {
    offerFailure: (failure) => retries.offer(failure),
    onCancel: (cancel) => exchange.onCancel(cancel),
  }
  let next: Try | null = retries.first()
  for (;;) {
    const present: Try = next.waitMs > 0 ? await waitBeforeTry(exchange, next) : next
    const result =
      route.hedging !== null && plan.isHedgeable === true
        ? await new HedgedTry(exchange, retries, route.hedging).run(present)
        : await makeAttempt(exchange, present, hooks)
    if (result.kind === 'done') return
    const { failure } = result
    next = retries.takeNext(failure)
    if (next === null) throw exchange.isClosed ? failure.error : withRetryAfter(failure.error, present.member)
  }
}

/** When everything that could be asked rests, clients are told for how long. */
function withRetryAfter(error: GatewayError, { state }: BoundMember): GatewayError {
  const now = performance.now()
  const isBackends = error.entry.owner === 'upstream' && error.retryAfterSeconds === null
  if (!isBackends || state.restsUntil <= now) return error
  return error.withRetryAfter(readRestSeconds(state.restsUntil, now))
}
