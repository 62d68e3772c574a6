// The next member to try: of the best priority that has one which is in service and was not tried.
import type { BoundMember, BoundRoute } from './bound-route.ts'
import type { Exchange } from './exchange.ts'

export type PickContext = Readonly<{
  /** Who asks and for what: strategies may go by its caller, address, headers or body. */
  exchange: Exchange
  /** In the order they were tried; a member may be in it more than once. */
  tried: readonly BoundMember[]
  /** Never picked: the caller may not use them, or they can't do what is asked. */
  excluded: readonly BoundMember[]
  /** performance.now(). */
  now: number
}>

/**
 * Untried members in service first, by priority; then untried ones that rest, the one whose rest ends first; then those
 * that were tried, again: when to stop is the caller's affair. Null: every member is excluded, or there are none.
 */
export function pickMember(route: BoundRoute, { tried, excluded }: PickContext): BoundMember | null {
  for (const tier of route.tiers) {
    const isWhole = tried.length === 0 && excluded.length === 0
    const candidates = isWhole ? tier : tier.filter((member) => !tried.includes(member) && !excluded.includes(member))
    if (candidates.length > 0) return route.pick(candidates)
  }
  if (tried.length === 0) return null
  const last = tried.at(-1)
  const again = route.tiers.flat().filter((member) => !excluded.includes(member))
  return again.find((member) => member !== last) ?? again[0] ?? null
}
