// The next member to try: of the best priority that has one which is in service, was not tried and is large enough.
// The strategy chooses among those.
import type { BoundMember, BoundRoute } from './bound-route.ts'
import type { Exchange } from './exchange.ts'

/** Who asks and for what: strategies may go by its caller, address, headers or body. */
export type PickSubject = Pick<
  Exchange,
  'caller' | 'clientAddress' | 'head' | 'requestBytes' | 'prompt' | 'neededTokens'
>

export type PickContext = Readonly<{
  exchange: PickSubject
  /** In the order they were tried; a member may be in it more than once. */
  tried: readonly BoundMember[]
  /** Never picked: the caller may not use them, or they can't do what is asked. */
  excluded: readonly BoundMember[]
  /** performance.now(). */
  now: number
}>

/** Which members of the tier at hand may be picked. Shared: a pick never yields. */
let marks = new Uint8Array(128)
let allOpen = new Uint8Array(128).fill(1)

/**
 * Untried members in service first, by priority and strategy; then those in service that were tried, again; then those
 * that rest, the one whose rest ends first. When to stop is the caller's affair. Of members whose context window is
 * surely too small only the largest are picked, and only where none is large enough. Null: every member is excluded, or
 * there are none.
 */
export function pickMember(route: BoundRoute, context: PickContext): BoundMember | null {
  const member = chooseMember(route, context)
  if (member !== null) member.state.pickedAt = context.now
  return member
}

/** The same without leaving a trace on the member, for who only wants to know. */
export function chooseMember(route: BoundRoute, context: PickContext): BoundMember | null {
  const { exchange } = context
  const hash = route.readHash === null ? null : route.readHash(exchange)
  const needed = exchange.neededTokens === 0 ? 0 : Math.min(exchange.neededTokens, findWidest(route, context))
  const { tiers, strategies } = route
  for (let at = 0; at < tiers.length; at++) {
    const tier = tiers[at]
    const isOpen = tier === undefined ? null : findOpen(tier, context, needed)
    if (isOpen === null) continue
    const member = tier?.[strategies[at]?.pick(isOpen, hash, context.now) ?? 0]
    if (member !== undefined) return member
  }
  return pickLeastBad(route, context, needed)
}

/** 1 for each member that may be picked; null: none may. */
function findOpen(tier: readonly BoundMember[], context: PickContext, needed: number): Uint8Array | null {
  if (marks.length < tier.length) {
    marks = new Uint8Array(tier.length * 2)
    allOpen = new Uint8Array(tier.length * 2).fill(1)
  }
  const { tried, excluded, now } = context
  const isFirst = tried.length === 0 && excluded.length === 0
  if (isFirst && needed === 0 && tier[0]?.state.mayRest === false) return allOpen
  let count = 0
  for (let at = 0; at < tier.length; at++) {
    const member = tier[at]
    const isFit =
      member !== undefined &&
      member.state.restsUntil <= now &&
      (needed === 0 || readWindow(member) >= needed) &&
      (isFirst || (!tried.includes(member) && !excluded.includes(member)))
    marks[at] = isFit ? 1 : 0
    if (isFit) count++
  }
  return count === 0 ? null : marks
}

function findWidest(route: BoundRoute, { excluded }: PickContext): number {
  let widest = 0
  for (const tier of route.tiers) {
    for (const member of tier) if (!excluded.includes(member)) widest = Math.max(widest, readWindow(member))
  }
  return widest
}

function readWindow({ target }: BoundMember): number {
  return target.contextWindowTokens ?? Number.POSITIVE_INFINITY
}

/** None is both in service and untried. */
function pickLeastBad(route: BoundRoute, { tried, excluded, now }: PickContext, needed: number): BoundMember | null {
  let best: BoundMember | null = null
  let bestRestMs = 0
  let bestTries = 0
  for (const tier of route.tiers) {
    for (const member of tier) {
      if (excluded.includes(member) || readWindow(member) < needed) continue
      const restMs = Math.max(0, member.state.restsUntil - now)
      const tries = countTries(tried, member)
      if (best !== null && (restMs > bestRestMs || (restMs === bestRestMs && tries >= bestTries))) continue
      best = member
      bestRestMs = restMs
      bestTries = tries
    }
  }
  return best
}

/** The last one tried counts half a try more: another that was tried as often comes before it. */
function countTries(tried: readonly BoundMember[], member: BoundMember): number {
  let tries = tried.at(-1) === member ? 0.5 : 0
  for (const other of tried) if (other === member) tries++
  return tries
}
