// The pure function in the middle: resources in, routing table and statuses out. This file is its table of contents.
// No I/O, clock, random or logger here or below: the same input gives the same output, in whatever order it comes.
import type { ResourceStatus } from '../api/conditions.ts'
import type { Resource } from '../api/resource.ts'
import type { ResourceSet } from '../api/resource-set.ts'
import { indexPolicyReach } from '../policies/authentication/resolve-reach.ts'
import type { RoutingTable, SecretValues } from '../routing/table.ts'
import { checkBudgets } from './check-budgets.ts'
import { checkEndpoints } from './check-endpoints.ts'
import { claimModelNames } from './claim-model-names.ts'
import { claimPaths } from './claim-paths.ts'
import { compileKeySets } from './compile-key-sets.ts'
import { compileModels } from './compile-models.ts'
import { compileRoutes } from './compile-routes.ts'
import { compileStatuses } from './compile-statuses.ts'
import { compileTargets } from './compile-targets.ts'
import { indexResources } from './index-resources.ts'
import { joinRoutes } from './join-routes.ts'
import { sealTable } from './seal-table.ts'

export type CompileInput = Readonly<{
  resources: ResourceSet
  /** By object key (`readObjectKey`): what the last result's `lastGood` held. Null or empty after a restart. */
  lastGood: ReadonlyMap<string, Resource> | null
}>

export type CompileResult = Readonly<{
  table: RoutingTable
  secrets: SecretValues
  /** One for each object, sorted by kind, namespace and name. */
  statuses: readonly ResourceStatus[]
  /** The version of every object that is served, for the next call. */
  lastGood: ReadonlyMap<string, Resource>
}>

/** Never throws for what is in a resource: one bad object fails alone, in its status. */
export function compile({ resources, lastGood }: CompileInput): CompileResult {
  // Each object by itself: its present version, its last good one, or none.
  const world = indexResources(resources, lastGood ?? new Map())

  // Who has what: model names, paths, and the route that a name's requests go by.
  const claims = claimModelNames(world.models, world.deployments)
  const paths = claimPaths(world.routes, world.brokenRoutes)
  const joins = joinRoutes(paths.routes, claims)

  // What they refer to, looked up live.
  const targets = compileTargets(claims, world.secrets, world.services)
  const keySets = compileKeySets(world.policies, world.secrets, world.drafts)
  const reach = indexPolicyReach(world.policies.map(({ resource }) => resource))

  // What the data plane obeys.
  const { routes, serviceTargets } = compileRoutes(paths, claims, targets, world.grants, world.services, reach)
  const { models, impliedRoutes } = compileModels(claims, joins, routes, paths, targets, reach)
  checkEndpoints(claims, joins)
  checkBudgets(world.policies, [...routes, ...impliedRoutes], targets.list)

  return {
    table: sealTable({
      targets: [...targets.list, ...serviceTargets],
      routes: [...routes, ...impliedRoutes],
      models,
      keySets,
    }),
    secrets: targets.secrets,
    statuses: compileStatuses(world),
    lastGood: world.lastGood,
  }
}
