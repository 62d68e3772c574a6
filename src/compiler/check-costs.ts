// Owns what is said of a route by LowestCost whose targets' prices can't be compared.
import type { PoolMember, Target } from '../routing/table.ts'
import type { RouteSubject } from './index-resources.ts'
import { addNote } from './status-draft.ts'

/** Prices are compared within a priority: the first target's currency that has a price counts. */
export function checkCosts(route: RouteSubject, pool: readonly PoolMember[], targets: readonly Target[]): void {
  if (route.parts.policies.strategy.type !== 'LowestCost') return
  const byId = new Map(targets.map((target) => [target.id, target]))
  const currencies = new Map<number, string>()
  const odd = new Set<string>()
  for (const { targetId, weight, priority } of pool) {
    const pricing = byId.get(targetId)?.pricing
    if (weight === 0 || pricing == null) continue
    const currency = currencies.get(priority) ?? pricing.currency
    currencies.set(priority, currency)
    if (pricing.currency !== currency) odd.add(`${targetId} (${pricing.currency}, not ${currency})`)
  }
  if (odd.size > 0) {
    addNote(route.draft, `LowestCost compares one currency: ${[...odd].join(', ')} counts as without a price`)
  }
  if (currencies.size === 0 && pool.length > 1) {
    addNote(route.draft, 'LowestCost: no target has a price; they are chosen by weight')
  }
}
