// E2, E7, E13, H4 with `sluice serve` itself: several processes with wrong clocks on one Redis, one that is killed, one that
// finds no Redis.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { gatewayManifests, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'
import { type RedisServer, redisMissing, startRedis } from '../support/redis/redis-server.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'
import { until } from '../support/until.ts'

const password = 'canary-of-redis-51'

const route = (name: string, rateLimit: object, target: object) =>
  JSON.stringify({
    apiVersion: 'ai.example.com/v1',
    kind: 'AIGatewayRoute',
    metadata: { name },
    spec: { path: `/${name}`, authentication: false, rateLimit, ...target },
  })

/** What sets the clock of a program, without standing between us and its pid. */
function readFaketimePreload(): string {
  const { stdout } = spawnSync('faketime', ['-f', '+0s', 'sh', '-c', 'echo $LD_PRELOAD'], { encoding: 'utf8' })
  return stdout.trim()
}

describe.skipIf(redisMissing !== null)('whole processes', () => {
  let redis: RedisServer
  let backend: HttpBackend
  let folder = ''
  const running: ServeProcess[] = []
  beforeAll(async () => {
    redis = await startRedis({ args: ['--requirepass', password], password })
    backend = await createHttpBackend(json(200, { ok: true }))
    folder = mkdtempSync(join(tmpdir(), 'sluice-shared-'))
    const documents = [
      gatewayManifests(backend.url),
      route('hot', { requestsPerMinute: 1_000, onStoreFailure: 'Deny' }, { targetService: backend.url }),
      route('open', { requestsPerMinute: 1_000, onStoreFailure: 'Allow' }, { targetService: backend.url }),
      route('few', { concurrentRequests: 3, onStoreFailure: 'Deny' }, { targetService: backend.url }),
      route('metered', { tokensPerDay: 100_000, onStoreFailure: 'Deny' }, { modelName: 'm1' }),
    ]
    writeFileSync(join(folder, 'manifests.yaml'), documents.join('\n---\n'))
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.end()))
    await redis.run('FLUSHALL')
    backend.setHandler(json(200, { ok: true }))
  })
  afterAll(async () => {
    await backend.close()
    await redis.stop()
    rmSync(folder, { recursive: true })
  })

  const start = async (environment: Readonly<Record<string, string>> = {}, ...args: string[]) => {
    const url = `redis://127.0.0.1:${redis.port}`
    const serve = await startServe(['--config', folder, '--redis', url, ...args], {
      SLUICE_REDIS_PASSWORD: password,
      ...environment,
    })
    running.push(serve)
    return serve
  }
  const get = async (url: string) => {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response
  }
  const chat = (url: string, signal: AbortSignal | null = null) =>
    fetch(`${url}/metered/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${testKey}` },
      body: JSON.stringify({ model: 'm1', messages: [{ role: 'user', content: 'hi' }], max_tokens: 1_000 }),
      signal,
    })

  test('E2, E7: three processes, half a minute behind and ahead of each other, admit exactly 1,000 and agree when to come again', async () => {
    const preload = readFaketimePreload()
    expect(preload).not.toBe('')
    const skewed = (by: string) => ({ LD_PRELOAD: preload, FAKETIME: by, DONT_FAKE_MONOTONIC: '1' })
    const processes = await Promise.all([start(skewed('+30s')), start(skewed('-30s')), start()])
    const dates = await Promise.all(
      processes.map(async ({ adminUrl }) => Date.parse((await get(`${adminUrl}/healthz`)).headers.get('date') ?? '')),
    )
    expect(Math.round(((dates[0] ?? 0) - (dates[1] ?? 0)) / 1_000)).toBeGreaterThan(55)

    let asked = 0
    const statuses: Record<number, number> = {}
    const client = async (number: number) => {
      // Half of the clients ask the first, a third the second. New processes are slow: a machine that has other work, too,
      // may keep Redis from answering in time once, which is not what this asks.
      const at = number % 6 < 3 ? 0 : number % 6 < 5 ? 1 : 2
      while (asked++ < 1_500) {
        let { status } = await get(`${processes[at]?.url}/hot`)
        while (status === 503) status = (await get(`${processes[at]?.url}/hot`)).status
        statuses[status] = (statuses[status] ?? 0) + 1
      }
    }
    await Promise.all(Array.from({ length: 500 }, (_, number) => client(number)))
    expect(statuses).toEqual({ 200: 1_000, 429: 500 })

    const waits = await Promise.all(
      processes.map(async ({ url }) => Number((await get(`${url}/hot`)).headers.get('retry-after'))),
    )
    for (const wait of waits) expect(wait).toBeGreaterThan(0)
    expect(Math.max(...waits)).toBeLessThanOrEqual(60)
    expect(Math.max(...waits) - Math.min(...waits)).toBeLessThanOrEqual(1)
  })

  test('E8, E13: kill -9 with requests under way: permits and reserves return within the lease', async () => {
    const [dying, other] = await Promise.all([start({}, '--limit-lease', '1s'), start({}, '--limit-lease', '1s')])
    backend.setHandler(() => {})
    const before = backend.requests.length
    const ended = Promise.allSettled([
      ...[1, 2, 3].map(() => get(`${dying.url}/few`)),
      ...[1, 2, 3].map(() => chat(dying.url)),
    ])
    await until(() => backend.requests.length === before + 6, 'all are under way')
    backend.setHandler(json(200, { ok: true }))
    expect((await get(`${other.url}/few`)).status).toBe(429)
    const readLeft = async () => {
      const response = await chat(other.url)
      await response.arrayBuffer()
      return Number(response.headers.get('x-ratelimit-remaining-tokens'))
    }
    expect(await readLeft()).toBeLessThan(97_000)
    await dying.end('SIGKILL')
    const killedAt = performance.now()
    await ended
    await until(async () => (await get(`${other.url}/few`)).status === 200, 'the permits are back')
    await until(async () => (await readLeft()) > 98_000, 'the reserves are back')
    expect(performance.now() - killedAt).toBeLessThan(2_000)
  })

  test('H4, E4: no Redis at the start: ready, served as configured, said once, and no password anywhere', async () => {
    const serve = await start({}, '--redis', 'redis://127.0.0.1:1', '--drain-delay', '0s')
    expect((await get(`${serve.adminUrl}/readyz`)).status).toBe(200)
    const denied = await fetch(`${serve.url}/hot`)
    expect(denied.status).toBe(503)
    expect(await denied.json()).toMatchObject({ error: { code: 'limit_store_unavailable' } })
    expect((await get(`${serve.url}/open`)).status).toBe(200)
    const metrics = await (await fetch(`${serve.adminUrl}/metrics`)).text()
    expect(metrics).toContain('\nsluice_limit_store_up 0\n')
    const config = await (await fetch(`${serve.adminUrl}/config`)).text()
    const lines = serve.readLog().filter(({ msg }) => String(msg).startsWith('limit store'))
    expect(lines).toEqual([expect.objectContaining({ level: 'warn', reason: 'connect ECONNREFUSED 127.0.0.1:1' })])
    expect(await serve.end('SIGTERM')).toBe(0)
    expect(metrics + config + serve.readOutput()).not.toContain(password)
  })

  test('SIGTERM with Redis: everything settled, exit 0', async () => {
    const serve = await start({}, '--drain-delay', '0s')
    expect((await get(`${serve.url}/few`)).status).toBe(200)
    const metrics = await (await fetch(`${serve.adminUrl}/metrics`)).text()
    expect(metrics).toContain('\nsluice_limit_store_up 1\n')
    const stoppedAt = performance.now()
    expect(await serve.end('SIGTERM')).toBe(0)
    expect(performance.now() - stoppedAt).toBeLessThan(3_000)
    expect(await redis.run('KEYS', '*few*')).toEqual([])
    expect(serve.readOutput()).not.toContain(password)
  })
})
