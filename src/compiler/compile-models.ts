// Owns the model names of the shared surface and the routes they imply (`/v1/<modelName>`).
import type { PolicyReach } from '../policies/authentication/resolve-reach.ts'
import type { ModelEntry, Route, RouteAuthentication } from '../routing/table.ts'
import { type ClaimedAliases, claimAliases } from './claim-aliases.ts'
import { isPublic, type NameClaim, type NameClaims } from './claim-model-names.ts'
import type { PathClaims } from './claim-paths.ts'
import { compileNamePool } from './compile-pool.ts'
import type { Targets } from './compile-targets.ts'
import { defaultPolicies } from './default-policies.ts'
import type { RouteSubject } from './index-resources.ts'
import { isSameRoute } from './is-same-route.ts'
import type { Joins } from './join-routes.ts'
import { compareAge } from './order.ts'
import { parseImpliedPath } from './parse-route-path.ts'
import { describeInternal } from './parsed.ts'
import { createReuse } from './reuse.ts'
import { addInvalid, addNote } from './status-draft.ts'

export type CompiledModels = Readonly<{ models: readonly ModelEntry[]; impliedRoutes: readonly Route[] }>

type Context = Readonly<{
  routes: ReadonlyMap<string, Route>
  paths: PathClaims
  targets: Targets
  reach: PolicyReach
  aliases: ClaimedAliases
}>

const reuseRoute = createReuse(isSameRoute)
const reuseEntry = createReuse<ModelEntry>()

export function compileModels(
  claims: NameClaims,
  joins: Joins,
  routes: readonly Route[],
  paths: PathClaims,
  targets: Targets,
  reach: PolicyReach,
): CompiledModels {
  const byId = new Map(routes.map((route) => [route.id, route]))
  const context: Context = { routes: byId, paths, targets, reach, aliases: claimAliases(claims, joins) }
  const models: ModelEntry[] = []
  const impliedRoutes: Route[] = []
  for (const claim of claims.values()) {
    try {
      const joined = byId.get(joins.get(claim.modelName)?.id ?? '')
      const implied = claim.members.some(isPublic) ? compileImpliedRoute(claim, joined, context) : null
      if (implied !== null) impliedRoutes.push(reuseRoute(claim.oldest.parts, implied))
      const routeId = joined?.id ?? implied?.id
      if (routeId === undefined) continue
      models.push(reuseEntry(claim.oldest.parts, compileEntry(claim, routeId, context.aliases)))
    } catch (error) {
      for (const { draft } of claim.members) addInvalid(draft, describeInternal(error))
    }
  }
  for (const [modelName, route] of joins) {
    if (!claims.has(modelName)) models.push(compileRouteEntry(modelName, route, byId.get(route.id)))
  }
  return { models, impliedRoutes }
}

function compileEntry(claim: NameClaim, routeId: string, aliases: ClaimedAliases): ModelEntry {
  const publicMembers = claim.members.filter(isPublic)
  // Nothing of an Internal object shows on the shared surface, not even its provider.
  const [oldest = claim.oldest] = publicMembers.sort(compareAge)
  return {
    modelName: claim.modelName,
    namespace: claim.namespace,
    modelType: claim.modelType,
    visibility: publicMembers.length > 0 ? 'Public' : 'Internal',
    aliases: aliases.get(claim.modelName) ?? [],
    ownedBy: oldest.resource.spec.modelProvider,
    createdSeconds: toSeconds(oldest.createdMs),
    routeId,
  }
}

/** A name that only a route with targets of its own has. */
function compileRouteEntry(modelName: string, subject: RouteSubject, route: Route | undefined): ModelEntry {
  return {
    modelName,
    namespace: subject.namespace,
    modelType: route?.modelType ?? 'LLM',
    visibility: 'Public',
    aliases: [],
    ownedBy: 'Custom',
    createdSeconds: toSeconds(subject.createdMs),
    routeId: subject.id,
  }
}

function toSeconds(createdMs: number): number {
  return Number.isFinite(createdMs) ? Math.floor(createdMs / 1_000) : 0
}

/**
 * With a joined route it is that route under a second path: the same targets, limits and counters, so that no policy
 * can be walked around, but always authenticated. Null: another route has the path, and the name has a route already.
 */
function compileImpliedRoute(claim: NameClaim, joined: Route | undefined, context: Context): Route | null {
  const path = resolveImpliedPath(claim, context.paths)
  if (joined !== undefined && path === '') return null
  const id = `${claim.namespace}/models/${claim.modelName}`
  const authentication = resolveAuthentication(claim, joined, context.reach)
  if (joined !== undefined) {
    // A plain service knows its own path only; below an Exact one it has nothing to answer.
    const isService = joined.kind === 'service'
    const pathType = isService ? joined.match.pathType : 'Prefix'
    const rewritePrefix = isService ? (joined.rewritePrefix ?? joined.match.path) : null
    return { ...joined, id, match: { path, pathType, hostnames: [] }, isImplied: true, authentication, rewritePrefix }
  }
  if (authentication.required && authentication.keySetIds.length === 0) {
    const message = `no AIAuthPolicy is in reach: requests for ${claim.modelName} are refused`
    for (const { draft } of claim.members) addNote(draft, message)
  }
  return {
    id,
    kind: 'model',
    match: { path, pathType: 'Prefix', hostnames: [] },
    isImplied: true,
    modelName: claim.modelName,
    modelType: claim.modelType,
    pool: compileNamePool(claim.members.filter(isPublic), context.targets).pool,
    authentication,
    ...defaultPolicies,
    misconfigured: null,
  }
}

/** First segments of the shared surface after `/v1/`: a model of that name is reached by its name only. */
const sharedSegments = new Set([
  'chat',
  'completions',
  'embeddings',
  'responses',
  'moderations',
  'images',
  'audio',
  'rerank',
  'messages',
  'models',
])

/** Empty: the path is another's. */
function resolveImpliedPath(claim: NameClaim, paths: PathClaims): string {
  const path = parseImpliedPath(claim.modelName)
  const isShared = sharedSegments.has(claim.modelName.split('/', 1)[0] ?? '')
  if (path !== null && !isShared && !paths.hasHostlessPrefix(path)) return path
  if (path === null || isShared) {
    for (const { draft } of claim.members)
      addNote(draft, `/v1/${claim.modelName} is not this model's: name it in requests`)
  }
  return ''
}

function resolveAuthentication(claim: NameClaim, joined: Route | undefined, reach: PolicyReach): RouteAuthentication {
  if (joined?.authentication.required === true) return joined.authentication
  const keySetIds = reach.resolve(
    claim.namespace,
    claim.members.map(({ key }) => key),
  )
  return { required: true, keySetIds }
}
