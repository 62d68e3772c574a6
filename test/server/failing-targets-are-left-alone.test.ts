// G13, G1: a target that fails is asked no more for a while; one request at a time finds out when it is back. Alone in its
// pool it is the least bad: one at a time tries it, everybody else gets a 503 that says when to come back.
import { describe, expect, test } from 'vitest'
import { type HttpBackendHandler, json } from '../support/http-backend.ts'
import { renderJsonResponse } from '../support/http-bytes.ts'
import { until } from '../support/until.ts'
import { readMetric, startFaultGateway } from './fault-gateway.ts'
import { answerAs, startRetryGateway } from './retry-gateway.ts'

const good = json(200, answerAs('good'))
const reset: HttpBackendHandler = (_request, response) => void response.socket?.resetAndDestroy()
const retry = { attempts: 1, conditions: ['reset-before-first-byte', 'connect-failure', '5xx', 'timeout'] }

test('G1: with one dead target of three no client sees an error, and it is asked five times only', async () => {
  const { ask, backends, log } = await startRetryGateway({
    targets: [good, reset, good],
    isOneTier: true,
    retry,
  })
  const attempts: string[] = []
  for (let time = 0; time < 100; time++) {
    const response = await ask()
    expect(response.status).toBe(200)
    attempts.push(response.headers.get('x-sluice-attempts') ?? '')
    await response.text()
  }
  // Each of the five was followed by a second attempt that answered.
  expect(backends[1]?.requests.length).toBe(5)
  expect(attempts.filter((count) => count === '2')).toHaveLength(5)
  expect(attempts.slice(-20)).toEqual(Array(20).fill('1'))
  const said = log.filter(({ msg }) => String(msg).includes('out of service'))
  expect(said).toMatchObject([{ level: 40, target: 'default/t1', reason: '5 failures in a row, the last: reset' }])
})

test.each<[string, HttpBackendHandler | string]>([
  ['5xx', json(500, { error: {} })],
  ['refusals of our credential', json(401, { error: {} })],
  ['refused connections', 'http://127.0.0.1:9'],
  ['answers that are no JSON', (_request, response) => void response.end('{')],
  ['timeouts', () => {}],
  [
    'streams that are cut',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"choices":[]}\n\n', () => response.socket?.resetAndDestroy())
    },
  ],
])('%s put a target out of service', async (_, target) => {
  const { ask, log } = await startRetryGateway({
    targets: [target, good],
    retry,
    route: { timeouts: { firstByte: '100ms' } },
  })
  for (let time = 0; time < 5; time++) await (await ask({ stream: true })).text().catch(() => '')
  await until(() => log.some(({ msg }) => String(msg).includes('out of service')), 'it is said')
  expect((await ask()).headers.get('x-sluice-target')).toBe('default/t1')
})

test.each<[string, HttpBackendHandler]>([
  ['a client’s own mistakes', json(400, { error: { message: 'no such parameter' } })],
  ['a 429 that asks for no time', json(429, { error: {} })],
])('%s do not', async (_, target) => {
  const { ask, backends } = await startRetryGateway({ targets: [target, good], retry })
  for (let time = 0; time < 30; time++) await (await ask()).text()
  expect(backends[0]?.requests).toHaveLength(30)
})

test('a plain service that asks one of its callers to wait is there for the others', async () => {
  const { url, backend } = await startFaultGateway({
    script: (seen, connection) =>
      connection.write(
        seen.header('x-busy') === null
          ? renderJsonResponse(200, {})
          : renderJsonResponse(429, {}, { 'retry-after': '60' }),
      ),
  })
  const ask = async (headers: Record<string, string>) => (await fetch(`${url}/open/x`, { headers })).status
  expect(await ask({ 'x-busy': '1' })).toBe(429)
  expect(await Promise.all([ask({}), ask({ 'x-busy': '1' }), ask({})])).toEqual([200, 429, 200])
  expect(backend.requests).toHaveLength(4)
})

test('clients that leave do not', async () => {
  const { ask, backends, log } = await startRetryGateway({ targets: [() => {}, good], retry })
  for (let time = 0; time < 8; time++) {
    const leaving = new AbortController()
    const asking = ask({}, { signal: leaving.signal })
    await until(() => backends[0]?.requests.length === time + 1, 'it is asked')
    leaving.abort()
    await asking.catch(() => {})
  }
  await until(() => log.filter(({ status }) => status === 499).length === 8, 'all are settled')
  expect(backends[1]?.requests).toHaveLength(0)
})

test('G13: it is tried by one request when its rest is over, and back at once', async () => {
  let isWell = false
  const { ask, backends, log } = await startRetryGateway({
    targets: [(request, response) => (isWell ? good : reset)(request, response), good],
    retry,
  })
  for (let time = 0; time < 5; time++) expect((await ask()).status).toBe(200)
  isWell = true
  const before = backends[0]?.requests.length ?? 0
  expect(before).toBe(5)
  // Five seconds at most: clients go on asking, and none of them sees an error.
  await until(
    async () => {
      const response = await ask()
      expect(response.status).toBe(200)
      return response.headers.get('x-sluice-target') === 'default/t0'
    },
    'it is asked again',
    7_000,
  )
  for (let time = 0; time < 5; time++) expect((await ask()).headers.get('x-sluice-target')).toBe('default/t0')
  expect(log.filter(({ msg }) => String(msg).includes('back in service'))).toHaveLength(1)
}, 15_000)

describe('G13: alone in its pool', () => {
  test('one at a time tries it, the others are told when to come back; well again, it serves at once', async () => {
    let mode: 'fail' | 'hang' | 'good' = 'fail'
    const hanging: (() => void)[] = []
    const { ask, backends } = await startRetryGateway({
      targets: [
        (request, response) => {
          if (mode === 'hang') hanging.push(() => void good(request, response))
          else return (mode === 'good' ? good : json(500, { error: { message: 'its own words' } }))(request, response)
        },
      ],
      retry: { attempts: 0 },
    })
    for (let time = 0; time < 5; time++) expect((await ask()).status).toBe(500)
    // Its own answer, when it is tried all the same.
    const tried = await ask()
    expect([tried.status, await tried.json()]).toEqual([500, { error: { message: 'its own words' } }])
    mode = 'hang'
    const trial = ask()
    await until(() => hanging.length === 1, 'one tries')
    const others = await Promise.all(Array.from({ length: 20 }, () => ask()))
    for (const response of others) {
      expect(response.status).toBe(503)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(await response.json()).toMatchObject({ error: { code: 'no_target_available' } })
    }
    expect(backends[0]?.requests).toHaveLength(7)
    mode = 'good'
    for (const answer of hanging) answer()
    expect((await trial).status).toBe(200)
    const after = await Promise.all(Array.from({ length: 20 }, () => ask()))
    expect(after.map(({ status }) => status)).toEqual(Array(20).fill(200))
  })

  test('a try that reaches nobody says when to come back', async () => {
    const { ask } = await startRetryGateway({ targets: ['http://127.0.0.1:9'], retry: { attempts: 0 } })
    for (let time = 0; time < 5; time++) await (await ask()).text()
    const response = await ask()
    expect([response.status, await response.json()]).toMatchObject([502, { error: { code: 'upstream_error' } }])
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  })
})

describe('G13: connections to one endpoint are bounded', () => {
  const settings = { upstream: { maxBusyPerEndpoint: 50, maxFailuresInRow: 5 } }

  test('fifty of a thousand requests wait for the one that hangs, the others are told at once; all recover', async () => {
    const hanging: (() => void)[] = []
    let isWell = false
    const { ask, backends, readMetrics } = await startRetryGateway({
      targets: [
        (request, response) => {
          if (isWell) return good(request, response)
          hanging.push(() => void good(request, response))
        },
      ],
      retry: { attempts: 0 },
      settings,
    })
    const asked = Array.from({ length: 1_000 }, () => ask().then(({ status, headers }) => ({ status, headers })))
    await until(() => hanging.length === 50, 'fifty are under way')
    await until(
      async () => (await readMetric({ readMetrics }, 'sluice_requests_total', { status: '503' })) === 950,
      'the others are answered',
      20_000,
    )
    expect(backends[0]?.countOpenSockets()).toBe(50)
    isWell = true
    const wellAt = performance.now()
    for (const answer of hanging) answer()
    const answers = await Promise.all(asked)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(50)
    for (const { status, headers } of answers) if (status !== 200) expect(headers.get('retry-after')).toBe('1')
    expect((await ask()).status).toBe(200)
    expect(performance.now() - wellAt).toBeLessThan(5_000)
  }, 40_000)

  test('what finds no place goes to another target, whatever the conditions', async () => {
    const { ask, backends } = await startRetryGateway({
      targets: [() => {}, good],
      retry: { attempts: 0 },
      settings: { upstream: { maxBusyPerEndpoint: 3, maxFailuresInRow: 5 } },
    })
    const leaving = new AbortController()
    const waiting = [1, 2, 3].map(() => ask({}, { signal: leaving.signal }).catch(() => null))
    await until(() => backends[0]?.requests.length === 3, 'all places are taken')
    const response = await ask()
    expect([
      response.status,
      response.headers.get('x-sluice-target'),
      response.headers.get('x-sluice-attempts'),
    ]).toEqual([200, 'default/t1', '1'])
    leaving.abort()
    await Promise.all(waiting)
  })
})
