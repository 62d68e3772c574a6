// What /explain says of the limits that would apply: how much, of what, in which time, and on whose count.
import { assertNever } from '../assert-never.ts'
import type { Caller } from '../policies/authentication/caller.ts'
import type { Limit, LimitKeyPart } from '../routing/limit.ts'
import { renderAmount } from '../routing/money.ts'
import type { BoundRoute } from '../upstream/bound-route.ts'
import { listLimits } from './admit.ts'

export type LimitDescription = Readonly<{
  id: string
  /** Who sets it: `route ns/name`, or `consumer name of ns/policy`. */
  of: string
  unit: Limit['unit']
  /** `100 requests`, `50 USD`. */
  amount: string
  /** `60 s, from the first request`; null: at one moment. */
  window: string | null
  per: readonly LimitKeyPart[]
  /** The count this request would go on: `consumer ns/policy/name, model gpt-4o`, or `everybody`. */
  count: string
  onStoreFailure: Limit['onStoreFailure']
  /** Null: no warning before the amount. */
  softPercent: number | null
}>

/** `caller` null: nobody asks for a key, or the key is not known. */
export function describeLimits(caller: Caller | null, route: BoundRoute): readonly LimitDescription[] {
  const callers = new Set(caller?.limits)
  return listLimits(caller, route).map((limit) => ({
    id: limit.id,
    of:
      caller !== null && callers.has(limit)
        ? `consumer ${caller.consumer} of ${caller.keySetId}`
        : `route ${limit.id.split('/', 2).join('/')}`,
    unit: limit.unit,
    amount: renderQuantity(limit),
    window: renderWindow(limit),
    per: limit.per,
    count: limit.per.length === 0 ? 'everybody' : limit.per.map((part) => renderPart(part, caller, route)).join(', '),
    onStoreFailure: limit.onStoreFailure,
    softPercent: limit.softPercent,
  }))
}

function renderQuantity({ unit, amount, currency }: Limit): string {
  switch (unit) {
    case 'requests':
    case 'tokens':
      return `${amount.whole} ${unit}`
    case 'concurrency':
      return `${amount.whole} requests at once`
    case 'cost':
      return `${renderAmount(amount)} ${currency ?? ''}`
    default:
      return assertNever(unit)
  }
}

function renderWindow({ window }: Limit): string | null {
  if (window === null) return null
  return window.kind === 'fixed' ? `${window.seconds} s, from the first request` : `calendar ${window.period}, UTC`
}

function renderPart(part: LimitKeyPart, caller: Caller | null, { route }: BoundRoute): string {
  switch (part) {
    case 'consumer':
      return caller === null ? 'callers without a key' : `consumer ${caller.id}`
    case 'route':
      return `route ${route.id}`
    case 'model':
      return route.modelName === null ? `route ${route.id}` : `model ${route.modelName}`
    case 'clientAddress':
      return "the client's address"
    default:
      return assertNever(part)
  }
}
