// Bind: makes of a compiled table what this process needs at run time, reusing what is keyed the same: pools by
// endpoint, pickers and instruments by route. No decision is made here that the compiler could have made.
import { bindKeyIndex, type KeyIndex } from '../policies/authentication/enforce.ts'
import type { TokenBinder } from '../policies/jwt/token-index.ts'
import type { KeySet } from '../routing/key-set.ts'
import { bindModelIndex } from '../routing/model-index.ts'
import { PathRouter } from '../routing/path-router.ts'
import { createStrategy } from '../routing/pick-target.ts'
import type { Random, Strategy } from '../routing/strategies/strategy.ts'
import type { Route, RoutingTable, SecretValues, Target } from '../routing/table.ts'
import { ExchangeSeries } from '../telemetry/exchange-series.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Backends } from '../upstream/backends.ts'
import type { BoundMember, BoundModel, BoundRoute, BoundTable, Destination } from '../upstream/bound-route.ts'
import { Hedging } from '../upstream/hedge/hedging.ts'
import { createHashReader } from '../upstream/read-hash.ts'
import { RetryBudget } from '../upstream/retry/retry-budget.ts'
import { bindCandidates } from './bind-candidates.ts'
import { bindMembers } from './bind-members.ts'
import { readEditedNames } from './read-edited-names.ts'
import { sharedOperations } from './surfaces/operations.ts'

export type BindContext = Readonly<{
  backends: Backends
  metrics: Metrics
  tokens: TokenBinder
  /** Math.random where it is left out. */
  random?: Random
}>

/** `previous`: the table being replaced; its routes' pickers and instruments go on where the id is the same. */
export function bindTable(
  compiled: Readonly<{ table: RoutingTable; secrets: SecretValues }>,
  generation: number,
  previous: BoundTable | null,
  context: BindContext,
): BoundTable {
  const { table, secrets } = compiled
  const targets = new Map(table.targets.map((target) => [target.id, target]))
  const keySets = new Map(table.keySets.map((keySet) => [keySet.id, keySet]))
  const keyIndexes = new Map<string, KeyIndex>()
  const findKeys = createKeyFinder(keyIndexes, keySets, previous, context.tokens)
  const routes = new Map<string, BoundRoute>()
  const router = new PathRouter<Destination>()

  for (const route of table.routes) {
    const before = previous?.routes.get(route.id)
    if (before !== undefined && isUnchanged(before, route, targets, findKeys)) {
      routes.set(route.id, before)
      continue
    }
    const members = route.pool.flatMap((member) => {
      const target = targets.get(member.targetId)
      return target === undefined ? [] : bindMembers(route, member, target, secrets, context.backends)
    })
    routes.set(route.id, bindRoute(route, members, findKeys, before, context))
  }
  // Explicit paths first, then the API's own, then the ones models imply: the first claim of a path stays.
  for (const bound of routes.values()) if (!bound.route.isImplied) addRoute(router, bound)
  for (const operation of sharedOperations) {
    const path = `/v1/${operation}`
    // An Exact claim would win over a route's Prefix on the same path.
    if (router.find('', path)?.length !== path.length) router.add([], path, 'Exact', { kind: 'operation', operation })
  }
  router.add([], '/v1/models', 'Prefix', { kind: 'models' })
  for (const bound of routes.values()) if (bound.route.isImplied) addRoute(router, bound)

  const publicModels: BoundModel[] = []
  for (const entry of table.models) {
    const route = routes.get(entry.routeId)
    if (entry.visibility === 'Public' && route !== undefined) publicModels.push({ entry, route })
  }
  const byName = new Map(publicModels.map((model) => [model.entry.modelName, model]))
  const sharedKeySetIds = new Set(publicModels.flatMap(({ route }) => readKeySetIds(route.route)))
  return {
    table,
    generation,
    keyIndexes,
    find: (hostname, path) => router.find(hostname, path),
    routes,
    publicModels,
    models: bindModelIndex(
      publicModels.map(({ entry }) => entry),
      (entry) => byName.get(entry.modelName),
    ),
    sharedKeys: findKeys([...sharedKeySetIds].sort()),
    hasAnonymousModel: publicModels.some(({ route }) => route.keys === null),
  }
}

function addRoute(router: PathRouter<Destination>, bound: BoundRoute): void {
  const { hostnames, path, pathType } = bound.route.match
  if (path !== '') router.add(hostnames, path, pathType, { kind: 'route', route: bound })
}

function bindRoute(
  route: Route,
  members: readonly BoundMember[],
  findKeys: (ids: readonly string[]) => KeyIndex,
  previous: BoundRoute | undefined,
  context: BindContext,
): BoundRoute {
  const priorities = [...new Set(members.map(({ member }) => member.priority))].sort((a, b) => a - b)
  const tiers = priorities
    .map((priority) => members.filter(({ member }) => member.priority === priority && member.weight > 0))
    .filter((tier) => tier.length > 0)
  const { type, hashKey } = route.strategy
  return {
    route,
    tiers,
    strategies: tiers.map((tier) =>
      createStrategy(type, bindCandidates(tier), findStrategy(previous, tier), context.random),
    ),
    readHash: type === 'ConsistentHash' && hashKey !== null ? createHashReader(hashKey) : null,
    smallestWindow: findSmallestWindow(members),
    longestAnswer: findLongestAnswer(members),
    keys: route.authentication.required ? findKeys(route.authentication.keySetIds) : null,
    responseHeaders: route.responseHeaders.set.flatMap(({ name, value }) => [name, value]),
    withheldResponseHeaders: readEditedNames(route.responseHeaders),
    retryOn: bindNames(route.retry.conditions),
    hedging: bindHedging(route.retry.hedge, previous),
    retryBudget: previous?.retryBudget ?? new RetryBudget(performance.now()),
    series:
      previous?.route.modelName === route.modelName
        ? previous.series
        : new ExchangeSeries(context.metrics, route.id, route.modelName),
  }
}

function bindHedging(hedge: Route['retry']['hedge'], previous: BoundRoute | undefined): Hedging | null {
  if (hedge === undefined) return null
  const { afterPercentile, maxPercent } = hedge
  const before = previous?.route.retry.hedge
  const isSame = before?.afterPercentile === afterPercentile && before.maxPercent === maxPercent
  return (isSame ? previous?.hedging : null) ?? new Hedging(afterPercentile, maxPercent)
}

/** The one that chose for this priority before. */
function findStrategy(previous: BoundRoute | undefined, [first]: readonly BoundMember[]): Strategy | null {
  if (previous === undefined || first === undefined) return null
  const at = previous.tiers.findIndex((tier) => tier[0]?.member.priority === first.member.priority)
  return previous.strategies[at] ?? null
}

function findSmallestWindow(members: readonly BoundMember[]): number | null {
  const windows = members.flatMap(({ target }) => target.contextWindowTokens ?? [])
  return windows.length === 0 ? null : Math.min(...windows)
}

function findLongestAnswer(members: readonly BoundMember[]): number | null {
  let longest: number | null = null
  for (const { member, target } of members) {
    if (member.weight === 0) continue
    if (target.maxOutputTokens === null) return null
    longest = Math.max(longest ?? 0, target.maxOutputTokens)
  }
  return longest
}

/** By list: thousands of routes share the default one. */
const nameSets = new WeakMap<readonly string[], ReadonlySet<string>>()

function bindNames(names: readonly string[]): ReadonlySet<string> {
  let set = nameSets.get(names)
  if (set === undefined) {
    set = new Set(names)
    nameSets.set(names, set)
  }
  return set
}

function readKeySetIds(route: Route): readonly string[] {
  return route.authentication.required ? route.authentication.keySetIds : []
}

/** The compiler gives the same objects for what did not change, and a target's id of its secret has the value's digest. */
function isUnchanged(
  before: BoundRoute,
  route: Route,
  targets: ReadonlyMap<string, Target>,
  findKeys: (ids: readonly string[]) => KeyIndex,
): boolean {
  if (before.route !== route) return false
  if (route.authentication.required && before.keys !== findKeys(route.authentication.keySetIds)) return false
  let count = 0
  for (const tier of before.tiers) {
    let last: Target | null = null
    for (const { target } of tier) {
      if (targets.get(target.id) !== target) return false
      // Those of one target stand together: one for each of its addresses.
      if (target !== last) count += 1
      last = target
    }
  }
  for (const { targetId, weight } of route.pool) if (weight > 0 && hasMember(targets.get(targetId))) count -= 1
  return count === 0
}

function hasMember(target: Target | undefined): boolean {
  return target !== undefined && target.endpoint.addresses?.length !== 0
}

/** Most routes of a namespace share one combination of key sets: its index is built once, and kept while they last. */
function createKeyFinder(
  indexes: Map<string, KeyIndex>,
  keySets: ReadonlyMap<string, KeySet>,
  previous: BoundTable | null,
  tokens: TokenBinder,
): (ids: readonly string[]) => KeyIndex {
  const before = new Map(previous?.table.keySets.map((keySet) => [keySet.id, keySet]))
  return (ids) => {
    const key = ids.join('\n')
    let index = indexes.get(key)
    if (index === undefined) {
      const isSame = ids.every((id) => keySets.get(id) === before.get(id))
      const kept = isSame ? previous?.keyIndexes.get(key) : undefined
      const sets = ids.flatMap((id) => keySets.get(id) ?? [])
      index = kept ?? bindKeyIndex(sets, tokens)
      indexes.set(key, index)
    }
    return index
  }
}
