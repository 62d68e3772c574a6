// B8, B9, G5, G7: a backend that goes silent, before its head, after it or inside an event, is given up when its timer
// says so, not earlier and not much later; one that never stops meets the absolute end.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderChunk, renderHead, renderRequest, renderStreamHead } from '../support/http-bytes.ts'
import type { RawResponse } from '../support/raw-client.ts'
import type { BackendConnection } from '../support/scripted-backend.ts'
import { until } from '../support/until.ts'
import {
  createFaultGateway,
  type FaultGateway,
  readLogLine,
  readMetric,
  renderChat,
  renderModel,
  sendRaw,
} from './fault-gateway.ts'

const limitMs = 400
/** 10 %, and what a busy machine may add. */
const latestMs = limitMs * 1.1 + 250

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway({
    manifests: (endpoint) =>
      [
        renderModel({ name: 'first-byte', endpoint, timeouts: { firstByte: `${limitMs}ms`, idle: '10s' } }),
        renderModel({ name: 'idle', endpoint, timeouts: { firstByte: '10s', idle: `${limitMs}ms` } }),
        renderModel({ name: 'total', endpoint, timeouts: { firstByte: '10s', idle: '10s', total: `${limitMs}ms` } }),
        `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: slow }
spec: { path: /slow, targetService: '${endpoint}', authentication: false, timeouts: { firstByte: ${limitMs}ms, idle: ${limitMs}ms } }
`,
      ].join('---\n'),
  })
})
afterAll(() => gateway.stop())

type Outcome = Readonly<{ response: RawResponse; elapsedMs: number; log: Record<string, unknown> }>

/** Runs the backend's side until the client has its answer; measures from when the backend had written its last. */
async function meet(
  request: string,
  id: string,
  act: (connection: BackendConnection) => Promise<void>,
): Promise<Outcome> {
  const client = await sendRaw(gateway.port, request)
  const { connection } = await gateway.backend.nextRequest()
  const startedAt = performance.now()
  await act(connection)
  const response = await client.readResponse()
  const elapsedMs = performance.now() - startedAt
  // The gateway hangs up on a backend that it has given up.
  await connection.whenClosed(1_000)
  return { response, elapsedMs, log: await readLogLine(gateway, id) }
}

/** Writes pieces over and over until the connection is gone. */
async function drip(connection: BackendConnection, piece: string | Buffer, everyMs: number): Promise<void> {
  const timer = setInterval(() => void connection.write(piece), everyMs)
  connection.socket.once('close', () => clearInterval(timer))
}

function expectTimely({ elapsedMs }: Outcome): void {
  // A timer of Node may fire a millisecond early by the other clock.
  expect(elapsedMs).toBeGreaterThan(limitMs * 0.9)
  expect(elapsedMs).toBeLessThan(latestMs)
}

function expectGatewayTimeout({ response, log }: Outcome): void {
  expect(response.status).toBe(504)
  expect(response.header('content-type')).toMatch(/^application\/json/)
  expect(response.json()).toMatchObject({ error: { type: 'server_error', code: 'upstream_timeout' } })
  expect(log).toMatchObject({ status: 504, code: 'upstream_timeout', owner: 'upstream', attempts: 1 })
}

const event = renderChunk('data: {"choices":[]}\n\n')
const jsonHead = renderHead('HTTP/1.1 200 OK', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })
const informational = 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'

function chat(model: string, isStream: boolean): readonly [request: string, id: string] {
  const id = randomUUID()
  return [renderChat(model, isStream ? { stream: true } : {}, { 'x-request-id': id }), id]
}

describe.each([true, false])('the first-byte timer (B8, G5; stream: %s)', (isStream) => {
  const act: Record<string, (connection: BackendConnection) => Promise<void>> = {
    'no byte at all': async () => {},
    'half a head': (connection) => connection.write('HTTP/1.1 200 OK\r\ncontent-ty'),
    'a dripping head': (connection) => drip(connection, 'x', 20),
    '103 forever': (connection) => drip(connection, informational, 20),
    'a stray 102': (connection) => connection.write('HTTP/1.1 102 Processing\r\n\r\n'),
  }
  test.each(Object.entries(act))('%s', async (_, run) => {
    const outcome = await meet(...chat('first-byte', isStream), async (connection) => {
      if (run === act['a dripping head']) await connection.write('HTTP/1.1 200 OK\r\nx-slow: ')
      await run(connection)
    })
    expectGatewayTimeout(outcome)
    expectTimely(outcome)
  })
})

describe('the idle timer (B8, G5)', () => {
  test('silence after the head of a stream is a 504', async () => {
    const outcome = await meet(...chat('idle', true), (connection) => connection.write(renderStreamHead()))
    expectGatewayTimeout(outcome)
    expectTimely(outcome)
  })

  test('silence after the head of an answer is a 504', async () => {
    const outcome = await meet(...chat('idle', false), (connection) =>
      connection.write(`${jsonHead}${renderChunk('{')}`),
    )
    expectGatewayTimeout(outcome)
    expectTimely(outcome)
  })

  test.each([
    ['between events', event],
    ['in the middle of an event', Buffer.concat([event, renderChunk('data: {"cho')])],
  ])('silence %s ends the stream by an error event', async (_, bytes) => {
    const before = await readMetric(gateway, 'sluice_stream_outcomes_total', { outcome: 'timeout' })
    const outcome = await meet(...chat('idle', true), async (connection) => {
      await connection.write(renderStreamHead())
      await connection.write(bytes)
    })
    const { response, log } = outcome
    expect([response.status, response.isComplete]).toEqual([200, false])
    expect(response.text).toMatch(/^data: \{"choices":\[\]\}\n\ndata: \{"error":\{.*"upstream_timeout"\}\}\n\n$/)
    expect(log).toMatchObject({ stream: 'timeout', code: 'upstream_timeout' })
    expect(await readMetric(gateway, 'sluice_stream_outcomes_total', { outcome: 'timeout' })).toBe(before + 1)
    expectTimely(outcome)
  })

  test('a byte within the time keeps a stream alive well past it', async () => {
    const [request, id] = chat('idle', true)
    await sendRaw(gateway.port, request)
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(renderStreamHead())
    await drip(connection, renderChunk(': beat\n'), limitMs / 8)
    const startedAt = performance.now()
    await until(() => performance.now() - startedAt > limitMs * 2 || connection.isClosed, 'twice the time has passed')
    expect(connection.isClosed).toBe(false)
    connection.reset()
    await readLogLine(gateway, id)
  })

  test('a plain service that goes silent in its body is cut', async () => {
    const id = randomUUID()
    const outcome = await meet(renderRequest('GET', '/slow', { 'x-request-id': id }), id, (connection) =>
      connection.write(`${renderHead('HTTP/1.1 200 OK', { 'transfer-encoding': 'chunked' })}${renderChunk('abc')}`),
    )
    expect([outcome.response.status, outcome.response.text, outcome.response.isComplete]).toEqual([200, 'abc', false])
    expect(outcome.log).toMatchObject({ code: 'upstream_timeout' })
    expectTimely(outcome)
  })

  test('a plain service that sends no head is a 504', async () => {
    const id = randomUUID()
    const outcome = await meet(renderRequest('GET', '/slow', { 'x-request-id': id }), id, async () => {})
    expectGatewayTimeout(outcome)
    expectTimely(outcome)
  })
})

describe('the absolute end (B9)', () => {
  test('of a stream that drips forever', async () => {
    const outcome = await meet(...chat('total', true), async (connection) => {
      await connection.write(renderStreamHead())
      await drip(connection, event, 20)
    })
    expect([outcome.response.status, outcome.response.isComplete]).toEqual([200, false])
    expect(outcome.response.text).toMatch(/data: \{"error":\{.*"upstream_timeout"\}\}\n\n$/)
    expect(outcome.log).toMatchObject({ stream: 'timeout' })
    expectTimely(outcome)
  })

  test('of an event that drips forever', async () => {
    const outcome = await meet(...chat('total', true), async (connection) => {
      await connection.write(renderStreamHead())
      await drip(connection, renderChunk('x'), 20)
    })
    expectGatewayTimeout(outcome)
    expectTimely(outcome)
  })

  test('of an answer that drips forever', async () => {
    const outcome = await meet(...chat('total', false), async (connection) => {
      await connection.write(jsonHead)
      await drip(connection, renderChunk(' '), 20)
    })
    expectGatewayTimeout(outcome)
    expectTimely(outcome)
  })

  test.each([
    ['103 forever', informational, ''],
    ['a dripping head', 'x', 'HTTP/1.1 200 OK\r\nx-slow: '],
  ])('of %s', async (_, piece, start) => {
    const outcome = await meet(...chat('total', false), async (connection) => {
      await connection.write(start)
      await drip(connection, piece, 20)
    })
    expectGatewayTimeout(outcome)
    expectTimely(outcome)
  })
})
