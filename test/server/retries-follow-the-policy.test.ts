// G1, G3, G4, C7: what a route's `retry` names is tried again, on the next target at once, on the same one after a
// while; what it does not name is answered as it is.
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { testKey } from '../support/gateway.ts'
import { type HttpBackendHandler, json } from '../support/http-backend.ts'
import { until } from '../support/until.ts'
import { readMetric } from './fault-gateway.ts'
import { answerAs, startRetryGateway } from './retry-gateway.ts'

const good = json(200, answerAs('second'))
const reset: HttpBackendHandler = (_request, response) => void response.socket?.resetAndDestroy()
const silence: HttpBackendHandler = () => {}
const broken: HttpBackendHandler = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end('{"half":')
}
const cut: HttpBackendHandler = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 })
  response.write('{"half":', () => response.socket?.resetAndDestroy())
}
const page: HttpBackendHandler = (_request, response) => {
  response.writeHead(502, { 'content-type': 'text/html' })
  response.end('<html>bad gateway</html>')
}

const faults: readonly (readonly [string, HttpBackendHandler, readonly (string | number)[], number])[] = [
  ['a reset', reset, ['reset-before-first-byte'], 502],
  ['silence', silence, ['timeout'], 504],
  ['a 500', json(500, { error: { message: 'x' } }), ['5xx'], 500],
  ['a 503', json(503, { error: { message: 'x' } }), [503], 503],
  ['a 529', json(529, { error: { message: 'x' } }), ['5xx'], 529],
  ['a page of a proxy', page, ['502'], 502],
  ['a 429', json(429, { error: { message: 'x' } }), ['429'], 429],
  ['a 404 that was named', json(404, { error: { message: 'x' } }), [404], 404],
  ['an answer cut in the middle', cut, ['reset-before-first-byte'], 502],
  ['an answer that is no JSON', broken, ['5xx'], 502],
]

describe.each(faults)('%s', (_, handler, conditions, status) => {
  const route = { timeouts: { firstByte: '200ms' } }

  test('is tried again on the next target where the route says so', async () => {
    const { ask, backends, readMetrics } = await startRetryGateway({
      targets: [handler, good],
      retry: { attempts: 1, conditions },
      route,
    })
    const response = await ask({ user: 'u1' })
    expect(await response.json()).toEqual(answerAs('second'))
    const { headers } = response
    expect([response.status, headers.get('x-sluice-attempts'), headers.get('x-sluice-target')]).toEqual([
      200,
      '2',
      'default/t1',
    ])
    // The whole request, each time.
    for (const { requests } of backends) {
      expect(requests).toHaveLength(1)
      expect(requests[0]?.json()).toMatchObject({ user: 'u1', messages: [{ role: 'user', content: 'hi' }] })
    }
    const count = (target: string) => readMetric({ readMetrics }, 'sluice_upstream_attempts_total', { target })
    expect([await count('default/t0'), await count('default/t1')]).toEqual([1, 1])
  })

  test('is answered where it does not', async () => {
    const { ask, backends } = await startRetryGateway({
      targets: [handler, good],
      retry: { attempts: 3, conditions: ['connect-failure'] },
      route,
    })
    const response = await ask()
    expect([response.status, response.headers.get('x-sluice-attempts')]).toEqual([status, '1'])
    await response.text()
    expect(backends[1]?.requests).toHaveLength(0)
  })
})

test('the last answer is passed on as it is, its words and its retry-after', async () => {
  const { ask } = await startRetryGateway({
    targets: [
      json(500, { error: { message: 'first' } }),
      json(503, { error: { message: 'last' } }, { 'retry-after': '7' }),
    ],
    retry: { attempts: 1, conditions: ['5xx'] },
  })
  const response = await ask()
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7'])
  expect(await response.json()).toEqual({ error: { message: 'last' } })
})

test('targets of one priority come before those of the next', async () => {
  const order: string[] = []
  const failAs =
    (name: string): HttpBackendHandler =>
    (request, response) => {
      order.push(name)
      return json(500, { error: {} })(request, response)
    }
  const { ask } = await startRetryGateway({
    targets: [failAs('a'), failAs('b'), failAs('c')],
    retry: { attempts: 2, conditions: ['5xx'] },
  })
  expect((await ask()).headers.get('x-sluice-attempts')).toBe('3')
  expect(order).toEqual(['a', 'b', 'c'])
})

test('a target is asked again only when no other is left, and waited for', async () => {
  let asked = 0
  const once: HttpBackendHandler = (request, response) =>
    (asked++ === 0 ? json(500, { error: {} }) : good)(request, response)
  const { ask } = await startRetryGateway({
    targets: [once],
    retry: { attempts: 1, conditions: ['5xx'], backoff: '200ms' },
  })
  const response = await ask()
  expect([response.status, response.headers.get('x-sluice-attempts')]).toEqual([200, '2'])
})

describe('G3: retry-after', () => {
  const wish = (value: string) => json(429, { error: { message: 'slow down' } }, { 'retry-after': value })

  test('of a second is waited for, where there is no other target', async () => {
    let asked = 0
    const once: HttpBackendHandler = (request, response) => (asked++ === 0 ? wish('1') : good)(request, response)
    const { ask } = await startRetryGateway({ targets: [once], retry: { attempts: 1, conditions: ['429'] } })
    const startedAt = performance.now()
    expect((await ask()).status).toBe(200)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990)
  })

  test('of a minute is not: it is passed on', async () => {
    const { ask, backends } = await startRetryGateway({
      targets: [wish('60')],
      retry: { attempts: 3, conditions: ['429'] },
    })
    const response = await ask()
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '60'])
    expect(backends[0]?.requests).toHaveLength(1)
  })

  test.each(['1', '3600', '-1', 'abc', 'Sun, 22 Nov 2099 12:00:00 GMT'])(
    '%s: the target is left alone for a while, and others are asked',
    async (value) => {
      const { ask, backends } = await startRetryGateway({
        targets: [wish(value), good],
        retry: { attempts: 1, conditions: ['429'] },
      })
      expect((await ask()).headers.get('x-sluice-attempts')).toBe('2')
      for (let time = 0; time < 3; time++) {
        const response = await ask()
        expect([response.status, response.headers.get('x-sluice-attempts')]).toEqual([200, '1'])
      }
      expect(backends[0]?.requests).toHaveLength(1)
    },
  )
})

describe('G5: no attempt begins behind the absolute end of the exchange', () => {
  test('not even after a wait', async () => {
    const { ask, backends } = await startRetryGateway({
      targets: [json(503, { error: { message: 'x' } }, { 'retry-after': '2' })],
      retry: { attempts: 5, conditions: ['5xx'] },
      route: { timeouts: { total: '1s' } },
    })
    const startedAt = performance.now()
    expect((await ask()).status).toBe(503)
    expect(performance.now() - startedAt).toBeLessThan(900)
    expect(backends[0]?.requests).toHaveLength(1)
  })

  test('one total for all attempts together', async () => {
    const { ask } = await startRetryGateway({
      targets: [silence, silence, silence],
      retry: { attempts: 5, conditions: ['timeout'] },
      route: { timeouts: { firstByte: '300ms', total: '500ms' } },
    })
    const startedAt = performance.now()
    const response = await ask()
    expect(response.status).toBe(504)
    expect(performance.now() - startedAt).toBeLessThan(800)
    expect(response.headers.get('x-sluice-attempts')).toBe('2')
  })
})

test.each([401, 403])(
  'a target that refuses our credential with %d has done nothing: another is asked',
  async (status) => {
    const { ask, backends } = await startRetryGateway({
      targets: [json(status, { error: { message: 'x' } }), good],
      retry: { attempts: 5 },
    })
    const response = await ask()
    expect([response.status, await response.json()]).toEqual([200, answerAs('second')])
    expect(backends.map(({ requests }) => requests.length)).toEqual([1, 1])
  },
)

test.each([401, 403])('alone, it is not asked again for a %d', async (status) => {
  const { ask, backends } = await startRetryGateway({ targets: [json(status, {})], retry: { attempts: 5 } })
  expect((await ask()).status).toBe(502)
  expect(backends[0]?.requests).toHaveLength(1)
})

test('C7: each target sees its own credential only, also after an answer of another', async () => {
  const secret = (name: string) => ({ credentials: { type: 'APIKey', secretRef: { name, key: 'token' } } })
  const { ask, backends } = await startRetryGateway({
    targets: [json(500, { error: {} }), good],
    retry: { attempts: 1, conditions: ['5xx'] },
    models: [secret('upstream'), {}],
  })
  expect((await ask()).status).toBe(200)
  const [first, second] = backends.map(({ requests }) => requests[0])
  expect(first?.headers.authorization).toBe('Bearer upstream-canary-77b1')
  expect(second?.headers.authorization).toBeUndefined()
  for (const request of [first, second]) expect(request?.rawHeaders.join('\n')).not.toContain(testKey)
})

test('the connection of an answer that was given up is used again', async () => {
  const { ask, backends } = await startRetryGateway({
    targets: [json(404, { error: { message: 'x'.repeat(1000) } }), good],
    retry: { attempts: 1, conditions: [404] },
  })
  for (let time = 0; time < 5; time++) expect((await ask()).status).toBe(200)
  const [first] = backends
  expect([first?.requests.length, first?.countOpenSockets()]).toEqual([5, 1])
})

test('a long answer that was given up is cut', async () => {
  let written = 0
  const endless: HttpBackendHandler = (_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json' })
    const more = () => {
      if (response.destroyed) return
      written += 16_384
      if (writeOn(response)) setImmediate(more)
      else response.once('drain', more)
    }
    more()
  }
  const { ask, backends } = await startRetryGateway({
    targets: [endless, good],
    retry: { attempts: 1, conditions: ['5xx'] },
  })
  expect((await ask()).status).toBe(200)
  await until(() => backends[0]?.countOpenSockets() === 0, 'the connection is cut')
  expect(written).toBeLessThan(20_000_000)
})

test('one that says that it will be long is cut and counted once', async () => {
  const long: HttpBackendHandler = (_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json', 'content-length': 1_000_000 })
    response.end(Buffer.alloc(1_000_000, 0x20))
  }
  const { ask, backends, readMetrics, adminUrl } = await startRetryGateway({
    targets: [long, good],
    retry: { attempts: 1, conditions: ['5xx'] },
  })
  expect((await ask()).status).toBe(200)
  await until(() => backends[0]?.countOpenSockets() === 0, 'the connection is cut')
  const attempts = (await readMetrics()).split('\n').filter((line) => /^sluice_upstream_attempts_total.*t0"/.test(line))
  expect(attempts).toEqual(['sluice_upstream_attempts_total{target="default/t0",outcome="error_status"} 1'])
  const explained: unknown = await (await fetch(`${adminUrl}/explain?model=both&key=${testKey}`)).json()
  expect(explained).toMatchObject({ targets: [{ active: 0 }, { active: 0 }] })
})

function writeOn(response: ServerResponse): boolean {
  return response.write(Buffer.alloc(16_384, 0x20))
}

test('a client that leaves while a retry waits is let go, and nothing more is asked', async () => {
  const { ask, backends, log } = await startRetryGateway({
    targets: [json(429, { error: {} }, { 'retry-after': '2' })],
    retry: { attempts: 3, conditions: ['429'] },
  })
  const leaving = new AbortController()
  const asking = ask({}, { signal: leaving.signal })
  await until(() => backends[0]?.requests.length === 1, 'it is asked')
  leaving.abort()
  await expect(asking).rejects.toThrow()
  await until(() => log.some(({ status, attempts }) => status === 499 && attempts === 1), 'it is settled')
  expect(backends[0]?.requests).toHaveLength(1)
})
