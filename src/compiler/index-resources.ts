// Owns which version of each object is compiled: its present spec, its last good one, or none.
import type { AIAuthPolicy } from '../api/generated/ai-auth-policy.ts'
import type { AIGatewayRoute } from '../api/generated/ai-gateway-route.ts'
import type { AIModel } from '../api/generated/ai-model.ts'
import type { LLMModelConfig } from '../api/generated/llm-model-config.ts'
import { type ObjectMeta, type Resource, readNamespace } from '../api/resource.ts'
import type { RejectedResource, ResourceSet } from '../api/resource-set.ts'
import type { SecretLookup } from '../policies/authentication/compile.ts'
import { type Grants, indexGrants } from './index-grants.ts'
import { indexSecrets } from './index-secrets.ts'
import { compareText } from './order.ts'
import { parseAIAuthPolicy } from './parse-ai-auth-policy.ts'
import { type AIGatewayRouteParts, parseAIGatewayRoute } from './parse-ai-gateway-route.ts'
import { type AIModelParts, parseAIModel } from './parse-ai-model.ts'
import { type LLMModelConfigParts, parseLLMModelConfig } from './parse-llm-model-config.ts'
import type { Parsed } from './parsed.ts'
import { createStatusDraft, type StatusDraft } from './status-draft.ts'

/** An object in the version that is compiled. */
export type Subject<R extends Resource, Parts> = Readonly<{
  /** `Kind/namespace/name`. */
  key: string
  /** `namespace/name`. */
  id: string
  namespace: string
  name: string
  /** Of the object as it is now; Infinity when unknown. */
  createdMs: number
  resource: R
  parts: Parts
  draft: StatusDraft
}>

export type ModelSubject = Subject<AIModel, AIModelParts>
export type DeploymentSubject = Subject<LLMModelConfig, LLMModelConfigParts>
export type RouteSubject = Subject<AIGatewayRoute, AIGatewayRouteParts>
export type PolicySubject = Subject<AIAuthPolicy, true>

/** A route without any version to serve: its path is kept, and answers that it is misconfigured. */
export type BrokenRoute = Readonly<{
  id: string
  namespace: string
  name: string
  createdMs: number
  rawSpec: unknown
  draft: StatusDraft
}>

/** Everything by kind, in the order of `namespace/name`. */
export type World = Readonly<{
  models: readonly ModelSubject[]
  deployments: readonly DeploymentSubject[]
  routes: readonly RouteSubject[]
  policies: readonly PolicySubject[]
  brokenRoutes: readonly BrokenRoute[]
  secrets: SecretLookup
  grants: Grants
  drafts: readonly StatusDraft[]
  lastGood: ReadonlyMap<string, Resource>
}>

type Entry<R extends Resource> = Readonly<{
  key: string
  id: string
  metadata: ObjectMeta
  present: R | null
  rejected: RejectedResource | null
}>

export function indexResources(resources: ResourceSet, lastGood: ReadonlyMap<string, Resource>): World {
  const drafts: StatusDraft[] = []
  const brokenRoutes: BrokenRoute[] = []
  const nextLastGood = new Map<string, Resource>()

  function admit<R extends Resource, Parts>(
    kind: string,
    present: readonly R[],
    isKind: (resource: Resource) => resource is R,
    parse: (resource: R) => Parsed<Parts>,
  ): readonly Subject<R, Parts>[] {
    const subjects: Subject<R, Parts>[] = []
    for (const { key, id, metadata, present: current, rejected } of listEntries(kind, present, resources.rejected)) {
      const namespace = readNamespace({ metadata })
      const draft = createStatusDraft(kind, namespace, metadata.name, metadata.generation)
      drafts.push(draft)
      const createdMs = parseCreatedMs(metadata.creationTimestamp)
      let served: { resource: R; parts: Parts } | null = null
      if (current !== null) {
        const { parts, findings } = parse(current)
        draft.invalid = findings.invalid
        draft.notInEffect = findings.notInEffect
        draft.notes.push(...findings.notes)
        if (parts !== null) served = { resource: current, parts }
      } else if (rejected !== null) {
        draft.invalid = listRejections(rejected)
      }
      if (served === null) {
        served = readLastGood(lastGood.get(key), isKind, parse)
        if (served !== null) {
          draft.degraded.push({ reason: 'LastGoodServing', message: 'its last good version is served' })
        }
      }
      if (served !== null) {
        nextLastGood.set(key, served.resource)
        subjects.push({ key, id, namespace, name: metadata.name, createdMs, ...served, draft })
      } else if (kind === 'AIGatewayRoute') {
        const rawSpec = current?.spec ?? readRawSpec(rejected?.raw)
        brokenRoutes.push({ id, namespace, name: metadata.name, createdMs, rawSpec, draft })
      }
    }
    return subjects
  }

  return {
    policies: admit('AIAuthPolicy', resources.aiAuthPolicies, isAIAuthPolicy, parseAIAuthPolicy),
    routes: admit('AIGatewayRoute', resources.aiGatewayRoutes, isAIGatewayRoute, parseAIGatewayRoute),
    models: admit('AIModel', resources.aiModels, isAIModel, parseAIModel),
    deployments: admit('LLMModelConfig', resources.llmModelConfigs, isLLMModelConfig, parseLLMModelConfig),
    brokenRoutes,
    secrets: indexSecrets(resources.secrets),
    grants: indexGrants(resources.referenceGrants),
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
  for (const resource of present) entries.push(createEntry(resource.metadata, kind, resource, null))
  for (const object of rejected) {
    if (object.kind === kind) entries.push(createEntry<R>(object.metadata, kind, null, object))
  }
  return entries.sort((a, b) => compareText(a.id, b.id))
}

function createEntry<R extends Resource>(
  metadata: ObjectMeta,
  kind: string,
  present: R | null,
  rejected: RejectedResource | null,
): Entry<R> {
  const id = `${readNamespace({ metadata })}/${metadata.name}`
  return { key: `${kind}/${id}`, id, metadata, present, rejected }
}

function readLastGood<R extends Resource, Parts>(
  resource: Resource | undefined,
  isKind: (resource: Resource) => resource is R,
  parse: (resource: R) => Parsed<Parts>,
): { resource: R; parts: Parts } | null {
  if (resource === undefined || !isKind(resource)) return null
  const { parts } = parse(resource)
  return parts === null ? null : { resource, parts }
}

function listRejections({ messages, location }: RejectedResource): readonly string[] {
  const lines = messages.length === 0 ? ['the object does not fit its schema'] : messages
  return location === '' ? lines : lines.map((line) => `${location}: ${line}`)
}

/** Rejected objects of kinds that have no status of ours (a Secret, a ReferenceGrant): said all the same. */
function draftOthers(rejected: readonly RejectedResource[]): readonly StatusDraft[] {
  const own = new Set(['AIAuthPolicy', 'AIGatewayRoute', 'AIModel', 'LLMModelConfig'])
  return rejected
    .filter(({ kind }) => !own.has(kind))
    .map((object) => {
      const { metadata } = object
      const draft = createStatusDraft(object.kind, readNamespace(object), metadata.name, metadata.generation)
      draft.invalid = listRejections(object)
      return draft
    })
}

function readRawSpec(raw: unknown): unknown {
  return typeof raw === 'object' && raw !== null && 'spec' in raw ? raw.spec : undefined
}

function parseCreatedMs(timestamp: string | undefined): number {
  const ms = timestamp === undefined ? Number.NaN : Date.parse(timestamp)
  return Number.isNaN(ms) ? Number.POSITIVE_INFINITY : ms
}

const isAIModel = (resource: Resource): resource is AIModel => resource.kind === 'AIModel'
const isAIGatewayRoute = (resource: Resource): resource is AIGatewayRoute => resource.kind === 'AIGatewayRoute'
const isAIAuthPolicy = (resource: Resource): resource is AIAuthPolicy => resource.kind === 'AIAuthPolicy'
const isLLMModelConfig = (resource: Resource): resource is LLMModelConfig => resource.kind === 'LLMModelConfig'
