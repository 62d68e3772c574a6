// Owns the AIGatewayRoutes of the table: their own parts, their pool, and who may call them.
import type { PolicyReach } from '../policies/authentication/resolve-reach.ts'
import type { PoolMember, Route, RouteAuthentication, Target } from '../routing/table.ts'
import { checkCosts } from './check-costs.ts'
import type { Member, NameClaim, NameClaims } from './claim-model-names.ts'
import type { Claimed, PathClaims } from './claim-paths.ts'
import { compileBackendPool, compileNamePool, indexMembers, type MemberIndex, type Pool } from './compile-pool.ts'
import type { Targets } from './compile-targets.ts'
import { defaultPolicies } from './default-policies.ts'
import type { Grants } from './index-grants.ts'
import type { BrokenRoute, RouteSubject } from './index-resources.ts'
import type { ServiceLookup } from './index-services.ts'
import { isSameRoute } from './is-same-route.ts'
import { describeInternal } from './parsed.ts'
import { readBrokenAuthentication } from './read-broken-match.ts'
import { createReuse } from './reuse.ts'
import { addDegraded, addInvalid, addReference } from './status-draft.ts'

export type CompiledRoutes = Readonly<{ routes: readonly Route[]; serviceTargets: readonly Target[] }>

type Context = Readonly<{
  claims: NameClaims
  index: MemberIndex
  targets: Targets
  grants: Grants
  services: ServiceLookup
  reach: PolicyReach
}>

const reuseRoute = createReuse(isSameRoute)
const reuseTarget = createReuse<Target>()

export function compileRoutes(
  paths: PathClaims,
  claims: NameClaims,
  targets: Targets,
  grants: Grants,
  services: ServiceLookup,
  reach: PolicyReach,
): CompiledRoutes {
  const context: Context = { claims, index: indexMembers(claims), targets, grants, services, reach }
  const serviceTargets: Target[] = []
  const routes: Route[] = []
  for (const claimed of paths.routes) {
    const { route, match } = claimed
    try {
      const { service } = route.parts
      routes.push(reuseRoute(route.parts, compileRoute(claimed, service, context)))
      if (service !== null) serviceTargets.push(resolveService(service, services))
    } catch (error) {
      addInvalid(route.draft, describeInternal(error))
      const broken = { ...route, rawSpec: route.resource.spec }
      routes.push(compileBrokenRoute({ route: broken, match }, reach))
    }
  }
  for (const claimed of paths.brokenRoutes) routes.push(compileBrokenRoute(claimed, reach))
  return { routes, serviceTargets }
}

function compileRoute({ route, match }: Claimed<RouteSubject>, service: Target | null, context: Context): Route {
  const { spec } = route.resource
  const modelName = spec.modelName ?? null
  const claim = modelName === null ? undefined : context.claims.get(modelName)
  const { pool, members } = service === null ? compileModelPool(route, context) : wrapService(service)
  if (service === null && !pool.some(({ weight }) => weight > 0)) {
    addDegraded(route.draft, 'NoTarget', 'it has no usable target: requests are answered 503')
  }
  checkCosts(route, pool, context.targets.list)
  return {
    id: route.id,
    kind: service === null ? 'model' : 'service',
    match,
    isImplied: false,
    modelName,
    modelType: claim?.modelType ?? readModelType(members, context),
    pool,
    authentication: resolveAuthentication(route, listGuarded(route, members, claim), context.reach),
    ...route.parts.policies,
    misconfigured: null,
  }
}

/** With the addresses that are behind it now. */
function resolveService(service: Target, services: ServiceLookup): Target {
  const located = services.locate(service)
  return located === service ? service : reuseTarget(service, located)
}

function wrapService({ id }: Target): Pool {
  const only: PoolMember = { targetId: id, weight: 1, priority: 0 }
  return { pool: [only], members: [] }
}

function compileModelPool(route: RouteSubject, { claims, index, targets, grants }: Context): Pool {
  const { backends, modelName } = route.resource.spec
  if (backends !== undefined) return compileBackendPool(route, index, targets, grants)
  const claim = claims.get(modelName ?? '')
  if (claim?.namespace === route.namespace) return compileNamePool(claim.members, targets)
  const why =
    claim === undefined
      ? 'is no model’s name'
      : `belongs to namespace ${claim.namespace}: name its objects in spec.backends`
  addReference(route.draft, 'RefNotFound', `spec.modelName: ${modelName} ${why}`)
  return { pool: [], members: [] }
}

/** The objects whose policies guard the route: those it sends to, and those whose name it has joined. */
function listGuarded(route: RouteSubject, members: readonly Member[], claim: NameClaim | undefined): readonly Member[] {
  return claim?.namespace === route.namespace ? [...members, ...claim.members] : members
}

/** Of the first backend; others of another type are served all the same, and said. */
function readModelType(members: readonly Member[], { index }: Context): Route['modelType'] {
  const [first] = members
  return first === undefined ? null : (index.get(first.key)?.claim.modelType ?? null)
}

function resolveAuthentication(
  route: RouteSubject,
  members: readonly Member[],
  reach: PolicyReach,
): RouteAuthentication {
  const { spec } = route.resource
  const name = spec.authPolicyRef?.name
  if (name !== undefined) {
    const id = reach.find(route.namespace, name)
    if (id === null) {
      const message = `spec.authPolicyRef: AIAuthPolicy ${route.namespace}/${name} does not exist or is not accepted`
      addReference(route.draft, 'RefNotFound', spec.authentication ? `${message}; nobody is let in` : message)
    }
    if (spec.authentication) return { required: true, keySetIds: id === null ? [] : [id] }
  }
  if (!spec.authentication) return { required: false }
  const own = members.filter((member) => member.namespace === route.namespace).map((member) => member.key)
  const keySetIds = reach.resolve(route.namespace, [route.key, ...own])
  if (keySetIds.length === 0) {
    const message = 'authentication is on and no AIAuthPolicy is in reach: everybody is refused'
    addDegraded(route.draft, 'NoAuthPolicy', message)
  }
  return { required: true, keySetIds }
}

/** Keeps the path of a route that can't be served, so that its requests reach nothing else. */
function compileBrokenRoute({ route, match }: Claimed<BrokenRoute>, reach: PolicyReach): Route {
  const isClosed = readBrokenAuthentication(route.rawSpec)
  const keySetIds = reach.resolve(route.namespace, [`AIGatewayRoute/${route.id}`])
  return {
    id: route.id,
    kind: 'model',
    match,
    isImplied: false,
    modelName: null,
    modelType: null,
    pool: [],
    authentication: isClosed ? { required: true, keySetIds } : { required: false },
    ...defaultPolicies,
    misconfigured: route.draft.invalid.join('; '),
  }
}
