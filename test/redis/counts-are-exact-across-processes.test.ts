// E1, E2: however many gateways share one Redis and however uneven the load, exactly the limit is admitted.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, redisMissing, startRedis } from '../support/redis/redis-server.ts'
import { createCharge, createLimit, startStore } from '../support/redis/test-store.ts'

describe.skipIf(redisMissing !== null)('counts are exact across processes', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  const runs = [1, 2, 3, 5].flatMap((count) => [1, 2, 3, 4, 5].map((run) => [count, run] as const))

  test.each(runs)(
    'E2: %i stores admit exactly 1,000 of 2,500 uneven requests, 500 at a time: run %i',
    async (count) => {
      const stores = await Promise.all(Array.from({ length: count }, () => startStore(redis.url)))
      const limit = createLimit(randomUUID())
      let asked = 0
      let admitted = 0
      let refused = 0
      const client = async (number: number) => {
        // The first store gets half of them, the next half of the rest …
        const at = Math.min(count - 1, Math.clz32(number % 2 ** count) - Math.clz32(2 ** (count - 1)))
        const { store } = stores[Math.max(0, at)] ?? expect.fail('no store')
        while (asked < 2_500) {
          asked++
          const { outcome } = await store.acquire([createCharge(limit)])
          if (outcome === 'admitted') admitted++
          else if (outcome === 'refused') refused++
        }
      }
      await Promise.all(Array.from({ length: 500 }, (_, number) => client(number)))
      expect({ admitted, refused }).toEqual({ admitted: 1_000, refused: 1_500 })
      expect(stores.map(({ changes }) => changes)).toEqual(stores.map(() => ['up']))
      await Promise.all(stores.map(({ store }) => store.stop()))
    },
  )
})
