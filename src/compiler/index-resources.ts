// Owns which version of each object is compiled: its present spec, its last good one, or none.
import type { AIAuthPolicy } from '../api/generated/ai-auth-policy.ts'
import type { AIGatewayRoute } from '../api/generated/ai-gateway-route.ts'
import type { AIModel } from '../api/generated/ai-model.ts'
import type { LLMModelConfig } from '../api/generated/llm-model-config.ts'
import type { Resource } from '../api/resource.ts'
import type { RejectedResource, ResourceSet } from '../api/resource-set.ts'
import type { SecretLookup } from '../policies/authentication/compile.ts'
import { type Identity, identify } from './identify.ts'
import { type Grants, indexGrants } from './index-grants.ts'
import { indexSecrets } from './index-secrets.ts'
import { indexServices, type ServiceLookup } from './index-services.ts'
import { compareText } from './order.ts'
import { parseAIAuthPolicy } from './parse-ai-auth-policy.ts'
import { type AIGatewayRouteParts, parseAIGatewayRoute } from './parse-ai-gateway-route.ts'
import { type AIModelParts, parseAIModel } from './parse-ai-model.ts'
import { type LLMModelConfigParts, parseLLMModelConfig } from './parse-llm-model-config.ts'
import type { Parsed } from './parsed.ts'
import { addDegraded, createStatusDraft, type StatusDraft } from './status-draft.ts'

/** An object in the version that is compiled. */
export type Subject<R extends Resource, Parts> = Identity &
  Readonly<{
    resource: R
    parts: Parts
    draft: StatusDraft
  }>

export type ModelSubject = Subject<AIModel, AIModelParts>
export type DeploymentSubject = Subject<LLMModelConfig, LLMModelConfigParts>
export type RouteSubject = Subject<AIGatewayRoute, AIGatewayRouteParts>
export type PolicySubject = Subject<AIAuthPolicy, true>

/** A route without any version to serve: its path is kept, and answers that it is misconfigured. */
export type BrokenRoute = Identity & Readonly<{ rawSpec: unknown; draft: StatusDraft }>

/** Everything by kind, in the order of `namespace/name`. */
export type World = Readonly<{
  models: readonly ModelSubject[]
  deployments: readonly DeploymentSubject[]
  routes: readonly RouteSubject[]
  policies: readonly PolicySubject[]
  brokenRoutes: readonly BrokenRoute[]
  secrets: SecretLookup
  grants: Grants
  services: ServiceLookup
  drafts: readonly StatusDraft[]
  lastGood: ReadonlyMap<string, Resource>
}>

/** An object as it is now: readable, or rejected by its schema. */
type Entry<R extends Resource> = Readonly<{ identity: Identity; current: R | null; rejected: RejectedResource | null }>

/** What is special about one kind. */
type KindRules<R extends Resource, Parts> = Readonly<{
  kind: string
  isKind: (resource: Resource) => resource is R
  parse: (resource: R) => Parsed<Parts>
  /** Called for an object without any version to serve. */
  onBroken?: (broken: BrokenRoute) => void
}>

export function indexResources(resources: ResourceSet, lastGood: ReadonlyMap<string, Resource>): World {
  const drafts: StatusDraft[] = []
  const brokenRoutes: BrokenRoute[] = []
  const nextLastGood = new Map<string, Resource>()

  function admit<R extends Resource, Parts>(present: readonly R[], rules: KindRules<R, Parts>): Subject<R, Parts>[] {
    const { kind, isKind, parse } = rules
    const subjects: Subject<R, Parts>[] = []
    for (const { identity, current, rejected } of listEntries(kind, present, resources.rejected)) {
      const draft = createStatusDraft(kind, identity, (current ?? rejected)?.metadata.generation)
      drafts.push(draft)
      const parsed = current === null ? null : parse(current)
      if (parsed !== null) applyFindings(draft, parsed)
      else if (rejected !== null) draft.invalid = listRejections(rejected)
      let resource = current
      let parts: Parts | null = parsed === null ? null : parsed.parts
      if (parts === null) {
        resource = readLastGood(lastGood.get(identity.key), isKind)
        parts = resource === null ? null : parse(resource).parts
        if (parts !== null) addDegraded(draft, 'LastGoodServing', 'its last good version is served')
      }
      const { key, id, namespace, name, createdMs } = identity
      if (parts !== null && resource !== null) {
        nextLastGood.set(key, resource)
        subjects.push({ key, id, namespace, name, createdMs, resource, parts, draft })
      } else {
        const rawSpec = current?.spec ?? readRawSpec(rejected?.raw)
        rules.onBroken?.({ key, id, namespace, name, createdMs, rawSpec, draft })
      }
    }
    return subjects
  }

  // In the order of their names: that is the order of the statuses.
  return {
    policies: admit(resources.aiAuthPolicies, {
      kind: 'AIAuthPolicy',
      isKind: isAIAuthPolicy,
      parse: parseAIAuthPolicy,
    }),
    routes: admit(resources.aiGatewayRoutes, {
      kind: 'AIGatewayRoute',
      isKind: isAIGatewayRoute,
      parse: parseAIGatewayRoute,
      onBroken: (broken) => brokenRoutes.push(broken),
    }),
    models: admit(resources.aiModels, { kind: 'AIModel', isKind: isAIModel, parse: parseAIModel }),
    deployments: admit(resources.llmModelConfigs, {
      kind: 'LLMModelConfig',
      isKind: isLLMModelConfig,
      parse: parseLLMModelConfig,
    }),
    brokenRoutes,
    secrets: indexSecrets(resources.secrets),
    grants: indexGrants(resources.referenceGrants),
    services: indexServices(resources),
    drafts: [...drafts, ...draftOthers(resources.rejected)],
    lastGood: nextLastGood,
  }
}

function listEntries<R extends Resource>(
  kind: string,
  present: readonly R[],
  rejected: readonly RejectedResource[],
): readonly Entry<R>[] {
  const entries: Entry<R>[] = []
  for (const current of present) entries.push({ identity: identify(kind, current.metadata), current, rejected: null })
  for (const object of rejected) {
    if (object.kind !== kind) continue
    entries.push({ identity: identify(kind, object.metadata), current: null, rejected: object })
  }
  return entries.sort((a, b) => compareText(a.identity.id, b.identity.id))
}

function applyFindings<Parts>(draft: StatusDraft, { findings }: Parsed<Parts>): void {
  draft.invalid = findings.invalid
  draft.notInEffect = findings.notInEffect
  draft.notes = findings.notes
}

function readLastGood<R extends Resource>(
  resource: Resource | undefined,
  isKind: (resource: Resource) => resource is R,
): R | null {
  return resource !== undefined && isKind(resource) ? resource : null
}

function listRejections({ messages, location, messageLocations = [] }: RejectedResource): readonly string[] {
  const lines = messages.length === 0 ? ['the object does not fit its schema'] : messages
  return lines.map((line, at) => {
    const place = messageLocations[at] ?? location
    return place === '' ? line : `${place}: ${line}`
  })
}

/** Rejected objects of kinds that have no status of ours (a Secret, a ReferenceGrant): said all the same. */
function draftOthers(rejected: readonly RejectedResource[]): readonly StatusDraft[] {
  const own = new Set(['AIAuthPolicy', 'AIGatewayRoute', 'AIModel', 'LLMModelConfig'])
  return rejected
    .filter(({ kind }) => !own.has(kind))
    .map((object) => ({ object, identity: identify(object.kind, object.metadata) }))
    .sort((a, b) => compareText(a.identity.key, b.identity.key))
    .map(({ object, identity }) => {
      const draft = createStatusDraft(object.kind, identity, object.metadata.generation)
      draft.invalid = listRejections(object)
      return draft
    })
}

function readRawSpec(raw: unknown): unknown {
  return typeof raw === 'object' && raw !== null && 'spec' in raw ? raw.spec : undefined
}

const isAIModel = (resource: Resource): resource is AIModel => resource.kind === 'AIModel'
const isAIGatewayRoute = (resource: Resource): resource is AIGatewayRoute => resource.kind === 'AIGatewayRoute'
const isAIAuthPolicy = (resource: Resource): resource is AIAuthPolicy => resource.kind === 'AIAuthPolicy'
const isLLMModelConfig = (resource: Resource): resource is LLMModelConfig => resource.kind === 'LLMModelConfig'
