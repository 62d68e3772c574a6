// E4: Redis refused at start, killed under load, stopped, slow, swallowed: each limit goes as it says, no request waits
// over 50 ms for it, and when Redis is well again it counts again within 5 s.
import { describe, expect, test } from 'vitest'
import type { Acquisition } from '../../src/policies/limits/store.ts'
import { findFreePorts } from '../support/cluster/free-ports.ts'
import { type RedisServer, redisMissing, startRedis } from '../support/redis/redis-server.ts'
import { type SlowProxy, startSlowProxy } from '../support/redis/slow-proxy.ts'
import { createCharge, createLimit, startStore, type TestStore } from '../support/redis/test-store.ts'
import { until } from '../support/until.ts'

const lenient = createCharge(createLimit('lenient', { onStoreFailure: 'Allow', amount: { whole: 1e9, fraction: 0 } }))
const strict = createCharge(createLimit('strict', { amount: { whole: 1e9, fraction: 0 } }))

type Load = Readonly<{
  seesRedis(): Promise<unknown>
  stop(): Promise<Readonly<{ outcomes: Record<string, number>; waitsMs: number[] }>>
}>

/** 20 clients that ask one after another, half of them under each limit. */
function startLoad({ store }: TestStore): Load {
  const outcomes: Record<string, number> = {}
  const waitsMs: number[] = []
  let isOver = false
  const client = async (number: number) => {
    while (!isOver) {
      const charge = number % 2 === 0 ? strict : lenient
      const startedAt = performance.now()
      const { outcome }: Acquisition = await store.acquire([charge])
      waitsMs.push(performance.now() - startedAt)
      const name = `${charge.limit.onStoreFailure} ${outcome}`
      outcomes[name] = (outcomes[name] ?? 0) + 1
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  const clients = Array.from({ length: 20 }, (_, number) => client(number))
  const readCounted = () => outcomes['Deny admitted'] ?? 0
  return {
    async seesRedis() {
      const before = readCounted()
      await until(() => readCounted() > before + 20, 'requests are counted in Redis')
    },
    async stop() {
      isOver = true
      await Promise.all(clients)
      return { outcomes, waitsMs: waitsMs.sort((a, b) => a - b) }
    },
  }
}

async function measureFault(store: TestStore, fault: () => unknown, cure: () => unknown) {
  const load = startLoad(store)
  await load.seesRedis()
  await fault()
  await store.waitFor(false)
  await new Promise((resolve) => setTimeout(resolve, 700))
  await cure()
  const curedAt = performance.now()
  await store.waitFor(true)
  const recoveredMs = performance.now() - curedAt
  await load.seesRedis()
  const { outcomes, waitsMs } = await load.stop()
  // Refused: by nobody. Deny: unavailable while it lasted, Allow: never.
  expect(Object.keys(outcomes).sort()).toEqual(['Allow admitted', 'Deny admitted', 'Deny unavailable'])
  expect(waitsMs.at(Math.floor(waitsMs.length * 0.99))).toBeLessThan(50)
  // A stalled test machine delays every timer; the bound itself has 10 ms in hand.
  expect(waitsMs.at(-1)).toBeLessThan(100)
  expect(recoveredMs).toBeLessThan(5_000)
}

describe.skipIf(redisMissing !== null)('a sick Redis delays nobody', () => {
  const withRedis = async (
    run: (redis: RedisServer, store: TestStore, proxy: SlowProxy) => Promise<unknown>,
    args: readonly string[] = [],
  ) => {
    const redis = await startRedis({ args })
    const proxy = await startSlowProxy(redis.port)
    const store = await startStore(proxy.url)
    try {
      await run(redis, store, proxy)
    } finally {
      await store.store.stop()
      await proxy.stop()
      await redis.stop()
    }
  }

  test('E4: refused at start: served as configured from the first request on, counted when it comes', async () => {
    const [port] = await findFreePorts()
    const store = await startStore(`redis://127.0.0.1:${port}`)
    expect(store.changes).toEqual([expect.stringMatching(/^down: connect ECONNREFUSED/)])
    expect(await store.store.acquire([lenient, strict])).toEqual({ outcome: 'unavailable' })
    expect(await store.store.acquire([lenient])).toMatchObject({ outcome: 'admitted' })
    const redis = await startRedis({ port })
    await store.waitFor(true)
    expect(await store.store.acquire([strict])).toMatchObject({ outcome: 'admitted' })
    await store.store.stop()
    await redis.stop()
  })

  test('E4: killed under load, and restarted empty (E5)', () =>
    withRedis(async (redis, store) => {
      let next = redis
      await measureFault(
        store,
        () => redis.kill(),
        async () => {
          next = await redis.restart()
        },
      )
      await next.kill()
    }))

  test('E4: stopped with SIGSTOP and continued', () =>
    withRedis(async (redis, store) => {
      await measureFault(store, redis.pause, redis.resume)
    }))

  test('E4: one second slow', () =>
    withRedis((_redis, store, proxy) =>
      measureFault(
        store,
        () => proxy.setDelay(500),
        () => proxy.setDelay(0),
      ),
    ))

  test('E4: every packet swallowed; nothing piles up, connections neither', () =>
    withRedis(async (_redis, store, proxy) => {
      const before = proxy.readCount()
      await measureFault(
        store,
        () => proxy.setDelay(Number.POSITIVE_INFINITY),
        () => proxy.setDelay(0),
      )
      // One at a time, each given up after a second or when it is well.
      expect(proxy.readCount() - before).toBeLessThan(10)
    }))

  test('E5: out of memory without eviction', () =>
    withRedis(
      (redis, store) =>
        measureFault(
          store,
          () => redis.run('CONFIG', 'SET', 'maxmemory', '1'),
          () => redis.run('CONFIG', 'SET', 'maxmemory', '0'),
        ),
      ['--maxmemory-policy', 'noeviction'],
    ))

  test('E6: a replica all of a sudden: READONLY', () =>
    withRedis((redis, store) =>
      measureFault(
        store,
        () => redis.run('REPLICAOF', '127.0.0.1', '1'),
        () => redis.run('REPLICAOF', 'NO', 'ONE'),
      ),
    ))

  test('E4: a single hiccup is over when it is over', () =>
    withRedis(
      async (redis, store) => {
        const load = startLoad(store)
        await redis.run('DEBUG', 'SLEEP', '0.2')
        await store.waitFor(false)
        await store.waitFor(true, 1_000)
        await load.stop()
      },
      ['--enable-debug-command', 'yes'],
    ))

  test('what Redis does after the caller gave up changes nothing', () =>
    withRedis(async (redis, store) => {
      const limit = createLimit('late')
      await store.store.acquire([createCharge(limit)])
      redis.pause()
      const asked = await Promise.all(Array.from({ length: 50 }, () => store.store.acquire([createCharge(limit)])))
      expect(new Set(asked.map(({ outcome }) => outcome))).toEqual(new Set(['unavailable']))
      redis.resume()
      await store.waitFor(true)
      expect(await store.store.acquire([createCharge(limit)])).toMatchObject({ states: [{ used: { whole: 2 } }] })
    }))
})
