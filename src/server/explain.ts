// Which route, which targets, why, and which limits: the request path's own lookups, asked without a request.

import { GatewayError } from '../errors/gateway-error.ts'
import { findCallers } from '../policies/authentication/enforce.ts'
import type { Route } from '../routing/table.ts'
import type { BoundRoute, BoundTable } from '../upstream/bound-route.ts'
import { parseRequestTarget } from '../wire/request-target.ts'
import { authorizeModel, checkModelAllowed, chooseCaller, type SharedCallers } from './authenticate.ts'

export type ExplainQuery = Readonly<{
  path?: string | undefined
  model?: string | undefined
  key?: string | undefined
  host?: string | undefined
}>

export type Explanation = Readonly<{
  generation: number
  digest: string
  /** What would be answered before any backend is asked: 200 means a target is asked. */
  outcome: Readonly<{ status: number; code: string | null; reason: string }>
  steps: readonly string[]
  route: object | null
  targets: readonly object[]
  limits: readonly object[]
}>

/** The key itself is never repeated in the answer. */
export function explainRequest(bound: BoundTable, query: ExplainQuery): Explanation {
  const steps: string[] = []
  let route: BoundRoute | null = null
  let outcome: Explanation['outcome'] = { status: 200, code: null, reason: 'a target is asked' }
  try {
    route = findRoute(bound, query, steps, (found) => {
      route = found
    })
    if (route.route.misconfigured !== null) throw new GatewayError('route_misconfigured', route.route.misconfigured)
    if (route.tiers.length === 0) throw new GatewayError('no_target_available', 'the route has no target in service')
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    outcome = { status: error.entry.status, code: error.code, reason: error.message }
  }
  return {
    generation: bound.generation,
    digest: bound.table.digest,
    outcome,
    steps,
    route: route === null ? null : describeRoute(route.route),
    targets: route === null ? [] : describeTargets(route),
    limits: route === null ? [] : route.route.limits,
  }
}

function findRoute(
  bound: BoundTable,
  query: ExplainQuery,
  steps: string[],
  onRoute: (route: BoundRoute) => void,
): BoundRoute {
  const path = parseRequestTarget(query.path ?? '/v1/chat/completions').path
  const match = bound.find((query.host ?? '').toLowerCase(), path)
  if (match === null) throw new GatewayError('route_not_found', `no route matches ${path}`)
  const { value } = match
  if (value.kind === 'route') {
    const { route } = value.route
    onRoute(value.route)
    steps.push(`path ${path} matches route ${route.id} (${route.match.pathType} ${route.match.path})`)
    const caller = findCaller(query.key, value.route)
    steps.push(caller)
    return value.route
  }
  if (value.kind === 'models') throw new GatewayError('invalid_request', 'the list of models asks no target')
  steps.push(`path ${path} is the shared surface: the model decides`)
  if (query.model === undefined) throw new GatewayError('missing_model', 'say which model')
  const model = bound.models.find(query.model)
  if (model === undefined) throw new GatewayError('model_not_found', `no public model answers to ${query.model}`)
  onRoute(model.route)
  steps.push(
    `model ${query.model} is ${model.entry.namespace}/${model.entry.modelName}, by route ${model.route.route.id}`,
  )
  const caller = authorizeModel(readShared(bound, query.key), model)
  steps.push(caller === null ? 'no key is asked for' : `the key is ${caller.consumer}'s, of ${caller.keySetId}`)
  return model.route
}

function readShared(bound: BoundTable, key: string | undefined): SharedCallers {
  if (key === undefined) return { callers: [], refusal: new GatewayError('missing_api_key', 'no key was given') }
  const callers = findCallers(bound.sharedKeys, key)
  if (callers !== undefined) return { callers, refusal: null }
  return { callers: [], refusal: new GatewayError('invalid_api_key', 'the key is in no policy in reach') }
}

function findCaller(key: string | undefined, route: BoundRoute): string {
  if (route.keys === null) return 'no key is asked for'
  if (key === undefined) throw new GatewayError('missing_api_key', 'no key was given')
  const { modelName } = route.route
  const caller = chooseCaller(findCallers(route.keys, key) ?? [], modelName)
  if (caller === undefined) throw new GatewayError('invalid_api_key', 'the key is in no policy in reach of the route')
  checkModelAllowed(caller, modelName)
  return `the key is ${caller.consumer}'s, of ${caller.keySetId}`
}

function describeRoute(route: Route): object {
  const { id, kind, match, modelName, strategy, retry, authentication, isImplied } = route
  return { id, kind, match, modelName, isImplied, strategy: strategy.type, retry, authentication }
}

function describeTargets(route: BoundRoute): readonly object[] {
  return route.tiers.flat().map(({ member, target, timeouts }) => ({
    id: target.id,
    provider: target.provider,
    url: `${target.endpoint.protocol}//${target.endpoint.authority}${target.endpoint.basePath}`,
    upstreamModel: target.upstreamModel ?? target.modelName,
    weight: member.weight,
    priority: member.priority,
    timeouts,
  }))
}
