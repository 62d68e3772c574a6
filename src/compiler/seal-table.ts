// Owns the last step: everything in one order, frozen, with the digest that says whether anything changed.
import { hash } from 'node:crypto'
import type { KeySet } from '../routing/key-set.ts'
import type { ModelEntry, Route, RoutingTable, Target } from '../routing/table.ts'
import { digestList } from './digest-list.ts'
import { compareText } from './order.ts'

type Parts = Readonly<{
  targets: readonly Target[]
  routes: readonly Route[]
  models: readonly ModelEntry[]
  keySets: readonly KeySet[]
}>

/** Secrets are in the digest by way of their ids, which hold a digest of their value. */
export function sealTable({ targets, routes, models, keySets }: Parts): RoutingTable {
  const content = {
    targets: Object.freeze(targets.toSorted((a, b) => compareText(a.id, b.id))),
    routes: Object.freeze(routes.toSorted((a, b) => compareText(a.id, b.id))),
    models: Object.freeze(models.toSorted((a, b) => compareText(a.modelName, b.modelName))),
    keySets: Object.freeze(keySets.toSorted((a, b) => compareText(a.id, b.id))),
  }
  const digests = [
    digestList(content.targets, ({ id }) => id),
    digestList(content.routes, ({ id }) => id),
    digestList(content.models, ({ modelName }) => modelName),
    digestList(content.keySets, ({ id }) => id),
  ]
  return Object.freeze({ digest: hash('sha256', digests.join('\n')), ...content })
}
