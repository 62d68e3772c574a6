// A20, B4, B6: requests sent before the answer to the one before are exchanges of their own: answered in order, cut
// where they are cut, and gone with their client, also while they wait for their turn.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lastChunk, renderChunk, renderJsonResponse, renderStreamHead } from '../support/http-bytes.ts'
import {
  createFaultGateway,
  type FaultGateway,
  readLogLine,
  readMetric,
  renderChat,
  sendRaw,
  whenQuiet,
} from './fault-gateway.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway()
})
afterAll(() => gateway.stop())

const event = renderChunk('data: {"choices":[]}\n\n')
const end = Buffer.concat([renderChunk('data: [DONE]\n\n'), Buffer.from(lastChunk)])

/** Two streams on one connection; the first one's backend has begun to answer. */
async function startTwo() {
  const ids = [randomUUID(), randomUUID()] as const
  const client = await sendRaw(
    gateway.port,
    ids.map((id) => renderChat('m1', { stream: true }, { 'x-request-id': id })).join(''),
  )
  const first = await gateway.backend.nextRequest()
  const second = await gateway.backend.nextRequest()
  const [one, two] = first.header('x-request-id') === ids[0] ? [first, second] : [second, first]
  await one.connection.write(renderStreamHead())
  await one.connection.write(event)
  await client.whenReceived('choices')
  return { ids, client, one: one.connection, two: two.connection }
}

test('answers come in the order of the requests, whoever is ready first', async () => {
  const client = await sendRaw(gateway.port, renderChat('m1', { user: 'a' }) + renderChat('m1', { user: 'b' }))
  const requests = [await gateway.backend.nextRequest(), await gateway.backend.nextRequest()]
  for (const request of requests.reverse()) {
    const user = request.text.includes('"a"') ? 'a' : 'b'
    await request.connection.write(renderJsonResponse(200, { user }))
  }
  expect((await client.readResponse()).json()).toEqual({ user: 'a' })
  expect((await client.readResponse()).json()).toEqual({ user: 'b' })
})

test('a client that leaves takes the waiting exchange with it too', async () => {
  const { ids, client, one, two } = await startTwo()
  await two.write(renderStreamHead())
  await two.write(event)
  client.reset()
  await Promise.all([one.whenClosed(1_000), two.whenClosed(1_000)])
  for (const id of ids)
    expect(await readLogLine(gateway, id, 1_000)).toMatchObject({ status: 499, code: 'client_closed' })
  await whenQuiet(gateway, 1_000)
})

test('a client that leaves takes the waiting exchange with it, also before its backend has answered', async () => {
  const { ids, client, one, two } = await startTwo()
  client.reset()
  await Promise.all([one.whenClosed(1_000), two.whenClosed(1_000)])
  for (const id of ids)
    expect(await readLogLine(gateway, id, 1_000)).toMatchObject({ status: 499, code: 'client_closed' })
  await whenQuiet(gateway, 1_000)
})

test('a stream that is cut while it waits for its turn ends with an error event when its turn has come', async () => {
  const { ids, client, one, two } = await startTwo()
  await two.write(renderStreamHead())
  await two.write(event)
  await two.write(renderChunk('data: {"half'))
  two.end()
  await two.whenClosed(1_000)
  await one.write(end)
  expect((await client.readResponse()).isComplete).toBe(true)
  const second = await client.readResponse()
  expect([second.status, second.isComplete]).toEqual([200, false])
  expect(second.text).toMatch(/^data: \{"choices":\[\]\}\n\ndata: \{"error":.*"upstream_incomplete"\}\}\n\n$/)
  expect(await readLogLine(gateway, ids[1])).toMatchObject({ stream: 'incomplete', code: 'upstream_incomplete' })
  expect(await readMetric(gateway, 'sluice_streams_open')).toBe(0)
})

test('a stream that is cut leaves the one behind it without an answer, not with a wrong one', async () => {
  const { ids, client, one, two } = await startTwo()
  await one.write(renderChunk('data: {"half'))
  one.end()
  const first = await client.readResponse()
  expect(first.isComplete).toBe(false)
  await client.whenClosed()
  await two.whenClosed(1_000)
  expect(client.text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  for (const id of ids) await readLogLine(gateway, id, 1_000)
})
