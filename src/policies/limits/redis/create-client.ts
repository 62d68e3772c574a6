// Settings to an ioredis client with its defaults corrected: it queues nothing, repeats nothing and never comes back by
// itself. A connection that is lost is replaced by its owner (redis-link.ts).
import type { ConnectionOptions } from 'node:tls'
import { Cluster, type CommonRedisOptions, Redis } from 'ioredis'
import { assertNever } from '../../../assert-never.ts'
import type { RedisSettings } from '../../../settings.ts'

export type RedisClient = Redis | Cluster

/** How long a connection may take until it can be used. */
export const connectTimeoutMs = 1_000

/** Certificates are always verified. */
export function readTlsOptions({ isTls, ca, cert, key }: RedisSettings): Readonly<{ tls?: ConnectionOptions }> {
  if (!isTls) return {}
  return {
    tls: { ...(ca === null ? {} : { ca }), ...(cert === null ? {} : { cert }), ...(key === null ? {} : { key }) },
  }
}

/** Begins to connect at once. The caller handles `error`, which comes at any time. */
export function createRedisClient(settings: RedisSettings): RedisClient {
  const { addresses, username, password, db, isTls } = settings
  const common: CommonRedisOptions = {
    connectionName: 'sluice-limits',
    disableClientInfo: true,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    // A command that can't be sent now fails now; one that was sent is never sent again.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    // Whether Redis is well is what our own probe says (LOADING too).
    enableReadyCheck: false,
    connectTimeout: connectTimeoutMs,
    // A belt: whoever sends has a shorter timer of its own.
    commandTimeout: 2_000,
    keepAlive: 5_000,
    noDelay: true,
  }
  const secure = readTlsOptions(settings)
  const disconnectTimeout = 100
  const [first = { host: '127.0.0.1', port: 6379 }] = addresses
  switch (settings.mode) {
    case 'single':
      return new Redis({ ...common, ...secure, ...first, db, disconnectTimeout })
    case 'sentinel':
      return new Redis({
        ...common,
        ...secure,
        db,
        disconnectTimeout,
        sentinels: [...addresses],
        name: settings.masterName,
        role: 'master',
        sentinelRetryStrategy: () => null,
        sentinelCommandTimeout: 500,
        ...(settings.sentinelUsername === null ? {} : { sentinelUsername: settings.sentinelUsername }),
        ...(settings.sentinelPassword === null ? {} : { sentinelPassword: settings.sentinelPassword }),
        ...(isTls && secure.tls !== undefined ? { enableTLSForSentinelMode: true, sentinelTLS: secure.tls } : {}),
      })
    case 'cluster':
      return new Cluster([...addresses], {
        redisOptions: { ...common, ...secure },
        enableOfflineQueue: false,
        enableReadyCheck: false,
        scaleReads: 'master',
        clusterRetryStrategy: () => null,
        maxRedirections: 3,
        retryDelayOnFailover: 10,
        retryDelayOnClusterDown: 10,
        retryDelayOnTryAgain: 10,
        slotsRefreshTimeout: 500,
        // Certificates name hosts: addresses are not looked up first.
        ...(isTls ? { dnsLookup: (address, callback) => callback(null, address) } : {}),
      })
    default:
      return assertNever(settings.mode)
  }
}
