// Listens to the Sentinels for a new master. One that was replaced by hand goes on taking writes, and being counted on,
// for ten seconds else. ioredis has such a thing, which prints to the console what it can't reach.
import { Redis } from 'ioredis'
import type { RedisSettings } from '../../../settings.ts'
import { connectTimeoutMs, readTlsOptions } from './create-client.ts'

const retryMs = 1_000

/** Returns what ends it. `onSwitch` is called for each Sentinel that says so. */
export function watchSentinels(settings: RedisSettings, onSwitch: () => void): () => void {
  const { addresses, masterName, sentinelUsername, sentinelPassword } = settings
  const clients = addresses.map(({ host, port }) => {
    const client = new Redis({
      host,
      port,
      ...readTlsOptions(settings),
      ...(sentinelUsername === null ? {} : { username: sentinelUsername }),
      ...(sentinelPassword === null ? {} : { password: sentinelPassword }),
      connectionName: 'sluice-limits',
      enableReadyCheck: false,
      connectTimeout: connectTimeoutMs,
      disconnectTimeout: 100,
      keepAlive: 5_000,
      // Subscribes again by itself; queues nothing but that.
      retryStrategy: () => retryMs,
      maxRetriesPerRequest: null,
    })
    // A Sentinel that is gone is no trouble: the others tell, and the probe finds out.
    client.on('error', () => {})
    client.on('message', (_channel: string, message: string) => {
      if (message.startsWith(`${masterName} `)) onSwitch()
    })
    client.subscribe('+switch-master').catch(() => {})
    return client
  })
  return () => {
    for (const client of clients) client.disconnect()
  }
}
