// Step 4: request-rate limits. Needs no body.
import { GatewayError } from '../errors/gateway-error.ts'
import type { RateLimitStore } from '../policies/rate-limit/enforce.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { BoundRoute } from '../upstream/bound-route.ts'
import type { Exchange } from '../upstream/exchange.ts'

/** Throws `rate_limit_exceeded` with an honest `retry-after`: the window is over when it has passed. */
export async function admit(
  exchange: Exchange,
  route: BoundRoute,
  store: RateLimitStore,
  metrics: Metrics,
): Promise<void> {
  const { limits } = route.route
  if (limits.length === 0) return
  const consumer = exchange.caller === null ? null : `${exchange.caller.keySetId}/${exchange.caller.consumer}`
  const decision = await store.admit(limits, { consumer, clientAddress: exchange.clientAddress })
  exchange.limitState = decision.state
  const limit = decision.state?.limit.id ?? ''
  metrics.limitDecisions.series({ limit, decision: decision.isAdmitted ? 'admitted' : 'refused' }).increment()
  if (decision.isAdmitted) return
  throw new GatewayError('rate_limit_exceeded', limit, {
    retryAfterSeconds: Math.max(1, Math.ceil((decision.state?.resetMs ?? 0) / 1000)),
  })
}
