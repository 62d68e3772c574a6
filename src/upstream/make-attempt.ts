// Makes one try: its credential, its timers, the attempt itself; once more where the backend refused an expired token.
import { GatewayError } from '../errors/gateway-error.ts'
import { Attempt } from './attempt.ts'
import type { AttemptResult, OfferFailure } from './attempt-options.ts'
import { classifyUnsent } from './classify-failure.ts'
import type { Exchange } from './exchange.ts'
import type { Try } from './retry/retry-plan.ts'

/** What the maker of an attempt is told, and asked. */
export type AttemptHooks = Readonly<{
  offerFailure: OfferFailure
  /** As `Exchange.onCancel`. */
  onCancel: Exchange['onCancel']
  /** A good answer has begun: whatever is said of the exchange from now on is this try's. */
  onGoodHead?: () => void
}>

/** `isRenewed`: once more with another token, as the backend refused the one before. */
export async function makeAttempt(
  exchange: Exchange,
  present: Try,
  hooks: AttemptHooks,
  isRenewed = false,
): Promise<AttemptResult> {
  const { member, prepared, admission, isFresh } = present
  const { authorizer, state } = member
  exchange.member = member
  exchange.dropped = present.dropped
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
    ...hooks,
  })
  const result = await attempt.run(request)
  if (result.kind === 'done' || isRenewed || attempt.status !== 401) return result
  const isThereAnother = (await authorizer?.renew?.(request)) ?? false
  if (!isThereAnother || exchange.isClosed) return result
  // What it said of its health it has said.
  return makeAttempt(exchange, { ...present, admission: 0 }, hooks, true)
}
