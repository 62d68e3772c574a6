// Every compiled type but quotas (limit.ts) and callers (key-set.ts): what the compiler makes and the data plane obeys.
// Plain, frozen, JSON-able data: it can be cloned, dumped, diffed and sent to another thread. It never holds a secret,
// only a secret's id.

import type { Operation } from '../providers/operation.ts'
import type { KeySet } from './key-set.ts'
import type { Limit, Pricing } from './limit.ts'

export type ModelType =
  | 'LLM'
  | 'ImageGen'
  | 'Sentiment'
  | 'Embedding'
  | 'Rerank'
  | 'SpeechToText'
  | 'TextToSpeech'
  | 'Moderation'

/** Milliseconds; 0 = no limit; null = not set here, the next one in line decides (route, then target, then default). */
export type Timeouts = Readonly<{
  connectMs: number | null
  firstByteMs: number | null
  idleMs: number | null
  totalMs: number | null
}>

/** Header changes in order: remove, then set. Names are lower case, values hold no CR, LF or NUL. */
export type HeaderEdits = Readonly<{
  set: readonly Readonly<{ name: string; value: string }>[]
  remove: readonly string[]
}>

/** Where bytes go: resolved at compile time from an endpoint or a `targetService`. */
export type Endpoint = Readonly<{
  protocol: 'http:' | 'https:'
  /** Lower case, no brackets around IPv6. */
  hostname: string
  port: number
  /** Path before an operation, no trailing slash: `/v1`, or empty. */
  basePath: string
  /** Host header value: the authority as configured, default port left out. */
  authority: string
  /**
   * `ip:port`, `[ip]:port`: what is ready behind an in-cluster Service, sorted; may be empty. Absent: not known, the
   * hostname is looked up.
   */
  addresses?: readonly string[]
  tls: Readonly<{
    /** PEM of extra CAs to trust instead of the system's, or null. */
    caPem: string | null
    /** SNI and certificate name, or null for `hostname`. */
    serverName: string | null
  }> | null
}>

/**
 * `header`: carries the target's own credential; its value is `prefix` + the secret with this id. The others: the
 * secret is what a request is signed with, or what a short-lived token is got for.
 */
export type TargetCredential =
  | Readonly<{ kind: 'header'; header: string; prefix: string; secretId: string }>
  | Readonly<{ kind: 'AWS' | 'GCP' | 'Azure'; secretId: string }>

/** A request parameter default: merged into a body that has none of `unlessSet` at its top level. */
export type ParameterDefault = Readonly<{
  name: string
  /** The value as JSON text, ready to splice. */
  json: string
  /** Parameter names whose presence means the client has decided, `name` among them. */
  unlessSet: readonly string[]
}>

/** One provider + endpoint + upstream model, or a plain service. */
export type Target = Readonly<{
  /**
   * `namespace/name` of the AIModel or LLMModelConfig (the latter + ` LLMModelConfig` where an AIModel behind the same
   * model name has it too); `namespace/name` + ` service` for a route's targetService.
   */
  id: string
  /** A provider name of the registry; null: a plain service, the request is forwarded unchanged. */
  provider: string | null
  endpoint: Endpoint
  /** The model name sent upstream; null: as the client sent it. */
  upstreamModel: string | null
  modelName: string | null
  modelType: ModelType | null
  credential: TargetCredential | null
  /** Per operation: what is merged into the request. Operations without defaults are absent. */
  parameters: Readonly<Partial<Record<Operation, readonly ParameterDefault[]>>>
  /** Null: what it uses costs nothing that is known. */
  pricing: Pricing | null
  /** The most output tokens of one answer, where the model says; null: unknown. */
  maxOutputTokens: number | null
  /** The most tokens of input and output together; null: unknown. */
  contextWindowTokens: number | null
  /** What of a translated request its provider can't carry: refused by name, or left out. */
  unsupportedParameters: 'Refuse' | 'Drop'
  /** The version of the provider's API that requests name; absent: the provider's own choice. */
  apiVersion?: string
  headers: HeaderEdits
  timeouts: Timeouts
}>

/** `weight` may be a fraction: a backend that stands for several targets shares its weight among them. */
export type PoolMember = Readonly<{ targetId: string; weight: number; priority: number }>

export type StrategyType =
  | 'WeightedRandom'
  | 'RoundRobin'
  | 'LeastRequest'
  | 'LowestLatency'
  | 'LowestCost'
  | 'ConsistentHash'

export type RetryPolicy = Readonly<{
  /** Upstream tries after the first one. */
  attempts: number
  conditions: readonly string[]
  backoffMs: number
  /** A second attempt beside a slow one, for requests with one answer. Absent: none. Percent. */
  hedge?: Readonly<{ afterPercentile: number; maxPercent: number }>
}>

/** Who may use a route: nobody has to say (`required: false`), or a key of one of these key sets. */
export type RouteAuthentication = Readonly<{ required: false } | { required: true; keySetIds: readonly string[] }>

export type RouteMatch = Readonly<{
  /**
   * Normalised, starts with `/`, no trailing slash but for `/` itself. Empty: no path leads here, only a model name
   * (an implied route whose path another route has).
   */
  path: string
  pathType: 'Prefix' | 'Exact'
  /** Lower case, `*.` allowed in front; empty: every host. */
  hostnames: readonly string[]
}>

/** A path with its targets and policies, from an AIGatewayRoute or implied by a model (`/v1/<modelName>`). */
export type Route = Readonly<{
  /** Label of metrics, log and `x-sluice-route`: `namespace/name`, or `namespace/models/<modelName>` for an implied one. */
  id: string
  /** `service`: forwarded unchanged and unbuffered. `model`: an operation of a model API. */
  kind: 'service' | 'model'
  match: RouteMatch
  isImplied: boolean
  modelName: string | null
  modelType: ModelType | null
  /** In the order of the manifest, or of `namespace/name` for a pool made of a model name. May be empty: 503. */
  pool: readonly PoolMember[]
  strategy: Readonly<{ type: StrategyType; hashKey: string | null }>
  authentication: RouteAuthentication
  /** The route's own; a consumer's come with the caller. */
  limits: readonly Limit[]
  retry: RetryPolicy
  timeouts: Timeouts
  rewritePrefix: string | null
  requestHeaders: HeaderEdits
  responseHeaders: HeaderEdits
  /** Set: every request is answered `route_misconfigured`; the text is for the log and /explain. */
  misconfigured: string | null
}>

/** A model name on the shared surface (`model` in the body). */
export type ModelEntry = Readonly<{
  modelName: string
  namespace: string
  modelType: ModelType
  /** Internal: reached through routes only, never by name, never listed. */
  visibility: 'Public' | 'Internal'
  /** Exact names, or patterns with one leading or trailing `*`. */
  aliases: readonly string[]
  /** Provider of the oldest object, for `owned_by`. */
  ownedBy: string
  /** Unix seconds of the oldest object, for `created`; 0 when unknown. */
  createdSeconds: number
  /** The policies and targets for requests that name this model: the joined AIGatewayRoute's id, or the implied route's. */
  routeId: string
}>

export type RoutingTable = Readonly<{
  /** SHA-256 (hex) of the rest, secrets included by digest. Equal digests: nothing to do. */
  digest: string
  targets: readonly Target[]
  /** Implied routes among them. */
  routes: readonly Route[]
  models: readonly ModelEntry[]
  keySets: readonly KeySet[]
}>

/** Secret values by id, beside the table and never in it. */
export type SecretValues = ReadonlyMap<string, string>
