// G10: heads and answers of any size, compressed or not, take a bounded share of memory: refused, or passed on as they come.
import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderChunk, renderHead, renderJsonResponse, renderRequest } from '../support/http-bytes.ts'
import { createFaultGateway, type FaultGateway, readLogLine, renderChat, sendRaw } from './fault-gateway.ts'
import { pour } from './pour.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway()
})
afterAll(() => gateway.stop())

const mebibyte = 1024 * 1024
const requests = {
  'a model': (id: string) => renderChat('m1', {}, { 'x-request-id': id }),
  'a plain service': (id: string) => renderRequest('GET', '/open/x', { 'x-request-id': id }),
} as const

describe.each(Object.entries(requests))('a head from %s (G10)', (_, render) => {
  test('of 17 KiB is fine', async () => {
    const client = await sendRaw(gateway.port, render(randomUUID()))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(renderJsonResponse(200, { ok: 1 }, { 'x-long': 'x'.repeat(17 * 1024) }))
    const response = await client.readResponse()
    expect([response.status, response.text, response.header('x-long')?.length]).toEqual([200, '{"ok":1}', 17 * 1024])
  })

  test.each([
    ['in one header', `x-long: ${'x'.repeat(10 * mebibyte)}`],
    ['in many', `x-long: ${'x'.repeat(1000)}\r\n`.repeat(10_000)],
  ])('of 10 MiB, %s, is refused', async (_name, lines) => {
    const id = randomUUID()
    const client = await sendRaw(gateway.port, render(id))
    const { connection } = await gateway.backend.nextRequest()
    void connection.write(`HTTP/1.1 200 OK\r\n${lines}`)
    const response = await client.readResponse()
    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ error: { code: 'upstream_invalid_response' } })
    await connection.whenClosed(1_000)
    expect(await readLogLine(gateway, id)).toMatchObject({ attempts: 1, owner: 'upstream' })
  })
})

describe('an answer of a gigabyte (G10)', () => {
  test('that says so is refused before its body is read', async () => {
    const client = await sendRaw(gateway.port, requests['a model'](randomUUID()))
    const { connection } = await gateway.backend.nextRequest()
    const head = { 'content-type': 'application/json', 'content-length': `${1024 * mebibyte}` }
    await connection.write(renderHead('HTTP/1.1 200 OK', head))
    const response = await client.readResponse()
    expect([response.status, response.json()]).toMatchObject([502, { error: { code: 'upstream_invalid_response' } }])
    await connection.whenClosed(1_000)
  })

  test('that does not is cut at the cap, and never held', async () => {
    const id = randomUUID()
    const client = await sendRaw(gateway.port, requests['a model'](id))
    client.socket.on('data', () => client.received.splice(0))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(
      renderHead('HTTP/1.1 200 OK', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }),
    )
    const rssBefore = process.memoryUsage().rss
    let peakBytes = 0
    client.socket.on('data', () => {
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss() - rssBefore)
    })
    const state = pour(connection, renderChunk(Buffer.alloc(256 * 1024, 0x20)), 1024 * mebibyte)
    await connection.whenClosed(25_000)
    await client.whenClosed()
    expect(state.written).toBeLessThan(300 * mebibyte)
    expect(await readLogLine(gateway, id)).toMatchObject({ code: 'upstream_invalid_response', owner: 'upstream' })
    expect(client.bytesReceived).toBeGreaterThan(200 * mebibyte)
    expect(peakBytes).toBeLessThan(128 * mebibyte)
  })
})

describe('an answer that would unpack to a gigabyte (G10)', () => {
  const bomb = gzipSync(Buffer.alloc(256 * mebibyte), { level: 9 })
  const head = (type: string) =>
    renderHead('HTTP/1.1 200 OK', {
      'content-type': type,
      'content-encoding': 'gzip',
      'content-length': `${bomb.length}`,
    })

  test.each(Object.entries(requests))('from %s passes as it is', async (_, render) => {
    const client = await sendRaw(gateway.port, render(randomUUID()))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(head('application/json'))
    await connection.write(bomb)
    const response = await client.readResponse()
    expect([response.status, response.header('content-encoding'), response.isComplete]).toEqual([200, 'gzip', true])
    expect(response.body.equals(bomb)).toBe(true)
  })

  test('as an event stream is refused: its events could not be told apart', async () => {
    const client = await sendRaw(gateway.port, renderChat('m1', { stream: true }))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(head('text/event-stream'))
    const response = await client.readResponse()
    expect([response.status, response.json()]).toMatchObject([502, { error: { code: 'upstream_invalid_response' } }])
    await connection.whenClosed(1_000)
  })

  test('is not asked for', async () => {
    const client = await sendRaw(gateway.port, renderChat('m1', {}, { 'accept-encoding': 'gzip, br' }))
    const request = await gateway.backend.nextRequest()
    expect(request.header('accept-encoding')).toBeNull()
    await request.connection.write(renderJsonResponse(200, {}))
    expect((await client.readResponse()).status).toBe(200)
  })
})

test('an event that gets too long with the last bytes of its stream is told as that', async () => {
  const id = randomUUID()
  const client = await sendRaw(gateway.port, renderChat('m1', { stream: true }, { 'x-request-id': id }))
  const { connection } = await gateway.backend.nextRequest()
  const held = 'data: '.padEnd(4 * mebibyte, 'x')
  await connection.write(
    renderHead('HTTP/1.1 200 OK', { 'content-type': 'text/event-stream', 'transfer-encoding': 'chunked' }),
  )
  await connection.write(renderChunk(Buffer.from(held)))
  await connection.write(Buffer.concat([renderChunk(Buffer.from('x')), Buffer.from('0\r\n\r\n')]))
  const response = await client.readResponse()
  expect([response.status, response.json()]).toMatchObject([502, { error: { code: 'upstream_invalid_response' } }])
  expect(await readLogLine(gateway, id)).toMatchObject({ detail: expect.stringContaining('longer than') })
})
