// The compiled form of an AIAuthPolicy: whose keys and tokens are known, and what their consumers may use and spend.
import type { Limit } from './limit.ts'

/** What a consumer may do. */
export type Allowance = Readonly<{
  /** Exact names or `*` globs; null: every model. */
  models: readonly string[] | null
  limits: readonly Limit[]
}>

/** One consumer of a key set. `isNamed`: by the policy itself, not only by a Secret's annotation. */
export type Consumer = Allowance & Readonly<{ name: string; isNamed: boolean }>

/** Whose signed tokens (JWT, RFC 7519) are accepted. */
export type TokenIssuer = Readonly<{
  /** The token's `iss`, exactly. */
  issuer: string
  /** One of these must be in `aud`; null: not looked at. */
  audiences: readonly string[] | null
  /** Where the public keys (RFC 7517) come from: fetched, or here as JSON text that has been checked to be a key set. */
  jwks: Readonly<{ kind: 'uri'; uri: string } | { kind: 'inline'; json: string }>
  consumerClaim: string
  /** Null: the consumer's own list alone decides. */
  modelsClaim: string | null
}>

/** Keys appear as SHA-256 digests (hex) of what the caller presents. */
export type KeySet = Readonly<{
  /** `namespace/name` of the AIAuthPolicy. */
  id: string
  /** Those the policy names and those a key names. */
  consumers: readonly Consumer[]
  /** For consumers that only a token names. */
  defaults: Allowance
  keys: readonly Readonly<{ digest: string; consumer: string }>[]
  issuers: readonly TokenIssuer[]
}>
