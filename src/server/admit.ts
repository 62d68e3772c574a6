// Steps 4 and 8: what a request may use. All of its limits are asked at once, the route's and the caller's own: before
// the body where they need nothing of it, else when it has been read.

import type { ErrorCode } from '../errors/error-table.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { Caller } from '../policies/authentication/caller.ts'
import { createCharges, findRefusal, type LimitSubject } from '../policies/limits/enforce.ts'
import { readWarning } from '../policies/limits/soft-percent.ts'
import type { RefusedState } from '../policies/limits/store.ts'
import type { Limit, LimitKeyPart, LimitUnit } from '../routing/limit.ts'
import { nothing, subtractQuantities } from '../routing/quantity.ts'
import type { BoundRoute } from '../upstream/bound-route.ts'
import type { Exchange, Reserve } from '../upstream/exchange.ts'
import { countDecision } from './count-decision.ts'
import type { DataPlane } from './data-plane.ts'

const noLimits: readonly Limit[] = Object.freeze([])

const refusalCodes: Readonly<Record<LimitUnit, ErrorCode>> = {
  requests: 'rate_limit_exceeded',
  tokens: 'token_limit_exceeded',
  concurrency: 'concurrency_limit_exceeded',
  cost: 'budget_exceeded',
}

/**
 * Every limit that applies to a caller on a route: its own and the caller's. A plain service tells nobody what it used:
 * limits of tokens and money are not asked there.
 */
export function listLimits(caller: Caller | null, { route }: BoundRoute): readonly Limit[] {
  const own = route.limits
  const callers = caller?.limits ?? noLimits
  const all = callers.length === 0 ? own : own.length === 0 ? callers : [...own, ...callers]
  return route.kind === 'service' && needsBody(all) ? all.filter(isWithoutBody) : all
}

/** Some of them count what only the body tells. */
export function needsBody(limits: readonly Limit[]): boolean {
  return limits.some((limit) => !isWithoutBody(limit))
}

function isWithoutBody({ unit }: Limit): boolean {
  return unit === 'requests' || unit === 'concurrency'
}

/**
 * Before the body: throws the 429 that a limit has just given others, where that needs nothing of the body. `route`
 * null: not known yet.
 */
export function refuseExhausted(
  plane: DataPlane,
  exchange: Exchange,
  limits: readonly Limit[],
  route: BoundRoute | null,
): void {
  if (plane.exhausted.isEmpty) return
  const told = route === null ? limits.filter(({ per }) => !per.some(needsRoute)) : limits
  if (!told.some(({ unit }) => unit === 'requests')) return
  const states = plane.exhausted.find(createCharges(told, describeSubject(exchange, route), null))
  if (states === null) return
  exchange.limitStates = states
  throw refuse(plane, states)
}

function needsRoute(part: LimitKeyPart): boolean {
  return part === 'route' || part === 'model'
}

function describeSubject({ caller, clientAddress }: Exchange, route: BoundRoute | null): LimitSubject {
  return {
    consumer: caller === null ? null : caller.id,
    routeId: route?.route.id ?? '',
    modelName: route?.route.modelName ?? null,
    clientAddress,
  }
}

/**
 * `reserve`: what it may use at most; null where no limit asks for it. Throws the 429 of the limit that refuses
 * longest, or `limit_store_unavailable`. What an admitted exchange holds is given back when it is settled.
 */
export async function admit(
  plane: DataPlane,
  exchange: Exchange,
  route: BoundRoute,
  limits: readonly Limit[],
  reserve: Reserve | null,
): Promise<void> {
  if (limits.length === 0) return
  const charges = createCharges(limits, describeSubject(exchange, route), reserve)
  const asked = plane.limits.acquire(charges)
  const acquired = asked instanceof Promise ? await asked : asked
  if (acquired.outcome === 'unavailable') throw new GatewayError('limit_store_unavailable')
  exchange.limitStates = acquired.states
  if (acquired.outcome === 'refused') {
    plane.exhausted.note(charges, acquired.states)
    throw refuse(plane, acquired.states)
  }
  for (const [at, { limit, used }] of acquired.states.entries()) {
    countDecision(plane.metrics, limit, 'admitted')
    if (limit.softPercent === null) continue
    const percent = readWarning(limit, subtractQuantities(used, charges[at]?.amount ?? nothing))
    if (percent === null) continue
    countDecision(plane.metrics, limit, 'warned')
    exchange.budgetUsedPercent = Math.max(exchange.budgetUsedPercent ?? 0, percent)
  }
  if (acquired.hold === null) return
  // The client may have left while the store was asked: nobody settles such an exchange any more.
  if (exchange.isClosed) acquired.hold.settle(charges.map(() => nothing))
  else exchange.holding = { charges, hold: acquired.hold, reserve }
}

function refuse(plane: DataPlane, states: readonly RefusedState[]): GatewayError {
  const refusal = findRefusal(states)
  if (refusal === null) return new GatewayError('internal_error', 'refused by no limit')
  countDecision(plane.metrics, refusal.limit, 'refused')
  const { limit, waitMs } = refusal
  const isReserved = waitMs === null && limit.unit !== 'concurrency'
  return new GatewayError(refusalCodes[limit.unit], isReserved ? `${limit.id}, reserved` : limit.id, {
    // A permit or a reserve may come back at any moment, a window starts anew at a known one.
    retryAfterSeconds: Math.max(1, Math.ceil((waitMs ?? 0) / 1000)),
    ...(isReserved && {
      publicText: 'What is left is reserved by requests under way. Try again when they have ended.',
    }),
  })
}
