// Chooses among the targets of the best priority that were not tried yet: the strategy of the route.
import type { PoolMember, StrategyType } from './table.ts'

/** Picks one of `candidates` (never empty). Keeps what the strategy must remember between picks. */
export type Picker = <T extends { readonly member: PoolMember }>(candidates: readonly T[]) => T

/** `random` gives numbers in [0, 1). Strategies not built yet behave as WeightedRandom; the route's status says so. */
export function createPicker(strategy: StrategyType, random: () => number = Math.random): Picker {
  return strategy === 'RoundRobin' ? createRoundRobin() : (candidates) => pickWeighted(candidates, random)
}

function pickWeighted<T extends { readonly member: PoolMember }>(candidates: readonly T[], random: () => number): T {
  const first = candidates[0]
  if (first === undefined) throw new Error('no candidates')
  if (candidates.length === 1) return first
  let total = 0
  for (const candidate of candidates) total += candidate.member.weight
  let at = random() * total
  for (const candidate of candidates) {
    at -= candidate.member.weight
    if (at < 0) return candidate
  }
  return first
}

/** Smooth weighted round robin, as nginx's: spread evenly and exact over a full cycle. */
function createRoundRobin(): Picker {
  const credit = new Map<string, number>()
  return (candidates) => {
    let total = 0
    let best = candidates[0]
    let bestCredit = Number.NEGATIVE_INFINITY
    for (const candidate of candidates) {
      const { targetId, weight } = candidate.member
      const next = (credit.get(targetId) ?? 0) + weight
      credit.set(targetId, next)
      total += weight
      if (next > bestCredit) {
        bestCredit = next
        best = candidate
      }
    }
    if (best === undefined) throw new Error('no candidates')
    credit.set(best.member.targetId, bestCredit - total)
    return best
  }
}
