// Which route, which targets, why, and which limits: the request path's own lookups, asked without a request.

import { GatewayError } from '../errors/gateway-error.ts'
import type { Caller } from '../policies/authentication/caller.ts'
import type { KeyIndex } from '../policies/authentication/enforce.ts'
import type { Route } from '../routing/table.ts'
import type { BoundRoute, BoundTable } from '../upstream/bound-route.ts'
import { parseAuthority } from '../wire/authority.ts'
import { parseRequestTarget } from '../wire/request-target.ts'
import {
  authorizeModel,
  canUseModel,
  checkModelAllowed,
  checkShared,
  chooseCaller,
  identify,
  type SharedCallers,
} from './authenticate.ts'
import { describeLimits, type LimitDescription } from './describe-limits.ts'
import { explainTargets } from './explain-targets.ts'
import { isOperation } from './surfaces/operations.ts'

export type ExplainQuery = Readonly<{
  path?: string | undefined
  model?: string | undefined
  key?: string | undefined
  host?: string | undefined
  /** How many tokens of context the request needs: for targets with a context window. */
  tokens?: string | undefined
}>

export type Explanation = Readonly<{
  generation: number
  digest: string
  /** What would be answered before any backend is asked: 200 means a target is asked, or that the gateway answers itself. */
  outcome: Readonly<{ status: number; code: string | null; reason: string }>
  steps: readonly string[]
  route: object | null
  targets: readonly object[]
  /** Those of the route and, where the key is known, of its consumer. */
  limits: readonly LimitDescription[]
}>

/** How far a request gets. */
type Reached = { route: BoundRoute | null; caller: Caller | null }

/** The key or token itself is never repeated in the answer. */
export async function explainRequest(bound: BoundTable, query: ExplainQuery): Promise<Explanation> {
  const steps: string[] = []
  const reached: Reached = { route: null, caller: null }
  let outcome: Explanation['outcome']
  try {
    const reason = await explainSteps(bound, query, steps, reached)
    outcome = { status: 200, code: null, reason }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    outcome = { status: error.entry.status, code: error.code, reason: error.message }
  }
  const { route, caller } = reached
  return {
    generation: bound.generation,
    digest: bound.table.digest,
    outcome,
    steps,
    route: route === null ? null : describeRoute(route.route),
    targets: route === null ? [] : explainTargets(bound, route, caller, readCount(query.tokens)),
    limits: route === null ? [] : describeLimits(caller, route),
  }
}

/** Goes the way of a request up to a target; returns why it would be well, throws what it would be refused with. */
async function explainSteps(
  bound: BoundTable,
  query: ExplainQuery,
  steps: string[],
  reached: Reached,
): Promise<string> {
  const path = parseRequestTarget(query.path ?? '/v1/chat/completions').path
  const match = bound.find(query.host ? parseAuthority(query.host, 80).hostname : '', path)
  if (match === null) throw new GatewayError('route_not_found', `no route matches ${path}`)
  const { value } = match
  if (value.kind === 'route') {
    const { route } = value.route
    reached.route = value.route
    steps.push(`path ${path} matches route ${route.id} (${route.match.pathType} ${route.match.path})`)
    reached.caller = await findCaller(query.key, value.route)
    steps.push(renderCaller(reached.caller))
    const suffix = path.slice(match.length).replace(/^\/|\/$/g, '')
    if (route.kind === 'model' && /^models(?:\/|$)/.test(suffix)) return 'the gateway answers: what is behind the route'
    if (route.kind === 'model' && suffix !== '' && !isOperation(suffix)) {
      throw new GatewayError('route_not_found', `the route leads to a model, which has no operation ${suffix}`)
    }
    return checkTargets(value.route)
  }
  if (value.kind === 'models') {
    steps.push(`path ${path} is the list of models`)
    const shared = checkShared(await identifyKey(bound.sharedKeys, query.key), bound)
    const count = bound.publicModels.filter((model) => canUseModel(shared, model)).length
    return `the gateway answers: the key may use ${count} of ${bound.publicModels.length} models`
  }
  steps.push(`path ${path} is the shared surface: the model decides`)
  if (query.model === undefined) throw new GatewayError('missing_model', 'say which model')
  const model = bound.models.find(query.model)
  if (model === undefined) throw new GatewayError('model_not_found', `no public model answers to ${query.model}`)
  reached.route = model.route
  steps.push(
    `model ${query.model} is ${model.entry.namespace}/${model.entry.modelName}, by route ${model.route.route.id}`,
  )
  const caller = authorizeModel(await identifyKey(bound.sharedKeys, query.key), model)
  reached.caller = caller
  steps.push(renderCaller(caller))
  return checkTargets(model.route)
}

function checkTargets({ route, tiers }: BoundRoute): string {
  if (route.misconfigured !== null) throw new GatewayError('route_misconfigured', route.misconfigured)
  if (tiers.length === 0) throw new GatewayError('no_target_available', 'the route has no target in service')
  return 'a target is asked'
}

async function identifyKey(keys: KeyIndex, key: string | undefined): Promise<SharedCallers> {
  if (key === undefined) return { callers: [], refusal: new GatewayError('missing_api_key', 'no key was given') }
  const found = await identify(keys, key)
  // A token's refusal says why; an unknown key's has nothing to say.
  if (found.refusal === null || found.refusal.message !== found.refusal.publicText) return found
  return { ...found, refusal: new GatewayError('invalid_api_key', 'the key is in no policy in reach') }
}

function renderCaller(caller: Caller | null): string {
  return caller === null ? 'no key is asked for' : `the key is ${caller.consumer}'s, of ${caller.keySetId}`
}

/** Null: no key is asked for. */
async function findCaller(key: string | undefined, route: BoundRoute): Promise<Caller | null> {
  if (route.keys === null) return null
  const { callers, refusal } = await identifyKey(route.keys, key)
  const { modelName } = route.route
  const caller = chooseCaller(callers, modelName)
  if (caller === undefined) throw refusal ?? new GatewayError('invalid_api_key')
  checkModelAllowed(caller, modelName)
  return caller
}

function describeRoute(route: Route): object {
  const { id, kind, match, modelName, strategy, retry, authentication, isImplied } = route
  return { id, kind, match, modelName, isImplied, strategy: strategy.type, retry, authentication }
}

function readCount(text: string | undefined): number {
  const count = Number(text ?? 0)
  return Number.isSafeInteger(count) && count > 0 ? count : 0
}
