// E6 and a cluster: a master that Sentinel replaces, and namespaces that live on several nodes, one of which goes.
import { describe, expect, test } from 'vitest'
import { countOf } from '../../src/routing/quantity.ts'
import { type RedisServer, redisMissing } from '../support/redis/redis-server.ts'
import { createCharge, createLimit, startStore } from '../support/redis/test-store.ts'
import { findGroupOn, startRedisCluster, startSentinelTrio } from '../support/redis/topologies.ts'
import { until } from '../support/until.ts'

/** Null while it throws its clients out, as one that changes its role does. */
async function readRole(server: RedisServer): Promise<string | null> {
  const text = await server.run('INFO', 'replication').catch(() => null)
  return /role:(\w+)/.exec(String(text))?.[1] ?? null
}

describe.skipIf(redisMissing !== null)('Sentinel', () => {
  test('E6: the master dies: the count goes on with its replica, within 5 s of the promotion', async () => {
    const trio = await startSentinelTrio()
    const store = await startStore(trio.url)
    const limit = createLimit('failover', { amount: countOf(50), onStoreFailure: 'Deny' })
    const ask = async () => (await store.store.acquire([createCharge(limit)])).outcome
    for (let at = 0; at < 20; at++) expect(await ask()).toBe('admitted')
    // Replication is asynchronous; what it has not passed on is lost.
    await trio.master.run('WAIT', '1', '1000')

    await trio.master.kill()
    await store.waitFor(false)
    expect(await ask()).toBe('unavailable')
    await until(async () => (await readRole(trio.replica)) === 'master', 'promoted', 15_000)
    await store.waitFor(true, 5_000)
    let admitted = 20
    while ((await ask()) === 'admitted') admitted++
    expect(admitted).toBe(50)

    // Back as a replica, and promoted by hand: the one that counts is read-only from one moment to the next.
    const old = await trio.master.restart('--replicaof', '127.0.0.1', String(trio.replica.port))
    await until(async () => /master_link_status:up/.test(String(await old.run('INFO'))), 'it follows', 15_000)
    const before = store.changes.length
    await until(
      async () => (await trio.sentinels[0]?.run('SENTINEL', 'FAILOVER', 'main').catch(() => null)) === 'OK',
      'a failover is begun',
      10_000,
    )
    await until(async () => (await readRole(old)) === 'master', 'promoted', 15_000)
    await until(() => store.changes.length > before && store.isUp(), 'it counts again')
    expect(await ask()).toBe('refused')
    await store.store.stop()
    await old.kill()
    await trio.stop()
  }, 60_000)
})

describe.skipIf(redisMissing !== null)('Cluster', () => {
  test('each namespace is counted on its node; one node gone takes down its own alone, until it is back', async () => {
    const cluster = await startRedisCluster()
    const [first, second] = cluster.nodes
    if (first === undefined || second === undefined) return expect.fail('no nodes')
    const [here, there, far] = await Promise.all([findGroupOn(first, 0), findGroupOn(first, 1), findGroupOn(first, 2)])
    const stores = await Promise.all([startStore(cluster.url), startStore(cluster.url)])
    const [store, other] = stores
    const ask = async (group: string, at = 0) => {
      const fields = { group, amount: countOf(100) }
      const charges = [
        createCharge(createLimit('rate', fields)),
        createCharge(createLimit('tokens', { ...fields, unit: 'tokens', amount: countOf(1e6) }), 5),
        createCharge(createLimit('permits', { ...fields, unit: 'concurrency' })),
      ]
      const acquired = await (stores[at] ?? store).store.acquire(charges)
      if (acquired.outcome === 'admitted') acquired.hold?.settle(charges.map(() => countOf(1)))
      return acquired.outcome
    }
    for (const group of [here, there, far]) {
      const asked = await Promise.all(Array.from({ length: 150 }, (_, at) => ask(group, at % 2)))
      expect(
        asked.filter((outcome) => outcome === 'admitted'),
        group,
      ).toHaveLength(100)
      expect(
        asked.filter((outcome) => outcome === 'refused'),
        group,
      ).toHaveLength(50)
    }
    expect(store.changes).toEqual(['up'])

    await second.kill()
    expect(await ask(there)).toBe('unavailable')
    expect(await ask(here)).toBe('refused')
    expect(await ask(far)).toBe('refused')
    expect(store.isUp()).toBe(false)

    const revived = await second.restart()
    await until(async () => (await ask(there)) === 'admitted', 'the node counts again, from nothing', 10_000)
    await store.waitFor(true)
    expect(await ask(here)).toBe('refused')
    await Promise.all([store.store.stop(), other.store.stop()])
    await revived.kill()
    await cluster.stop()
  }, 60_000)
})
