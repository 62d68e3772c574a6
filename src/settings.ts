// Static settings: parsed once from flags and environment by cli/, frozen, every default here with its unit.
// They never change while the process runs; what may change is a resource.

export type ListenAddress = Readonly<{ host: string; port: number }>

/** `--resolve HOST[:PORT]=ADDR:PORT`: connections to that host (and port) go to that address instead. */
export type ResolveOverride = Readonly<{ hostname: string; port: number | null; address: string; addressPort: number }>

/** Where limits are counted that several processes share. Its secrets reach Redis and no output. */
export type RedisSettings = Readonly<{
  mode: 'single' | 'sentinel' | 'cluster'
  /** Of the one Redis, of the Sentinels, or of some nodes of the cluster; at least one. */
  addresses: readonly Readonly<{ host: string; port: number }>[]
  /** What the Sentinels call it; empty without Sentinels. */
  masterName: string
  db: number
  username: string | null
  password: string | null
  sentinelUsername: string | null
  sentinelPassword: string | null
  isTls: boolean
  /** PEM; null: the system's authorities, no certificate of our own. */
  ca: string | null
  cert: string | null
  key: string | null
}>

export type ServeSettings = Readonly<{
  listen: ListenAddress
  admin: ListenAddress
  /** Folders or files of manifests; empty in Kubernetes mode. */
  configPaths: readonly string[]
  kubernetes: Readonly<{
    isEnabled: boolean
    namespaces: readonly string[]
    kubeconfigPath: string | null
    context: string | null
  }>
  simulate: boolean
  resolve: readonly ResolveOverride[]
  /** CIDRs. */
  allowUpstream: readonly string[]
  denyUpstream: readonly string[]
  trustedProxies: readonly string[]
  drainTimeoutMs: number
  /** After SIGTERM: how long new connections are still taken, so that load balancers notice /readyz first. */
  drainDelayMs: number
  bodyLimitBytes: number
  /** Null: limits count in this process alone. */
  redis: RedisSettings | null
  /** How long permits and reserves of a process that is gone stay taken. */
  limitLeaseMs: number
  http: HttpLimits
  upstream: UpstreamLimits
  log: Readonly<{ level: string; format: 'json' | 'pretty' }>
}>

export const serveDefaults = Object.freeze({
  listen: '0.0.0.0:8080',
  admin: '127.0.0.1:9090',
  drainTimeout: '30s',
  drainDelay: '5s',
  bodyLimit: '32MiB',
  limitLease: '30s',
  logLevel: 'info',
})

/** Timers of an attempt where neither route nor model says otherwise. Milliseconds; 0 = none. */
export const defaultTimeouts = Object.freeze({ connectMs: 5_000, firstByteMs: 120_000, idleMs: 120_000, totalMs: 0 })

/** Limits of the HTTP server (A17–A19). Milliseconds and bytes. */
export type HttpLimits = Readonly<{
  maxHeaderBytes: number
  /** From the first byte of a connection or request to the end of its head. */
  headersTimeoutMs: number
  /** After this time a request body must have come at `minBodyBytesPerSecond` or more, on average. */
  bodyGraceMs: number
  minBodyBytesPerSecond: number
  keepAliveTimeoutMs: number
  /** How long a client may leave a finished answer unread. */
  stalledReadTimeoutMs: number
  /** How often slow connections are looked for. */
  checkingIntervalMs: number
}>

export const defaultHttpLimits: HttpLimits = Object.freeze({
  maxHeaderBytes: 32 * 1024,
  headersTimeoutMs: 12_000,
  bodyGraceMs: 50_000,
  minBodyBytesPerSecond: 1_024,
  keepAliveTimeoutMs: 75_000,
  stalledReadTimeoutMs: 120_000,
  checkingIntervalMs: 1_000,
})

/** Bounds of what a process asks of one backend (G13). */
export type UpstreamLimits = Readonly<{
  /** Exchanges under way at once, streams among them; the next one goes to another target, or is answered 503. */
  maxBusyPerEndpoint: number
  /** Failures in a row after which it is left alone for a time. */
  maxFailuresInRow: number
}>

export const defaultUpstreamLimits: UpstreamLimits = Object.freeze({ maxBusyPerEndpoint: 10_000, maxFailuresInRow: 5 })

/** Bounds of what one upstream response may make us hold. Bytes where nothing else is said. */
export const responseLimits = Object.freeze({
  /** A unary model answer is held back whole up to this size, so that a broken one becomes a clean error. */
  maxHeldBytes: 1024 * 1024,
  maxUnaryBytes: 256 * 1024 * 1024,
  /** Of an answer that is translated: it is parsed as a whole. */
  maxTranslatedBytes: 32 * 1024 * 1024,
  maxEventBytes: 4 * 1024 * 1024,
  maxHeaderBytes: 32 * 1024,
  /** A stream that has only said that it will begin is held back so long: it may still turn out to be an error. */
  maxHoldMs: 10_000,
})
