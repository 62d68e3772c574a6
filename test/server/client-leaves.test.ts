// B6: a client that leaves, at any point, takes its upstream connection with it within a second; nothing of the exchange
// stays, and the log says 499.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lastChunk, renderChunk, renderHead, renderRequest, renderStreamHead } from '../support/http-bytes.ts'
import type { RawClient } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import { type Blackhole, createBlackhole } from './blackhole.ts'
import {
  authorization,
  createFaultGateway,
  type FaultGateway,
  readLogLine,
  readMetric,
  renderChat,
  renderModel,
  sendRaw,
  whenQuiet,
} from './fault-gateway.ts'

let gateway: FaultGateway
let blackhole: Blackhole
beforeAll(async () => {
  blackhole = await createBlackhole()
  gateway = await createFaultGateway({
    backend: { runAt: 'head' },
    manifests: () => renderModel({ name: 'far', endpoint: blackhole.url, timeouts: { connect: '20s' } }),
  })
})
afterAll(async () => {
  await gateway.stop()
  await blackhole.close()
})

const leavings = { RST: (client: RawClient) => client.reset(), FIN: (client: RawClient) => client.end() }

async function expectGone(id: string, fields: object = {}): Promise<void> {
  const log = await readLogLine(gateway, id, 1_000)
  expect(log).toMatchObject({ status: 499, code: 'client_closed', owner: 'client', ...fields })
  await whenQuiet(gateway, 1_000)
}

const event = renderChunk('data: {"choices":[]}\n\n')
const wellFramedGet = (id: string) => renderRequest('GET', '/open/x', { 'x-request-id': id })

describe.each(Object.entries(leavings))('by %s', (_, leave) => {
  test.each([
    ['a model answer', (id: string) => renderChat('m1', {}, { 'x-request-id': id })],
    ['a stream', (id: string) => renderChat('m1', { stream: true }, { 'x-request-id': id })],
    ['a plain service', wellFramedGet],
  ])('before the head of %s', async (_name, render) => {
    const id = randomUUID()
    const client = await sendRaw(gateway.port, render(id))
    const { connection } = await gateway.backend.nextRequest()
    leave(client)
    await connection.whenClosed(1_000)
    await expectGone(id, { attempts: 1 })
  })

  test('between the head and the first event', async () => {
    const id = randomUUID()
    const client = await sendRaw(gateway.port, renderChat('m1', { stream: true }, { 'x-request-id': id }))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(renderStreamHead())
    await connection.write(renderChunk('data: {'))
    leave(client)
    await connection.whenClosed(1_000)
    await expectGone(id)
  })

  test('in the middle of a stream', async () => {
    const id = randomUUID()
    const client = await sendRaw(gateway.port, renderChat('m1', { stream: true }, { 'x-request-id': id }))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(renderStreamHead())
    await connection.write(event)
    await client.whenReceived('choices')
    expect(await readMetric(gateway, 'sluice_streams_open')).toBe(1)
    leave(client)
    await connection.whenClosed(1_000)
    await expectGone(id, { stream: 'client_closed' })
  })

  test('in the middle of a plain answer', async () => {
    const id = randomUUID()
    const client = await sendRaw(gateway.port, wellFramedGet(id))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(renderHead('HTTP/1.1 200 OK', { 'content-length': '100' }))
    await connection.write('half')
    await client.whenReceived('half')
    leave(client)
    await connection.whenClosed(1_000)
    await expectGone(id)
  })

  test('while sending its body to a model: nothing reaches the backend', async () => {
    const id = randomUUID()
    const seen = gateway.backend.connections.length
    const headers = { authorization, 'content-type': 'application/json', 'content-length': '1000', 'x-request-id': id }
    const client = await sendRaw(gateway.port, renderRequest('POST', '/v1/chat/completions', headers, '{"model":'))
    leave(client)
    await expectGone(id)
    expect(gateway.backend.connections).toHaveLength(seen)
  })

  test.each([
    ['declared', { 'content-length': '1000' }, 'half'],
    ['chunked', { 'transfer-encoding': 'chunked' }, renderChunk('half').toString()],
  ])(
    'while sending a %s body to a plain service: sent once, and the backend sees the cut',
    async (_name, framing, body) => {
      const id = randomUUID()
      // A kept-alive connection is there to be reused: a cut on it must not look like the backend's fault.
      const first = await sendRaw(gateway.port, renderRequest('GET', '/open/first', { 'x-request-id': `${id}-0` }))
      const before = await gateway.backend.nextRequest()
      await before.connection.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      await first.readResponse()
      const count = gateway.backend.requests.length
      const client = await sendRaw(
        gateway.port,
        renderRequest('POST', '/open/x', { 'x-request-id': id, ...framing }, body),
      )
      const request = await gateway.backend.nextRequest()
      expect(request.connection).toBe(before.connection)
      await until(() => request.text === 'half', 'half of the body reached the backend')
      leave(client)
      await request.connection.whenClosed(1_000)
      await expectGone(id, { attempts: 1 })
      expect(gateway.backend.requests).toHaveLength(count + 1)
      expect(request.message.isComplete).toBe(false)
    },
  )

  test('while the upstream connection is still being made: it is given up', async () => {
    const id = randomUUID()
    const dialling = () => process.getActiveResourcesInfo().filter((name) => name === 'ConnectWrap').length
    const before = dialling()
    const client = await sendRaw(gateway.port, renderChat('far', { stream: true }, { 'x-request-id': id }))
    await until(() => dialling() > before, 'the gateway dials')
    leave(client)
    await until(() => dialling() === before, 'the gateway hung up', 1_000)
    await expectGone(id)
  })
})

describe('300 at once', () => {
  test.each(Object.entries(leavings))('by %s', async (_, leave) => {
    const first = gateway.backend.requests.length
    const ids = Array.from({ length: 300 }, () => randomUUID())
    const clients = await Promise.all(
      ids.map((id) => sendRaw(gateway.port, renderChat('m1', { stream: true }, { 'x-request-id': id }))),
    )
    const requests = await Promise.all(ids.map(() => gateway.backend.nextRequest(15_000)))
    await Promise.all(requests.map(({ connection }) => connection.write(renderStreamHead())))
    await Promise.all(requests.map(({ connection }) => connection.write(event)))
    await Promise.all(clients.map((client) => client.whenReceived('choices', 15_000)))
    expect(await readMetric(gateway, 'sluice_streams_open')).toBe(300)
    for (const client of clients) leave(client)
    // Clients, gateway and backends share this process and its machine with other tests: a second, and some for that.
    await gateway.backend.connectionsClosed(3_000)
    await until(async () => (await readMetric(gateway, 'sluice_streams_open')) === 0, 'no stream is open', 1_000)
    for (const id of ids) expect(await readLogLine(gateway, id)).toMatchObject({ status: 499, code: 'client_closed' })
    expect(gateway.backend.requests).toHaveLength(first + 300)
  })
})

test('the gateway is as good as new afterwards', async () => {
  const client = await sendRaw(gateway.port, renderChat('m1', { stream: true }))
  const { connection } = await gateway.backend.nextRequest()
  await connection.write(renderStreamHead())
  await connection.write(Buffer.concat([renderChunk('data: [DONE]\n\n'), Buffer.from(lastChunk)]))
  expect((await client.readResponse()).isComplete).toBe(true)
  expect(await readMetric(gateway, 'sluice_upstream_connections')).toBe(1)
})
