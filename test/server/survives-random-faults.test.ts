// G4: with two targets of which one fails a tenth of its calls at random (errors, resets, cut and broken answers, streams
// that begin with an error) at least 99.9 % of the clients are served; and when everything fails, backends are asked at
// most 1.2 times for each request.
import { expect, test } from 'vitest'
import { createRandom } from '../../src/simulator/random.ts'
import { type HttpBackendHandler, json } from '../support/http-backend.ts'
import { renderEvent } from '../support/http-bytes.ts'
import { answerAs, startRetryGateway } from './retry-gateway.ts'

const good: HttpBackendHandler = (request, response) => {
  if (!request.text.includes('"stream":true')) return json(200, answerAs('good'))(request, response)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(renderEvent({ choices: [{ index: 0, delta: { content: 'good' } }] }))
  response.end(renderEvent('[DONE]'))
}

const faults: readonly HttpBackendHandler[] = [
  json(500, { error: { message: 'x' } }),
  json(503, { error: { message: 'x' } }),
  (_request, response) => void response.socket?.resetAndDestroy(),
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 50 })
    response.write('{"a":', () => response.socket?.resetAndDestroy())
  },
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(renderEvent({ error: { message: 'x', code: 503 } }))
  },
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<html>')
  },
]

const retry = { attempts: 2, conditions: ['connect-failure', 'reset-before-first-byte', 'timeout', '5xx'] }

test('G4: 99.9 % are served when one of two targets fails a tenth of its calls', async () => {
  const random = createRandom(7)
  const faulty: HttpBackendHandler = (request, response) => {
    const fault = random() < 0.1 ? faults[Math.floor(random() * faults.length)] : undefined
    return (fault ?? good)(request, response)
  }
  const { ask, backends } = await startRetryGateway({ targets: [faulty, good], isOneTier: true, retry })
  const total = 2_000
  let begun = 0
  let served = 0
  const client = async () => {
    while (begun++ < total) {
      const response = await ask({ stream: begun % 2 === 0 })
      const text = await response.text()
      if (response.status === 200 && text.includes('good')) served++
    }
  }
  await Promise.all(Array.from({ length: 20 }, client))
  expect(served / total).toBeGreaterThanOrEqual(0.999)
  const asked = backends.reduce((sum, { requests }) => sum + requests.length, 0)
  expect(asked / total).toBeLessThanOrEqual(1.2)
  // It fails, but it serves: it is not left alone for that.
  expect(backends[0]?.requests.length).toBeGreaterThan(total / 3)
}, 60_000)

test('G4: when everything fails, retries add at most a fifth', async () => {
  const { ask, backends } = await startRetryGateway({
    targets: [json(500, { error: {} }), json(500, { error: {} })],
    isOneTier: true,
    retry: { ...retry, attempts: 5, backoff: '1ms' },
    // They go on being asked, so that only the budget stands between them and the storm.
    settings: { upstream: { maxBusyPerEndpoint: 1_000, maxFailuresInRow: 1_000_000 } },
  })
  const total = 300
  for (let time = 0; time < total; time++) expect([500, 503]).toContain((await ask()).status)
  const asked = backends.reduce((sum, { requests }) => sum + requests.length, 0)
  expect(asked / total).toBeLessThanOrEqual(1.2)
}, 30_000)

test('G4: resets on kept-alive connections are no way around that', async () => {
  const random = createRandom(11)
  const dying: HttpBackendHandler = (request, response) =>
    random() < 0.5 ? void response.socket?.resetAndDestroy() : good(request, response)
  const { ask, backends } = await startRetryGateway({
    targets: [dying, dying],
    isOneTier: true,
    retry: { ...retry, attempts: 5, backoff: '1ms' },
    // A short rest would spare them the storm.
    settings: { upstream: { maxBusyPerEndpoint: 1_000, maxFailuresInRow: 1_000_000 } },
  })
  const total = 300
  let attempted = 0
  for (let time = 0; time < total; time++) if ((await ask()).headers.has('x-sluice-attempts')) attempted++
  const asked = backends.reduce((sum, { requests }) => sum + requests.length, 0)
  expect(asked / total).toBeLessThanOrEqual(1.2)
  expect(attempted).toBeGreaterThan(0)
}, 30_000)
