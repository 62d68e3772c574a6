// Step 4: request-rate limits. Needs no body.
import { GatewayError } from '../errors/gateway-error.ts'
import type { RateLimitStore } from '../policies/rate-limit/enforce.ts'
import type { RateLimit } from '../routing/table.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { CounterSeries } from '../telemetry/series.ts'
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
  const { state } = decision
  if (state !== null) countDecision(metrics, state.limit, decision.isAdmitted ? 'admitted' : 'refused')
  if (decision.isAdmitted) return
  throw new GatewayError('rate_limit_exceeded', state?.limit.id, {
    retryAfterSeconds: Math.max(1, Math.ceil((state?.resetMs ?? 0) / 1000)),
  })
}

type Decision = 'admitted' | 'refused'

const seriesByLimit = new WeakMap<RateLimit, Map<Decision, CounterSeries>>()

/** The series of a limit are looked up by identity: a table's limit objects live as long as the table. */
function countDecision(metrics: Metrics, limit: RateLimit, decision: Decision): void {
  let byDecision = seriesByLimit.get(limit)
  if (byDecision === undefined) {
    byDecision = new Map()
    seriesByLimit.set(limit, byDecision)
  }
  let series = byDecision.get(decision)
  if (series === undefined) {
    series = metrics.limitDecisions.series({ limit: limit.id, decision })
    byDecision.set(decision, series)
  }
  series.increment()
}
