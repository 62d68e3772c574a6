// How much of each target is in service, for its gauge.
import type { BoundTable } from '../upstream/bound-route.ts'

/** By target id, those of weight 0 left out: 1 in service, 0 resting or without a ready address; of a target with several addresses the share of them that is in service. */
export function readTargetHealth(bound: BoundTable, now: number): ReadonlyMap<string, number> {
  const health = new Map<string, { all: Set<string>; well: Set<string> }>()
  for (const { tiers } of bound.routes.values()) {
    for (const tier of tiers) {
      for (const { target, key, state } of tier) {
        let entry = health.get(target.id)
        if (entry === undefined) {
          entry = { all: new Set(), well: new Set() }
          health.set(target.id, entry)
        }
        entry.all.add(key)
        if (state.restsUntil <= now) entry.well.add(key)
      }
    }
  }
  const shares = new Map<string, number>()
  for (const { id, endpoint } of bound.table.targets) {
    const entry = health.get(id)
    if (entry !== undefined) shares.set(id, entry.well.size / entry.all.size)
    else if (endpoint.addresses?.length === 0) shares.set(id, 0)
  }
  return shares
}
