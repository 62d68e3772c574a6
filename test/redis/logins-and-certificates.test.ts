// TLS and ACL users; E5: rights that are taken away and given back, a server that is still loading. No secret shows.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findFreePorts } from '../support/cluster/free-ports.ts'
import { redisMissing, startRedis } from '../support/redis/redis-server.ts'
import { createCharge, createLimit, startStore } from '../support/redis/test-store.ts'
import { until } from '../support/until.ts'

const password = 'canary:p@ss/word 93'
const limit = createLimit('login')
const allowed = readDocumentedRules()

/** The rules that docs/redis.md says are enough. */
function readDocumentedRules(): readonly string[] {
  const text = /ACL SETUSER sluice on >SECRET ([^`]+)```/.exec(readFileSync('docs/redis.md', 'utf8'))?.[1] ?? ''
  return text.split(/\s+/).filter((word) => word !== '')
}

describe.skipIf(redisMissing !== null)('logins and certificates', () => {
  test('an ACL user with the rights of docs/redis.md; E5: without them, with another password, and back', async () => {
    const redis = await startRedis()
    const setUser = (...rules: string[]) => redis.run('ACL', 'SETUSER', 'sluice', ...rules)
    await setUser('on', `>${password}`, ...allowed)
    const store = await startStore(`redis://sluice:${encodeURIComponent(password)}@127.0.0.1:${redis.port}`)
    const ask = async () => (await store.store.acquire([createCharge(limit)])).outcome
    const holdAll = async () => {
      const charges = [
        createCharge(limit),
        createCharge(createLimit('t', { unit: 'tokens' })),
        createCharge(createLimit('p', { unit: 'concurrency' })),
      ]
      const acquired = await store.store.acquire(charges)
      if (acquired.outcome === 'admitted') acquired.hold?.settle(charges.map(({ amount }) => amount))
      return acquired.outcome
    }
    expect(await holdAll()).toBe('admitted')
    await until(async () => (await redis.run('EXISTS', 'sluice:{team}:team/p:')) === 0, 'settled with these rights')

    await setUser('-@all')
    expect(await ask()).toBe('unavailable')
    await setUser(...allowed)
    await store.waitFor(true)
    expect(await holdAll()).toBe('admitted')

    // The connection stays logged in; the next one isn't let in.
    await setUser('resetpass', '>another')
    await redis.run('CLIENT', 'KILL', 'USER', 'sluice')
    await store.waitFor(false)
    expect(await ask()).toBe('unavailable')
    await setUser(`>${password}`)
    await store.waitFor(true)
    expect(await ask()).toBe('admitted')

    await redis.run('ACL', 'DELUSER', 'sluice')
    await store.waitFor(false)
    expect(await ask()).toBe('unavailable')
    await setUser('on', `>${password}`, ...allowed)
    await store.waitFor(true)
    expect(store.changes.join()).not.toMatch(/canary|word/)
    await store.store.stop()
    await redis.stop()
  })

  test('a wrong password from the start: served without Redis, said why, and no part of it', async () => {
    const redis = await startRedis({ args: ['--requirepass', 'right'], password: 'right' })
    const wrong = await startStore(`redis://127.0.0.1:${redis.port}`, { password })
    expect(wrong.changes).toEqual([expect.stringMatching(/^down: WRONGPASS/)])
    const none = await startStore(`redis://127.0.0.1:${redis.port}`)
    expect(none.changes).toEqual([expect.stringMatching(/^down: NOAUTH/)])
    const right = await startStore(`redis://:right@127.0.0.1:${redis.port}/3`)
    expect((await right.store.acquire([createCharge(limit)])).outcome).toBe('admitted')
    expect(String(await redis.run('INFO', 'keyspace'))).toContain('db3:')
    await Promise.all([wrong, none, right].map(({ store }) => store.stop()))
    await redis.stop()
  })

  test('TLS with certificates on both sides; an authority that we do not know is refused', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'))
    const path = (name: string) => join(folder, name)
    const openssl = (args: string) => {
      const { status, stderr } = spawnSync('openssl', args.split(' '), { cwd: folder, encoding: 'utf8' })
      if (status !== 0) throw new Error(stderr)
    }
    for (const name of ['ca', 'other']) {
      openssl(
        `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${name} -keyout ${name}.key -out ${name}.crt`,
      )
    }
    openssl(
      'req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout own.key -out own.csr',
    )
    openssl('x509 -req -in own.csr -CA ca.crt -CAkey ca.key -CAcreateserial -copy_extensions copy -days 2 -out own.crt')
    const [port] = await findFreePorts()
    const redis = await startRedis({
      isSilent: true,
      port,
      args: [
        ...['--port', '0', '--tls-port', String(port), '--tls-cert-file', path('own.crt')],
        ...['--tls-key-file', path('own.key'), '--tls-ca-cert-file', path('ca.crt')],
      ],
    })
    const read = (name: string) => readFileSync(path(name), 'utf8')
    const url = `rediss://localhost:${redis.port}`
    const files = { cert: read('own.crt'), key: read('own.key') }
    const store = await startStore(url, { ca: read('ca.crt'), ...files })
    expect(store.changes).toEqual(['up'])
    expect((await store.store.acquire([createCharge(limit)])).outcome).toBe('admitted')
    const other = await startStore(url, { ca: read('other.crt'), ...files })
    expect(other.changes).toEqual([expect.stringMatching(/^down: .*(certificate|issuer|signature)/i)])
    await Promise.all([store.store.stop(), other.store.stop()])
    await redis.stop()
    rmSync(folder, { recursive: true })
  })

  test('E5: a server that is loading its data counts when it has', async () => {
    const redis = await startRedis({ args: ['--enable-debug-command', 'yes'] })
    const store = await startStore(redis.url)
    await redis.run('DEBUG', 'POPULATE', '300', 'key', '100')
    await redis.run('SAVE')
    await redis.kill()
    await store.waitFor(false)
    // 300 keys of 10 ms each.
    const loading = await redis
      .restart('--key-load-delay', '10000', '--loading-process-events-interval-bytes', '1024')
      .catch(() => null)
    await store.waitFor(true)
    expect((await store.store.acquire([createCharge(limit)])).outcome).toBe('admitted')
    expect(store.changes).toHaveLength(3)
    await store.store.stop()
    await loading?.stop()
  })
})
