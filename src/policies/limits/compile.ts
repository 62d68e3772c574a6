// Owns which limits `rateLimit` and `budgets` become. Counting is a store's.
import type { AIAuthPolicySpec } from '../../api/generated/ai-auth-policy.ts'
import type { AIGatewayRouteSpec } from '../../api/generated/ai-gateway-route.ts'
import { assertNever } from '../../assert-never.ts'
import type { Limit, LimitKeyPart, LimitUnit, LimitWindow } from '../../routing/limit.ts'
import { parseAmount } from '../../routing/money.ts'
import { countOf } from '../../routing/quantity.ts'

type RouteLimitSpec = NonNullable<AIGatewayRouteSpec['rateLimit']>
type ConsumerSpec = NonNullable<AIAuthPolicySpec['consumers']>[number]
type ConsumerLimitSpec = NonNullable<ConsumerSpec['rateLimit']>
type BudgetSpec = NonNullable<ConsumerSpec['budgets']>[number]

const fixed = (seconds: number): LimitWindow => Object.freeze({ kind: 'fixed', seconds })

const counts: readonly (readonly [
  Exclude<keyof RouteLimitSpec, 'per' | 'onStoreFailure'>,
  LimitUnit,
  LimitWindow | null,
])[] = [
  ['requestsPerSecond', 'requests', fixed(1)],
  ['requestsPerMinute', 'requests', fixed(60)],
  ['requestsPerHour', 'requests', fixed(3_600)],
  ['requestsPerDay', 'requests', fixed(86_400)],
  ['tokensPerMinute', 'tokens', fixed(60)],
  ['tokensPerDay', 'tokens', fixed(86_400)],
  ['concurrentRequests', 'concurrency', null],
]

const noLimits: readonly Limit[] = Object.freeze([])

/** `routeId`: `namespace/name`. */
export function compileRouteLimits(spec: RouteLimitSpec | undefined, routeId: string): readonly Limit[] {
  return spec === undefined ? noLimits : compileCounts(spec, routeId, readRouteParts(spec.per))
}

type OwnerSpec = Readonly<{ rateLimit?: ConsumerLimitSpec; budgets?: readonly BudgetSpec[] }>

/** By what they were made from: a policy's keys come and go while its limits stay the same objects. */
const known = new WeakMap<OwnerSpec, Readonly<{ ownerId: string; limits: readonly Limit[] }>>()

/** `ownerId`: `namespace/policy/consumer`, or `namespace/policy/defaults` for each consumer that has none of its own. */
export function compileConsumerLimits(spec: OwnerSpec, ownerId: string): readonly Limit[] {
  const earlier = known.get(spec)
  if (earlier?.ownerId === ownerId) return earlier.limits
  const limits = compileOwnLimits(spec, ownerId)
  known.set(spec, { ownerId, limits })
  return limits
}

function compileOwnLimits({ rateLimit, budgets = [] }: OwnerSpec, ownerId: string): readonly Limit[] {
  if (rateLimit === undefined && budgets.length === 0) return noLimits
  return [
    ...(rateLimit === undefined ? [] : compileCounts(rateLimit, ownerId, readConsumerParts(rateLimit.per))),
    ...budgets.map((budget) => compileBudget(budget, ownerId, rateLimit?.onStoreFailure ?? 'Allow')),
  ]
}

function compileCounts(
  spec: RouteLimitSpec | ConsumerLimitSpec,
  ownerId: string,
  per: readonly LimitKeyPart[],
): readonly Limit[] {
  const limits: Limit[] = []
  for (const [name, unit, window] of counts) {
    const amount = spec[name]
    if (amount === undefined) continue
    limits.push({
      id: `${ownerId}/${name}`,
      group: readGroup(ownerId),
      unit,
      amount: countOf(amount),
      window,
      per,
      onStoreFailure: spec.onStoreFailure,
      currency: null,
      softPercent: null,
    })
  }
  return limits
}

function compileBudget(budget: BudgetSpec, ownerId: string, onStoreFailure: Limit['onStoreFailure']): Limit {
  const { amount, currency, period, per, softPercent } = budget
  return {
    id: `${ownerId}/budget/${period}/${currency}${per === 'Model' ? '/Model' : ''}`,
    group: readGroup(ownerId),
    unit: 'cost',
    amount: parseAmount(amount),
    window: { kind: 'calendar', period },
    per: readConsumerParts(per),
    onStoreFailure,
    currency,
    softPercent: softPercent ?? null,
  }
}

function readGroup(ownerId: string): string {
  return ownerId.slice(0, ownerId.indexOf('/'))
}

function readRouteParts(per: RouteLimitSpec['per']): readonly LimitKeyPart[] {
  switch (per) {
    case 'Route':
      return []
    case 'Consumer':
      return ['consumer']
    case 'ClientIP':
      return ['clientAddress']
    default:
      return assertNever(per)
  }
}

function readConsumerParts(per: ConsumerLimitSpec['per'] | BudgetSpec['per']): readonly LimitKeyPart[] {
  switch (per) {
    case 'Consumer':
      return ['consumer']
    case 'Route':
      return ['consumer', 'route']
    case 'Model':
      return ['consumer', 'model']
    case 'ClientIP':
      return ['consumer', 'clientAddress']
    default:
      return assertNever(per)
  }
}
