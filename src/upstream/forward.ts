// The attempt loop: pick, encode, send; on a failure before the first byte, again on the same or another target.
// Ends when the answer has been relayed, or throws the error to answer with.
import { GatewayError } from '../errors/gateway-error.ts'
import { Attempt, type ChooseRelay } from './attempt.ts'
import type { BoundMember, BoundRoute } from './bound-route.ts'
import type { Exchange } from './exchange.ts'
import { pickMember } from './pick-member.ts'
import type { UpstreamRequest } from './upstream-request.ts'

/** One attempt, ready to be made. */
export type PreparedAttempt = Readonly<{ request: UpstreamRequest; chooseRelay: ChooseRelay }>

export type ForwardPlan = Readonly<{
  /** The request for a target; called anew for each attempt. Null: it can't be sent a second time. */
  prepare: (member: BoundMember) => PreparedAttempt | null
  /** Members that this caller may not use. */
  excluded?: readonly BoundMember[]
}>

export async function forward(exchange: Exchange, route: BoundRoute, plan: ForwardPlan): Promise<void> {
  const { excluded = [] } = plan
  const tried: BoundMember[] = []
  const maxAttempts = route.route.retry.attempts + 1
  let member = pickMember(route, { exchange, tried, excluded, now: performance.now() })
  if (member === null) {
    throw new GatewayError('no_target_available', `${route.route.id} has no target`, { retryAfterSeconds: 5 })
  }
  let isFresh = false
  let error: GatewayError | null = null
  while (member !== null && !exchange.isClosed) {
    const prepared = plan.prepare(member)
    if (prepared === null) break
    const { authorizer } = member
    const request = authorizer === null ? prepared.request : await authorizer.authorize(prepared.request)
    exchange.member = member
    exchange.attempts++
    const { totalMs } = member.timeouts
    const totalEndsAt = totalMs === 0 ? Number.POSITIVE_INFINITY : exchange.startedAt + totalMs
    const result = await new Attempt(exchange, member, totalEndsAt, prepared.chooseRelay, isFresh).run(request)
    if (result.kind === 'done') return
    error = result.error
    if (result.retry === 'keep-alive-race' && !isFresh) {
      // Costs no retry of the policy: the backend has not seen the request.
      isFresh = true
      continue
    }
    isFresh = false
    tried.push(member)
    if (!route.retryOn.has(result.retry) || tried.length >= maxAttempts) break
    member = pickMember(route, { exchange, tried, excluded, now: performance.now() })
    // A second time to one that was tried is not built yet.
    if (member !== null && tried.includes(member)) break
  }
  throw error ?? new GatewayError('client_closed')
}
