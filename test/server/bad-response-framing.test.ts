// G6, G7: a response that two readers could read differently, or that is no HTTP, is a 502 of ours; its connection is
// never used again, and the next answer is the right one.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderChunk, renderJsonResponse, renderRequest, renderResponse } from '../support/http-bytes.ts'
import { createFaultGateway, type FaultGateway, readLogLine, renderChat, sendRaw, whenQuiet } from './fault-gateway.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway()
})
afterAll(() => gateway.stop())

const json = 'content-type: application/json\r\n'
const ok = `HTTP/1.1 200 OK\r\n${json}`

/** Never an answer: whatever the reader makes of it, it must not be the client's. */
const refused: Readonly<Record<string, string>> = {
  'Content-Length and chunked': `${ok}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  'chunked and Content-Length': `${ok}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  'two different Content-Lengths': `${ok}content-length: 2\r\ncontent-length: 3\r\n\r\n{} `,
  'two equal Content-Lengths': `${ok}content-length: 2\r\ncontent-length: 2\r\n\r\n{}`,
  'a list of Content-Lengths': `${ok}content-length: 2, 2\r\n\r\n{}`,
  'a Content-Length with a sign': `${ok}content-length: +2\r\n\r\n{}`,
  'a negative Content-Length': `${ok}content-length: -2\r\n\r\n{}`,
  'a hexadecimal Content-Length': `${ok}content-length: 0x2\r\n\r\n{}`,
  'an empty Content-Length': `${ok}content-length: \r\n\r\n{}`,
  'a Content-Length past all bounds': `${ok}content-length: 99999999999999999999\r\n\r\n{}`,
  'chunked, chunked': `${ok}transfer-encoding: chunked, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  'chunked twice': `${ok}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  'gzip, chunked': `${ok}transfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  'chunked, gzip': `${ok}transfer-encoding: chunked, gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  'an unknown Transfer-Encoding': `${ok}transfer-encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  'Transfer-Encoding: identity': `${ok}transfer-encoding: identity\r\n\r\n{}`,
  'a quoted Transfer-Encoding': `${ok}transfer-encoding: "chunked"\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  'bare LF line ends': `${ok.replaceAll('\r\n', '\n')}content-length: 2\n\n{}`,
  'one bare LF': `HTTP/1.1 200 OK\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
  'a folded header': `${ok}x-a: b\r\n c\r\ncontent-length: 2\r\n\r\n{}`,
  'a CR in a header': `${ok}x-a: b\rc\r\ncontent-length: 2\r\n\r\n{}`,
  'a NUL in a header': `${ok}x-a: b\0c\r\ncontent-length: 2\r\n\r\n{}`,
  'a control byte in a header': `${ok}x-a: b\x01c\r\ncontent-length: 2\r\n\r\n{}`,
  'a space before the colon': `${ok}x-a : b\r\ncontent-length: 2\r\n\r\n{}`,
  'a header without a name': `${ok}: b\r\ncontent-length: 2\r\n\r\n{}`,
  'a header without a colon': `${ok}x-a\r\ncontent-length: 2\r\n\r\n{}`,
  'status 99': `HTTP/1.1 99 Odd\r\n${json}content-length: 2\r\n\r\n{}`,
  'status 600': `HTTP/1.1 600 Odd\r\n${json}content-length: 2\r\n\r\n{}`,
  'status 999': `HTTP/1.1 999 Odd\r\n${json}content-length: 2\r\n\r\n{}`,
  'status 000': `HTTP/1.1 000 Odd\r\n${json}content-length: 2\r\n\r\n{}`,
  'no status': `HTTP/1.1  OK\r\n${json}content-length: 2\r\n\r\n{}`,
  'another protocol': `SSH-2.0-x\r\n\r\n`,
  'HTTP/1.7': `HTTP/1.7 200 OK\r\n${json}content-length: 2\r\n\r\n{}`,
  'a 101 that nobody asked for': 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  'a 101 without upgrade': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  '204 with a Content-Length': `HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n{}`,
  '204 with chunks': `HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
}

/** The head is good, the body's framing is not: a model answer is still held back. */
const badBodies: Readonly<Record<string, string>> = {
  'a chunk size that is none': `${ok}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
  'a negative chunk size': `${ok}transfer-encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n`,
  'a chunk size past all bounds': `${ok}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}`,
  'a chunk longer than its size': `${ok}transfer-encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n`,
  'bare LF after a chunk size': `${ok}transfer-encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n`,
}

const surfaces = {
  'a model': (id: string) => renderChat('m1', {}, { 'x-request-id': id }),
  'a plain service': (id: string) => renderRequest('GET', '/open/x', { 'x-request-id': id }),
} as const

/** The next exchange gets its own answer, on a connection that has not carried the bad one. */
async function expectNextIsRight(bad: { readonly index: number }): Promise<void> {
  const client = await sendRaw(gateway.port, renderChat())
  const { connection } = await gateway.backend.nextRequest()
  expect(connection.index).not.toBe(bad.index)
  await connection.write(renderJsonResponse(200, { right: true }))
  const response = await client.readResponse()
  expect([response.status, response.text]).toEqual([200, '{"right":true}'])
  connection.end()
  await whenQuiet(gateway)
}

describe.each(Object.entries(surfaces))('from %s (G6)', (_, render) => {
  test.each(Object.entries(refused))('%s', async (_name, bytes) => {
    const id = randomUUID()
    const client = await sendRaw(gateway.port, render(id))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(Buffer.from(bytes, 'latin1'))
    const response = await client.readResponse()
    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({
      error: { type: 'server_error', code: expect.stringMatching(/^upstream_(invalid_response|error)$/) },
    })
    expect(response.text).not.toContain('{}')
    await connection.whenClosed(1_000)
    expect(await readLogLine(gateway, id)).toMatchObject({ status: 502, owner: 'upstream', attempts: 1 })
    await expectNextIsRight(connection)
  })
})

describe('a body that is not framed as its head says (G6)', () => {
  test.each(Object.entries(badBodies))('from a model, %s: 502', async (_name, bytes) => {
    const client = await sendRaw(gateway.port, renderChat())
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(bytes)
    const response = await client.readResponse()
    expect(response.status).toBe(502)
    await connection.whenClosed(1_000)
    await expectNextIsRight(connection)
  })

  test.each(Object.entries(badBodies))('from a plain service, %s: no clean end', async (_name, bytes) => {
    const client = await sendRaw(gateway.port, renderRequest('GET', '/open/x'))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(bytes)
    const response = await client.readResponse().catch(() => null)
    expect(response?.isComplete === true && response.status === 200).toBe(false)
    await connection.whenClosed(1_000)
    await expectNextIsRight(connection)
  })
})

describe('bytes behind an answer (G6)', () => {
  const extra = renderResponse(200, 'smuggled')
  test.each([
    ['a length', `${renderJsonResponse(200, { first: 1 })}${extra}`],
    ['chunks', `${ok}transfer-encoding: chunked\r\n\r\n${renderChunk('{"first":1}')}0\r\n\r\n${extra}`],
    ['a bodyless 304', `HTTP/1.1 304 Not Modified\r\netag: "x"\r\n\r\n${extra}`],
    ['a bodyless 204', `HTTP/1.1 204 No Content\r\n\r\n${extra}`],
  ])('behind %s are nobody’s answer', async (_, bytes) => {
    const client = await sendRaw(gateway.port, renderRequest('GET', '/open/x'))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(bytes)
    const response = await client.readResponse()
    expect(response.text).not.toContain('smuggled')
    await connection.whenClosed(1_000)
    await expectNextIsRight(connection)
  })

  test('behind the head of an answer to HEAD are nobody’s answer', async () => {
    const client = await sendRaw(gateway.port, renderRequest('HEAD', '/open/x'))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(renderResponse(200, 'body of a HEAD'))
    const response = await client.readResponse({ requestMethod: 'HEAD' })
    expect([response.status, response.header('content-length')]).toEqual([200, '14'])
    await connection.whenClosed(1_000)
    await expectNextIsRight(connection)
    expect(client.text).not.toContain('body of a HEAD')
  })
})

describe('informational answers (G7)', () => {
  test('some 103s before an answer are dropped', async () => {
    const client = await sendRaw(gateway.port, renderChat())
    const { connection } = await gateway.backend.nextRequest()
    await connection.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(3))
    await connection.write(renderJsonResponse(200, { right: true }))
    const response = await client.readResponse()
    expect([response.status, response.text, response.informational]).toEqual([200, '{"right":true}', []])
    expect(response.header('link')).toBeNull()
    connection.end()
    await whenQuiet(gateway)
  })

  test('a stray 100 is a 502 at worst, and never another exchange’s', async () => {
    const client = await sendRaw(gateway.port, renderChat())
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(`HTTP/1.1 100 Continue\r\n\r\n${renderJsonResponse(200, { right: true })}`)
    const response = await client.readResponse()
    expect([200, 502]).toContain(response.status)
    connection.end()
    await whenQuiet(gateway)
  })
})
