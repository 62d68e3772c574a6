// Owns which route a model name's requests on the shared surface go by.
import type { NameClaims } from './claim-model-names.ts'
import type { Claimed } from './claim-paths.ts'
import type { RouteSubject } from './index-resources.ts'
import { compareAge } from './order.ts'
import { addNote } from './status-draft.ts'

/** By model name. Oldest route of the owning namespace; the others' drafts say that they are not the one. */
export type Joins = ReadonlyMap<string, RouteSubject>

/**
 * A name without any model object is owned by the oldest route that brings targets of its own for it. A route that
 * has only the name is a reference to it, and never makes one.
 */
export function joinRoutes(claimed: readonly Claimed<RouteSubject>[], claims: NameClaims): Joins {
  const joins = new Map<string, RouteSubject>()
  const ownerNamespaces = new Map<string, string>()
  const named = claimed.map(({ route }) => route).filter((route) => route.resource.spec.modelName !== undefined)
  named.sort(compareAge)
  for (const route of named) {
    const { modelName, targetService, backends } = route.resource.spec
    if (modelName === undefined || claims.has(modelName) || ownerNamespaces.has(modelName)) continue
    if (targetService !== undefined || backends !== undefined) ownerNamespaces.set(modelName, route.namespace)
  }
  for (const route of named) {
    const modelName = route.resource.spec.modelName ?? ''
    const owner = claims.get(modelName)?.namespace ?? ownerNamespaces.get(modelName)
    if (owner === undefined) continue
    const winner = joins.get(modelName)
    if (owner !== route.namespace) {
      addNote(route.draft, `spec.modelName: ${modelName} belongs to namespace ${owner}, this route does not join it`)
    } else if (winner === undefined) joins.set(modelName, route)
    else addNote(route.draft, `requests that name ${modelName} use route ${winner.id}, which comes first`)
  }
  return joins
}
