// Owns what an AIGatewayRoute says by itself: what it matches, its policies, and where a plain service is.
import type { Findings } from '../api/findings.ts'
import { collect } from '../api/findings.ts'
import type { AIGatewayRoute, AIGatewayRouteSpec } from '../api/generated/ai-gateway-route.ts'
import { readNamespace } from '../api/resource.ts'
import { compileRouteLimits } from '../policies/limits/compile.ts'
import type { RetryPolicy, Route, RouteMatch, Target } from '../routing/table.ts'
import { compileHeaderEdits } from './compile-header-edits.ts'
import { compileTimeouts } from './compile-timeouts.ts'
import { defaultPolicies } from './default-policies.ts'
import { parseDurationMs } from './parse-duration.ts'
import { parseTargetService } from './parse-endpoint.ts'
import { parseHostname } from './parse-hostname.ts'
import { parseRoutePath } from './parse-route-path.ts'
import { createParser } from './parsed.ts'

/** The part of a Route that needs nothing but its own spec. */
export type AIGatewayRouteParts = Readonly<{
  match: RouteMatch
  /** The target of `spec.targetService`. */
  service: Target | null
  policies: Pick<
    Route,
    'strategy' | 'limits' | 'retry' | 'timeouts' | 'rewritePrefix' | 'requestHeaders' | 'responseHeaders'
  >
}>

export const parseAIGatewayRoute = createParser((route: AIGatewayRoute, findings: Findings): AIGatewayRouteParts => {
  const { spec } = route
  const { targetService } = spec
  const id = `${readNamespace(route)}/${route.metadata.name}`
  if (targetService !== undefined && spec.backends !== undefined) {
    findings.invalid.push('spec.backends: not together with spec.targetService')
  }
  if (targetService === undefined && spec.backends === undefined && spec.modelName === undefined) {
    findings.invalid.push('spec: one of targetService, backends and modelName is needed')
  }
  return {
    match: compileMatch(spec, findings),
    service: targetService === undefined ? null : compileServiceTarget(id, targetService, spec.modelName, findings),
    policies: {
      strategy: compileStrategy(spec, findings),
      limits: compileLimits(spec, id, findings),
      retry: compileRetry(spec.retry, findings),
      timeouts: compileTimeouts(spec.timeouts, findings),
      rewritePrefix: compileRewritePrefix(spec, findings),
      requestHeaders: compileHeaderEdits(spec.headers?.request, 'spec.headers.request', findings),
      responseHeaders: compileHeaderEdits(spec.headers?.response, 'spec.headers.response', findings),
    },
  }
})

/** A plain service reports no tokens that could be counted. */
function compileLimits(spec: AIGatewayRouteSpec, id: string, findings: Findings): Route['limits'] {
  const limits = compileRouteLimits(spec.rateLimit, id)
  if (spec.targetService === undefined) return limits
  for (const name of ['tokensPerMinute', 'tokensPerDay'] as const) {
    if (spec.rateLimit?.[name] !== undefined) {
      findings.notInEffect.push(`spec.rateLimit.${name} (a plain service reports no tokens)`)
    }
  }
  return limits.filter(({ unit }) => unit !== 'tokens')
}

const noParameters: Target['parameters'] = Object.freeze({})
const noHostnames: RouteMatch['hostnames'] = Object.freeze([])

/** A plain service has no credential, defaults or timers of its own: the route's hold. */
function compileServiceTarget(
  routeId: string,
  targetService: string,
  modelName: string | undefined,
  findings: Findings,
): Target | null {
  const endpoint = collect(findings, 'spec.targetService', () => parseTargetService(targetService))
  if (endpoint === null) return null
  return {
    id: `${routeId} service`,
    provider: null,
    endpoint,
    upstreamModel: null,
    modelName: modelName ?? null,
    modelType: null,
    credential: null,
    parameters: noParameters,
    pricing: null,
    maxOutputTokens: null,
    contextWindowTokens: null,
    unsupportedParameters: 'Refuse',
    headers: defaultPolicies.requestHeaders,
    timeouts: defaultPolicies.timeouts,
  }
}

function compileMatch(spec: AIGatewayRouteSpec, findings: Findings): RouteMatch {
  const path = collect(findings, 'spec.path', () => parseRoutePath(spec.path))
  if (spec.hostnames === undefined) return { path: path ?? '', pathType: spec.pathType, hostnames: noHostnames }
  const hostnames = new Set<string>()
  for (const text of spec.hostnames) {
    const hostname = collect(findings, `spec.hostnames[${text}]`, () => parseHostname(text))
    if (hostname !== null) hostnames.add(hostname)
  }
  return { path: path ?? '', pathType: spec.pathType, hostnames: [...hostnames].sort() }
}

/** Header names are compared in lower case, as requests have them. */
function compileStrategy(
  { strategy: { type, key }, targetService }: AIGatewayRouteSpec,
  findings: Findings,
): Route['strategy'] {
  if (type === 'WeightedRandom') return defaultPolicies.strategy
  if (type !== 'ConsistentHash') return { type, hashKey: null }
  if (key === 'PromptPrefix' && targetService !== undefined) {
    findings.notInEffect.push(
      'spec.strategy.key: PromptPrefix (a plain service has no prompt: served as WeightedRandom)',
    )
    return defaultPolicies.strategy
  }
  const header = /^Header:(.+)$/.exec(key ?? '')?.[1]
  return { type, hashKey: header === undefined ? (key ?? null) : `Header:${header.toLowerCase()}` }
}

/** The CRD's default: who wrote it, or nothing, asks for nothing. */
const defaultBackoff = '25ms'

function compileRetry(spec: AIGatewayRouteSpec['retry'], findings: Findings): RetryPolicy {
  if (isDefaultRetry(spec)) return defaultPolicies.retry
  const conditions = new Set(spec.conditions.map(String))
  const backoffMs = collect(findings, 'spec.retry.backoff', () => parseDurationMs(spec.backoff))
  const { attempts, hedge } = spec
  return { attempts, conditions: [...conditions].sort(), backoffMs: backoffMs ?? 0, ...(hedge && { hedge }) }
}

/** Most routes say nothing of retries: they share what the CRD's defaults come to. */
function isDefaultRetry({ attempts, conditions, backoff, hedge }: AIGatewayRouteSpec['retry']): boolean {
  if (hedge !== undefined) return false
  const { retry } = defaultPolicies
  const isDefaultConditions = conditions.length === 1 && conditions[0] === retry.conditions[0]
  return attempts === retry.attempts && isDefaultConditions && backoff === defaultBackoff
}

/** A model's operations have paths of their own: there is no prefix of the route's in them to replace. */
function compileRewritePrefix(
  { rewritePrefix: text, targetService }: AIGatewayRouteSpec,
  findings: Findings,
): string | null {
  if (text === undefined) return null
  if (targetService === undefined) findings.notInEffect.push('spec.rewritePrefix: for a targetService only')
  return collect(findings, 'spec.rewritePrefix', () => parseRoutePath(text))
}
