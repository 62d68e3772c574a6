// Generated from crds/ai.example.com_aiauthpolicies.yaml by scripts/generate-api-types.ts: do not edit.
import type { Resource } from '../resource.ts'

/**
 * Which keys and tokens are known, and what their consumers may do. At least one of apiKeys, apiKeySelector and jwt must be set.
 */
export interface AIAuthPolicySpec {
  /**
   * The routes and models the policy is for. Without the list, all of its namespace.
   *
   * Items: A route or a model of the same namespace.
   */
  readonly targetRefs?: readonly {
    /**
     * AIGatewayRoute, AIModel or LLMModelConfig.
     */
    readonly kind: 'AIGatewayRoute' | 'AIModel' | 'LLMModelConfig'
    /**
     * Name of the object.
     */
    readonly name: string
  }[]
  /**
   * API keys and whose they are. A key arrives as Authorization: Bearer, x-api-key or api-key.
   *
   * Items: One key of one consumer. A consumer may have several, as while a key is being replaced.
   */
  readonly apiKeys?: readonly {
    /**
     * The consumer whose key this is. Example team-search.
     */
    readonly consumer: string
    /**
     * Where the key is, as itself or as sha256:<hex of its SHA-256>.
     */
    readonly secretRef: {
      /**
       * Name of a Secret in the same namespace.
       */
      readonly name: string
      /**
       * The entry of the Secret's data to read. Example token.
       */
      readonly key: string
    }
  }[]
  /**
   * Every Secret of the namespace that carries all these labels holds a key: create one to issue a key, delete it to revoke it. The consumer is the Secret's annotation ai.example.com/consumer, or else its name.
   */
  readonly apiKeySelector?: {
    /**
     * Labels that a Secret must carry, all of them. Example ai.example.com/api-key: "true".
     */
    readonly matchLabels: {
      readonly [k: string]: string
    }
    /**
     * The entry of the Secrets' data that holds the key. Default key.
     */
    readonly key: string
  }
  /**
   * Issuers whose signed tokens (JWT) are accepted.
   *
   * Items: One issuer.
   */
  readonly jwt?: readonly {
    /**
     * The token's iss, exactly. Example https://login.example.com/.
     */
    readonly issuer: string
    /**
     * A token's aud must hold one of these. Without the list, aud is not checked: only for an issuer whose tokens are all meant for this gateway.
     *
     * Items: An audience, exactly.
     */
    readonly audiences?: readonly string[]
    /**
     * The issuer's public keys: either uri or inline.
     */
    readonly jwks: {
      /**
       * Where the key set is fetched from and refreshed. Example https://login.example.com/.well-known/jwks.json.
       */
      readonly uri?: string
      /**
       * The key set itself, as JSON text: {"keys": [...]}.
       */
      readonly inline?: string
    }
    /**
     * The claim that names the consumer: a string of 1 to 256 characters. Default sub.
     */
    readonly consumerClaim: string
    /**
     * The claim that lists the models the token may use: names or patterns with *, in a list or in one string with spaces between. A model must be allowed by it and by the consumer's own list; where a token has no such claim, by the latter alone.
     */
    readonly modelsClaim?: string
  }[]
  /**
   * What single consumers may use and spend. Those not named here have what defaults says.
   *
   * Items: One consumer.
   */
  readonly consumers?: readonly {
    /**
     * The consumer's name, as in apiKeys, a Secret's annotation or a token's claim.
     */
    readonly name: string
    /**
     * Model names that may be used: exact, or with * for any number of characters (gpt-4*, *). Without the list, every model.
     *
     * Items: A model name, or a pattern with *.
     */
    readonly models?: readonly string[]
    /**
     * How much this consumer may use. The limits of the route hold as well.
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
       * What has a count of its own. Consumer: the consumer, over all routes. Route: the consumer on each route. Model: the consumer on each model name. ClientIP: each client address of the consumer. Default Consumer.
       */
      readonly per: 'Route' | 'Consumer' | 'Model' | 'ClientIP'
      /**
       * What happens while the shared limit store can't be reached: Allow admits the request, Deny answers 503 limit_store_unavailable. Default Allow.
       */
      readonly onStoreFailure: 'Allow' | 'Deny'
    }
    /**
     * Spending limits, by the prices of the models used. A request beyond one is answered 429 budget_exceeded.
     *
     * Items: A sum per calendar period (UTC).
     */
    readonly budgets?: readonly {
      /**
       * The most that may be spent in a period, as a decimal string. Example "50.00".
       */
      readonly amount: string
      /**
       * Currency of the amount, as its ISO 4217 code. Default USD.
       */
      readonly currency: string
      /**
       * When the count starts anew, by the UTC calendar. Weeks begin on Monday.
       */
      readonly period: 'Day' | 'Week' | 'Month'
      /**
       * What has a sum of its own. Consumer: all the consumer spends. Model: what it spends on each model name. Default Consumer.
       */
      readonly per: 'Consumer' | 'Model'
      /**
       * Percentage of the amount at which a warning is given. Example 80. Without it there is none.
       */
      readonly softPercent?: number
    }[]
  }[]
  /**
   * What a consumer that is not named in consumers may use and spend. Each has counts of its own.
   */
  readonly defaults?: {
    /**
     * Model names that may be used: exact, or with * for any number of characters (gpt-4*, *). Without the list, every model.
     *
     * Items: A model name, or a pattern with *.
     */
    readonly models?: readonly string[]
    /**
     * How much such a consumer may use. The limits of the route hold as well.
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
       * What has a count of its own. Consumer: the consumer, over all routes. Route: the consumer on each route. Model: the consumer on each model name. ClientIP: each client address of the consumer. Default Consumer.
       */
      readonly per: 'Route' | 'Consumer' | 'Model' | 'ClientIP'
      /**
       * What happens while the shared limit store can't be reached: Allow admits the request, Deny answers 503 limit_store_unavailable. Default Allow.
       */
      readonly onStoreFailure: 'Allow' | 'Deny'
    }
    /**
     * Spending limits, by the prices of the models used. A request beyond one is answered 429 budget_exceeded.
     *
     * Items: A sum per calendar period (UTC).
     */
    readonly budgets?: readonly {
      /**
       * The most that may be spent in a period, as a decimal string. Example "50.00".
       */
      readonly amount: string
      /**
       * Currency of the amount, as its ISO 4217 code. Default USD.
       */
      readonly currency: string
      /**
       * When the count starts anew, by the UTC calendar. Weeks begin on Monday.
       */
      readonly period: 'Day' | 'Week' | 'Month'
      /**
       * What has a sum of its own. Consumer: all the consumer spends. Model: what it spends on each model name. Default Consumer.
       */
      readonly per: 'Consumer' | 'Model'
      /**
       * Percentage of the amount at which a warning is given. Example 80. Without it there is none.
       */
      readonly softPercent?: number
    }[]
  }
}

/**
 * What the operator found.
 */
export interface AIAuthPolicyStatus {
  /**
   * Current phase of the policy (e.g., "Ready", "Initializing", "Error").
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
   * How many consumers have a key by this policy.
   */
  readonly consumers?: number
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
 * Who may call the routes and models of a namespace: API keys, tokens, and what each consumer may use and spend.
 */
export type AIAuthPolicy = Resource<AIAuthPolicySpec, AIAuthPolicyStatus>
