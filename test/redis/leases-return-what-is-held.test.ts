// E8, E9, E13: permits and reserves are leases. What a dead process held comes back when they end, what a living one holds
// stays, what a paused one holds it takes again, and what is settled is settled once.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Acquisition } from '../../src/policies/limits/store.ts'
import { countOf, nothing } from '../../src/routing/quantity.ts'
import { type RedisServer, redisMissing, startRedis } from '../support/redis/redis-server.ts'
import { startSlowProxy } from '../support/redis/slow-proxy.ts'
import { createCharge, createLimit, startStore, type TestStore } from '../support/redis/test-store.ts'
import { until } from '../support/until.ts'

const permits = createLimit('permits', { unit: 'concurrency', amount: countOf(3) })
const tokens = createLimit('tokens', { unit: 'tokens', window: { kind: 'calendar', period: 'Day' } })
const leaseMs = 1_000

describe.skipIf(redisMissing !== null)('leases', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterEach(() => redis.run('FLUSHALL'))
  afterAll(() => redis.stop())

  const holdOf = (acquired: Acquisition) =>
    (acquired.outcome === 'admitted' ? acquired.hold : null) ?? expect.fail(`no hold: ${acquired.outcome}`)
  const take = async ({ store }: TestStore, amount: number) =>
    holdOf(await store.acquire([createCharge(permits), createCharge(tokens, amount)]))
  const readUsed = async ({ store }: TestStore) => {
    const acquired = await store.acquire([createCharge(tokens, 0)])
    if (acquired.outcome === 'unavailable') return null
    if (acquired.outcome === 'admitted') acquired.hold?.settle([nothing])
    return acquired.states[0]?.used.whole
  }
  const isFull = async ({ store }: TestStore) => {
    const acquired = await store.acquire([createCharge(permits)])
    if (acquired.outcome === 'admitted') acquired.hold?.settle([nothing])
    return acquired.outcome === 'refused'
  }

  test('E13: what a process held that is gone comes back when its leases end, and not before', async () => {
    const proxy = await startSlowProxy(redis.port)
    const dying = await startStore(proxy.url, { leaseMs })
    const other = await startStore(redis.url, { leaseMs })
    for (let at = 0; at < 3; at++) await take(dying, 100)
    // No stop, no settling, no renewal: as after kill -9.
    await proxy.stop()
    const goneAt = performance.now()
    expect(await isFull(other)).toBe(true)
    expect(await readUsed(other)).toBe(300)
    await until(async () => !(await isFull(other)), 'permits are back')
    expect(performance.now() - goneAt).toBeLessThan(leaseMs + 500)
    await until(async () => (await readUsed(other)) === 0, 'reserves are back')
    await Promise.all([dying.store.stop(), other.store.stop()])
  })

  test('what runs longer than a lease keeps what it holds', async () => {
    const [running, other] = await Promise.all([startStore(redis.url, { leaseMs }), startStore(redis.url, { leaseMs })])
    const holds = await Promise.all([1, 2, 3].map(() => take(running, 100)))
    const endsAt = performance.now() + 2.5 * leaseMs
    while (performance.now() < endsAt) {
      expect(await isFull(other)).toBe(true)
      expect(await readUsed(other)).toBe(300)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    for (const hold of holds) hold.settle([nothing, countOf(70)])
    await until(async () => (await readUsed(other)) === 210, 'charged what was used')
    expect(await isFull(other)).toBe(false)
    await Promise.all([running.store.stop(), other.store.stop()])
  })

  test('E8: a reserve whose lease was reaped is charged all the same, once', async () => {
    const proxy = await startSlowProxy(redis.port)
    const paused = await startStore(proxy.url, { leaseMs })
    const other = await startStore(redis.url, { leaseMs })
    const [one, two] = [await take(paused, 100), await take(paused, 100)]
    // Its way to Redis is cut for longer than its leases.
    proxy.setDelay(Number.POSITIVE_INFINITY)
    await until(async () => (await readUsed(other)) === 0, 'reaped')
    one.settle([nothing, countOf(40)])
    proxy.setDelay(0)
    await paused.waitFor(true)
    // The one that has ended is charged, the one that runs holds its permit and reserve again.
    await until(async () => (await readUsed(other)) === 140, 'charged, and reserved anew')
    expect(await redis.run('ZCARD', 'sluice:{team}:team/permits:')).toBe(1)
    two.settle([nothing, countOf(5)])
    await until(async () => (await readUsed(other)) === 45, 'charged')
    await Promise.all([paused.store.stop(), other.store.stop()])
    await proxy.stop()
  })

  test('settled while Redis is away: settled when it is back, and never twice', async () => {
    const store = await startStore(redis.url)
    const holds = await Promise.all([1, 2, 3].map(() => take(store, 100)))
    redis.pause()
    // Sent before anybody knows: in doubt.
    holds[0]?.settle([nothing, countOf(11)])
    await store.store.acquire([createCharge(permits)])
    await store.waitFor(false)
    holds[1]?.settle([nothing, countOf(22)])
    redis.resume()
    await store.waitFor(true)
    holds[2]?.settle([nothing, countOf(33)])
    await until(async () => (await readUsed(store)) === 66, 'all three are charged')
    expect(await isFull(store)).toBe(false)
    await store.store.stop()
  })

  test('E8: a window that has ended is charged nothing any more', async () => {
    const store = await startStore(redis.url)
    const short = createLimit('short', { unit: 'tokens', window: { kind: 'fixed', seconds: 1 } })
    const hold = holdOf(await store.store.acquire([createCharge(short, 10)]))
    const key = 'sluice:{team}:team/short:'
    await until(async () => (await redis.run('EXISTS', key)) === 0, 'the window has ended')
    await store.store.acquire([createCharge(short, 1)])
    hold.settle([countOf(500)])
    await store.store.stop()
    expect(await redis.run('GET', key)).toMatch(/^1 0 /)
  })

  test('E9: 100 at once on a small token budget, over three stores: over by less than one reserve', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => startStore(redis.url)))
    const budget = createLimit('budget', { unit: 'tokens', amount: countOf(1_000) })
    const asked = await Promise.all(
      Array.from({ length: 100 }, async (_, at) => stores[at % 3]?.store.acquire([createCharge(budget, 90)])),
    )
    const admitted = asked.filter((each) => each?.outcome === 'admitted')
    expect(admitted).toHaveLength(Math.ceil(1_000 / 90))
    for (const each of admitted) if (each?.outcome === 'admitted') each.hold?.settle([countOf(90)])
    await until(async () => {
      const value = await redis.run('GET', 'sluice:{team}:team/budget:')
      const held = await redis.run('ZCARD', 'sluice:{team}:team/budget::held')
      return held === 0 && typeof value === 'string' && value.startsWith('1080 0 ')
    }, 'settled')
    await Promise.all(stores.map(({ store }) => store.stop()))
  })

  test('a process that stops leaves nothing held', async () => {
    const store = await startStore(redis.url)
    const holds = await Promise.all([1, 2, 3].map(() => take(store, 100)))
    for (const hold of holds) hold.settle([nothing, countOf(1)])
    await store.store.stop()
    expect(await redis.run('ZCARD', 'sluice:{team}:team/permits:')).toBe(0)
    expect(await redis.run('GET', 'sluice:{team}:team/tokens:')).toMatch(/^3 0 /)
  })
})
