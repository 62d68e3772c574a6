// Generated from crds/ai.example.com_aigatewayroutes.yaml by scripts/generate-api-types.ts: do not edit.
import type { Resource } from '../resource.ts'

/**
 * What the route matches, where its requests go, and who may send how many. At least one of targetService, backends and modelName must be set.
 */
export interface AIGatewayRouteSpec {
  /**
   * The path that requests must have. Starts with /. The longest matching path wins. Example /v1/sentiment.
   */
  readonly path: string
  /**
   * Prefix: the path and everything below it, on segment boundaries (/v1/a matches /v1/a/b, not /v1/ab). Exact: this path only. Default Prefix.
   */
  readonly pathType: 'Prefix' | 'Exact'
  /**
   * Hosts that the route answers for; without the list, every host. Example api.example.com or *.example.com.
   *
   * Items: A host name, or *. and a host name for every name below it. No port.
   */
  readonly hostnames?: readonly string[]
  /**
   * The service that requests go to: host[:port], or http(s)://host[:port][/base]. Plain HTTP and port 80 where unsaid. Not together with backends. Example sentiment-model-service.default.svc.cluster.local:8080.
   */
  readonly targetService?: string
  /**
   * Joins the route to this model name. Requests that ask for it by name use this route's policies too; without targetService and backends they go to the targets of that name.
   */
  readonly modelName?: string
  /**
   * The models that requests go to. Not together with targetService. Those of the lowest priority are used first, each by its weight.
   *
   * Items: One model and its share.
   */
  readonly backends?: readonly {
    /**
     * The model's object.
     */
    readonly modelRef: {
      /**
       * Name of the object (metadata.name, not modelName).
       */
      readonly name: string
      /**
       * AIModel or LLMModelConfig. Default AIModel.
       */
      readonly kind: 'AIModel' | 'LLMModelConfig'
      /**
       * Namespace of the object. Default: the route's own. Another one must hold a ReferenceGrant (gateway.networking.k8s.io) that allows it.
       */
      readonly namespace?: string
    }
    /**
     * Share of requests among the backends of the same priority. 0 = none. Default 1.
     */
    readonly weight: number
    /**
     * Lower numbers first; higher ones only when no lower one can answer. Default 0.
     */
    readonly priority: number
  }[]
  /**
   * How a target is chosen among those of one priority.
   */
  readonly strategy: {
    /**
     * WeightedRandom: by weight, at random. RoundRobin: by weight, in turns. LeastRequest: the one with the fewest requests under way. LowestLatency: the one that has been fastest to its first byte. LowestCost: the cheapest by its pricing. ConsistentHash: the same target for the same key. Default WeightedRandom.
     */
    readonly type: 'WeightedRandom' | 'RoundRobin' | 'LeastRequest' | 'LowestLatency' | 'LowestCost' | 'ConsistentHash'
    /**
     * What ConsistentHash hashes: Consumer, ClientIP, Header:NAME for the value of a request header (Header:x-session-id), or PromptPrefix for how the prompt begins, which finds providers' prompt caches warm. Requests that have none of it go by weight, at random.
     */
    readonly key?: string
  }
  /**
   * Whether callers must show a key or token that an AIAuthPolicy knows. false opens the route to everybody. Default true.
   */
  readonly authentication: boolean
  /**
   * The AIAuthPolicy that says who may call. Without it, those of the route's namespace.
   */
  readonly authPolicyRef?: {
    /**
     * Name of an AIAuthPolicy in the same namespace.
     */
    readonly name: string
  }
  /**
   * How much is admitted. Beyond it, requests are answered 429 with retry-after. Several numbers hold together.
   */
  readonly rateLimit?: {
    /**
     * Requests admitted in a second.
     */
    readonly requestsPerSecond?: number
    /**
     * Requests admitted in a minute. Example 100.
     */
    readonly requestsPerMinute?: number
    /**
     * Requests admitted in an hour.
     */
    readonly requestsPerHour?: number
    /**
     * Requests admitted in a day.
     */
    readonly requestsPerDay?: number
    /**
     * Tokens (input and output) spent in a minute. Example 100000.
     */
    readonly tokensPerMinute?: number
    /**
     * Tokens (input and output) spent in a day.
     */
    readonly tokensPerDay?: number
    /**
     * Requests under way at one moment, streams included.
     */
    readonly concurrentRequests?: number
    /**
     * What has a count of its own. Route: all callers of the route together. Consumer: each caller that has shown who it is. ClientIP: each client address. Default Route.
     */
    readonly per: 'Route' | 'Consumer' | 'ClientIP'
    /**
     * What happens while the shared limit store can't be reached: Allow admits the request, Deny answers 503 limit_store_unavailable. Default Allow.
     */
    readonly onStoreFailure: 'Allow' | 'Deny'
  }
  /**
   * When an attempt that fails before its first byte is made again: on the next target of the same priority, then of the next priority. Nothing is retried once an answer has begun.
   */
  readonly retry: {
    /**
     * Tries after the first one. 0 = none. Default 2.
     */
    readonly attempts: number
    /**
     * Failures that are tried again: connect-failure, reset-before-first-byte, timeout, 5xx, or a single status code such as 429. Default connect-failure.
     *
     * Items: connect-failure, reset-before-first-byte, timeout, 5xx, or a status code from 400 to 599.
     */
    readonly conditions: readonly (number | string)[]
    /**
     * Wait before the first repeated try; it doubles for each further one, with jitter. Default 25ms.
     */
    readonly backoff: string
    /**
     * A second attempt on another target beside one that takes long, for requests with one answer, never for streams: the first good answer wins, the other attempt is cancelled. Without it there is none. Both attempts may be billed by their providers.
     */
    readonly hedge?: {
      /**
       * Begins when the first attempt has taken longer than this percentage of the route's latest answers. Default 95.
       */
      readonly afterPercentile: number
      /**
       * At most this percentage of the requests is hedged. Default 5.
       */
      readonly maxPercent: number
    }
  }
  /**
   * Time limits as Go durations (500ms, 30s, 1m30s; at most 24h). 0s means no limit. They win over those of the model and the gateway's defaults.
   */
  readonly timeouts?: {
    /**
     * Longest time to open the connection, name lookup and TLS handshake included. Example 2s.
     */
    readonly connect?: string
    /**
     * Longest time from the request sent to the first byte of the answer. Example 30s.
     */
    readonly firstByte?: string
    /**
     * Longest silence between two pieces of an answer that has begun, a stream's events for example. Example 60s.
     */
    readonly idle?: string
    /**
     * Longest time for the whole exchange. Without it there is no cap, so long streams live. Example 10m.
     */
    readonly total?: string
  }
  /**
   * Replaces the matched path before the request is sent on. Example /api turns /v1/sentiment/x into /api/x on a route with the path /v1/sentiment.
   */
  readonly rewritePrefix?: string
  /**
   * Headers to change.
   */
  readonly headers?: {
    /**
     * On requests to the target.
     */
    readonly request?: {
      /**
       * Headers to set, replacing what was there. Applied after remove.
       *
       * Items: One header.
       */
      readonly set?: readonly {
        /**
         * Header name, in any case. Example X-Team.
         */
        readonly name: string
        /**
         * Header value, visible ASCII, spaces and tabs; line breaks are refused.
         */
        readonly value: string
      }[]
      /**
       * Names of headers to remove.
       *
       * Items: Header name, in any case.
       */
      readonly remove?: readonly string[]
    }
    /**
     * On answers to the client.
     */
    readonly response?: {
      /**
       * Headers to set, replacing what was there. Applied after remove.
       *
       * Items: One header.
       */
      readonly set?: readonly {
        /**
         * Header name, in any case. Example X-Team.
         */
        readonly name: string
        /**
         * Header value, visible ASCII, spaces and tabs; line breaks are refused.
         */
        readonly value: string
      }[]
      /**
       * Names of headers to remove.
       *
       * Items: Header name, in any case.
       */
      readonly remove?: readonly string[]
    }
  }
}

/**
 * What the operator found.
 */
export interface AIGatewayRouteStatus {
  /**
   * Current phase of the route (e.g., "Ready", "Initializing", "Error").
   */
  readonly phase?: 'Ready' | 'Initializing' | 'Updating' | 'Error'
  /**
   * Human-readable explanation for the current phase.
   */
  readonly reason?: string
  /**
   * When this status last changed.
   */
  readonly lastUpdateTime?: string
  /**
   * The metadata.generation that this status was made from.
   */
  readonly observedGeneration?: number
  /**
   * Accepted, ResolvedRefs, Programmed and, while an older version of the spec is served, Degraded.
   *
   * Items: One statement on the object.
   */
  readonly conditions?: readonly {
    /**
     * Accepted, ResolvedRefs, Programmed, Ready or Degraded.
     */
    readonly type: string
    /**
     * Whether the statement holds.
     */
    readonly status: 'True' | 'False' | 'Unknown'
    /**
     * One word for programs to match on. Example RefNotFound.
     */
    readonly reason: string
    /**
     * The same for people.
     */
    readonly message: string
    /**
     * When status last changed.
     */
    readonly lastTransitionTime: string
    /**
     * The metadata.generation that this was said of.
     */
    readonly observedGeneration?: number
  }[]
}

/**
 * A path of the gateway, with the targets its requests go to and the policies they meet. A route to a plain service forwards requests unchanged; a route to a model forwards <path>/<operation> to the provider.
 */
export type AIGatewayRoute = Resource<AIGatewayRouteSpec, AIGatewayRouteStatus>
