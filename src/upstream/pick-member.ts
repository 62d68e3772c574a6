// The next member to try: of the best priority that has one untried.
import type { BoundMember, BoundRoute } from './bound-route.ts'

/** Null: every member has been tried, or there are none. */
export function pickMember(
  route: BoundRoute,
  tried: readonly BoundMember[],
  excluded: readonly BoundMember[],
): BoundMember | null {
  for (const tier of route.tiers) {
    const isWhole = tried.length === 0 && excluded.length === 0
    const candidates = isWhole ? tier : tier.filter((member) => !tried.includes(member) && !excluded.includes(member))
    if (candidates.length > 0) return route.pick(candidates)
  }
  return null
}
