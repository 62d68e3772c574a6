// The Redis limit store as gateway.ts makes it, in this process, with what it reported; and charges to ask it with.
import { readRedisUrl } from '../../../src/cli/read-redis-url.ts'
import { MemoryLimitStore } from '../../../src/policies/limits/memory-store.ts'
import { RedisLimitStore } from '../../../src/policies/limits/redis/redis-limit-store.ts'
import type { Charge } from '../../../src/policies/limits/store.ts'
import type { Limit } from '../../../src/routing/limit.ts'
import { countOf, one, type Quantity } from '../../../src/routing/quantity.ts'
import type { RedisSettings } from '../../../src/settings.ts'
import { until } from '../until.ts'

export type TestStore = Readonly<{
  store: RedisLimitStore
  /** `up`, or `down: why`, in the order reported. */
  changes: readonly string[]
  isUp(): boolean
  waitFor(isUp: boolean, deadlineMs?: number): Promise<void>
}>

export function readTestSettings(url: string, more: Partial<RedisSettings> = {}): RedisSettings {
  const none = { sentinelUsername: null, sentinelPassword: null, ca: null, cert: null, key: null }
  return { ...readRedisUrl(url), ...none, ...more }
}

export async function startStore(
  url: string,
  { leaseMs = 30_000, ...more }: Partial<RedisSettings> & { leaseMs?: number } = {},
): Promise<TestStore> {
  const settings = readTestSettings(url, more)
  const changes: string[] = []
  const store = new RedisLimitStore({
    redis: settings,
    leaseMs,
    fallback: new MemoryLimitStore(),
    onChange: (isUp, reason) => changes.push(isUp ? 'up' : `down: ${reason}`),
  })
  await store.start()
  const isUp = () => changes.at(-1) === 'up'
  return {
    store,
    changes,
    isUp,
    waitFor: async (wanted, deadlineMs = 5_000) => {
      await until(() => isUp() === wanted, `the store is ${wanted ? 'up' : 'down'} (${changes.join('; ')})`, deadlineMs)
    },
  }
}

export function createLimit(id: string, fields: Partial<Limit> = {}): Limit {
  return {
    id: `team/${id}`,
    group: 'team',
    unit: 'requests',
    amount: countOf(1_000),
    window: fields.unit === 'concurrency' ? null : { kind: 'fixed', seconds: 60 },
    per: [],
    onStoreFailure: 'Deny',
    currency: fields.unit === 'cost' ? 'USD' : null,
    softPercent: null,
    ...fields,
  }
}

export function createCharge(limit: Limit, amount: Quantity | number = one, key = ''): Charge {
  return { limit, key, amount: typeof amount === 'number' ? countOf(amount) : amount }
}
