// Owns which limits a `rateLimit` block becomes. Counting is the enforce side's.
import type { Findings } from '../../api/findings.ts'
import type { AIGatewayRouteSpec } from '../../api/generated/ai-gateway-route.ts'
import type { RateLimit } from '../../routing/table.ts'

type RateLimitSpec = NonNullable<AIGatewayRouteSpec['rateLimit']>

const windows = [
  ['requestsPerSecond', 1],
  ['requestsPerMinute', 60],
  ['requestsPerHour', 3_600],
  ['requestsPerDay', 86_400],
] as const

const notInEffect = ['tokensPerMinute', 'tokensPerDay', 'concurrentRequests'] as const

const noLimits: readonly RateLimit[] = Object.freeze([])

/** `ownerId` is the route's `namespace/name`, `field` the block's path for messages: `spec.rateLimit`. */
export function compileRateLimits(
  spec: RateLimitSpec | undefined,
  ownerId: string,
  field: string,
  findings: Findings,
): readonly RateLimit[] {
  if (spec === undefined) return noLimits
  for (const name of notInEffect) if (spec[name] !== undefined) findings.notInEffect.push(`${field}.${name}`)
  // Allow is what memory counters do: there is no store that could fail yet.
  if (spec.onStoreFailure === 'Deny') findings.notInEffect.push(`${field}.onStoreFailure`)
  const limits: RateLimit[] = []
  for (const [name, windowSeconds] of windows) {
    const requests = spec[name]
    if (requests !== undefined) limits.push({ id: `${ownerId}/${name}`, requests, windowSeconds, per: spec.per })
  }
  return limits
}
