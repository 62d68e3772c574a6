// Which counts a request goes on, and what the counts say of it. Counting itself is a store's.
import { hash } from 'node:crypto'
import { assertNever } from '../../assert-never.ts'
import type { Limit, LimitKeyPart } from '../../routing/limit.ts'
import { countOf, isLess, nothing, one, type Quantity, subtractQuantities } from '../../routing/quantity.ts'
import { readAddressBlock } from './client-address-block.ts'
import type { Charge, LimitState, RefusedState } from './store.ts'

/** Whose request it is, as limits see it. */
export type LimitSubject = Readonly<{
  /** `policy/consumer`; null: nobody asked for a key. */
  consumer: string | null
  routeId: string
  /** The route's model name; null where it has none: the route then stands for the model. */
  modelName: string | null
  clientAddress: string
}>

/** What a request may use, before it is known; or what it has used. `costIn`: by currency. */
export type Usage = Readonly<{ tokens: number; costIn: (currency: string) => Quantity }>

/** One charge for each limit. `usage`: the reserve; null where no limit of tokens or cost is among them. */
export function createCharges(limits: readonly Limit[], subject: LimitSubject, usage: Usage | null): readonly Charge[] {
  return limits.map((limit) => ({ limit, key: renderKey(limit, subject), amount: readAmount(limit, usage) }))
}

/** What `Hold.settle` is told: the quantities of charges made of the same limits, in order. */
export function readUsed(charges: readonly Charge[], usage: Usage): readonly Quantity[] {
  return charges.map(({ limit }) => readAmount(limit, usage))
}

/** A count that refuses. */
export type Refusal = Readonly<{
  limit: Limit
  /** Until it will not; null: it may end at any moment, with a request under way. Milliseconds. */
  waitMs: number | null
}>

/** Of the counts that refuse, the one that does so longest: when it has started anew the others have too. */
export function findRefusal(states: readonly RefusedState[]): Refusal | null {
  let refusal: Refusal | null = null
  for (const { limit, used, held, resetMs } of states) {
    if (isLess(used, limit.amount)) continue
    const waitMs = isLess(subtractQuantities(used, held), limit.amount) ? null : resetMs
    if (refusal === null || (waitMs ?? 0) > (refusal.waitMs ?? 0)) refusal = { limit, waitMs }
  }
  return refusal
}

/**
 * The count of this unit with the least left, of equals the one that lasts longest, for `x-ratelimit-*`; null where none
 * is of this unit.
 */
export function findTightest(states: readonly LimitState[], unit: 'requests' | 'tokens'): LimitState | null {
  let tightest: LimitState | null = null
  for (const state of states) {
    if (state.limit.unit === unit && (tightest === null || isTighter(state, tightest))) tightest = state
  }
  return tightest
}

function isTighter(a: LimitState, b: LimitState): boolean {
  const difference = readRemaining(a) - readRemaining(b)
  return difference < 0 || (difference === 0 && (a.resetMs ?? 0) > (b.resetMs ?? 0))
}

/** Whole units left, 0 when over. */
export function readRemaining({ limit, used }: LimitState): number {
  return Math.max(0, limit.amount.whole - used.whole)
}

/** No amount of a limit is higher, and the sum of some of these is still exact in a double. */
const most: Quantity = Object.freeze({ whole: 1e15, fraction: 0 })

function readAmount(limit: Limit, usage: Usage | null): Quantity {
  switch (limit.unit) {
    case 'requests':
    case 'concurrency':
      return one
    case 'tokens':
      return usage !== null && usage.tokens > 0 ? countOf(Math.min(usage.tokens, most.whole)) : nothing
    case 'cost': {
      const cost = usage === null || limit.currency === null ? nothing : usage.costIn(limit.currency)
      return isLess(most, cost) ? most : cost
    }
    default:
      return assertNever(limit.unit)
  }
}

/** Longer keys are kept as their digest: the name of a consumer may be as long as a token. */
const maxKeyLength = 200

/** Parts can hold anything: a line feed keeps them apart, which none of them has unescaped. */
function renderKey({ per }: Limit, subject: LimitSubject): string {
  const [first] = per
  if (first === undefined) return ''
  const key = per.length === 1 ? readPart(first, subject) : joinParts(per, subject)
  // Of UTF-16, in which halves of characters differ.
  return key.length <= maxKeyLength ? key : `digest ${hash('sha256', Buffer.from(key, 'utf16le'))}`
}

function joinParts(per: readonly LimitKeyPart[], subject: LimitSubject): string {
  return per.map((part) => escapePart(readPart(part, subject))).join('\n')
}

function escapePart(text: string): string {
  return text.includes('\n') || text.includes('\\') ? text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n') : text
}

function readPart(part: LimitKeyPart, subject: LimitSubject): string {
  switch (part) {
    case 'consumer':
      // Callers without a key share one count: nobody escapes it by leaving the key out. Nobody else is called so: a
      // caller's name has a slash.
      return subject.consumer ?? 'anonymous'
    case 'route':
      return subject.routeId
    case 'model':
      return subject.modelName === null ? `route ${subject.routeId}` : `model ${subject.modelName}`
    case 'clientAddress':
      return readAddressBlock(subject.clientAddress)
    default:
      return assertNever(part)
  }
}
