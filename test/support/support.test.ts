// The test backend and the raw client, against each other: what the fault tests stand on must be right itself.
import { afterEach, expect, test } from 'vitest'
import { createHttpBackend, echo, json, sse } from './http-backend.ts'
import {
  lastChunk,
  renderChunk,
  renderHead,
  renderJsonResponse,
  renderRequest,
  renderResponse,
  renderStreamHead,
} from './http-bytes.ts'
import { connectRaw, exchangeRaw } from './raw-client.ts'
import { type BackendScript, createScriptedBackend, type ScriptedBackendOptions } from './scripted-backend.ts'
import { until, withDeadline } from './until.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function startBackend(script?: BackendScript, options?: ScriptedBackendOptions) {
  const backend = await createScriptedBackend(script, options)
  cleanups.push(() => backend.close())
  return backend
}

test('a request is recorded to the byte and answered with exact bytes', async () => {
  const backend = await startBackend((_, connection) => connection.write(renderJsonResponse(201, { ok: true })))
  const bytes = renderRequest('POST', '/a?b=%20', { Host: 'Some.Host:1', 'X-Twice': ['1', '2'] }, '{"n":1.0}')
  const response = await exchangeRaw(backend.port, bytes)
  expect(response.status).toBe(201)
  expect(response.json()).toEqual({ ok: true })
  const request = await backend.nextRequest()
  expect(request.message.head.toString() + request.text).toBe(bytes)
  expect(request).toMatchObject({ method: 'POST', target: '/a?b=%20', host: 'Some.Host:1' })
  expect(request.header('x-twice')).toBe('1, 2')
  expect(backend.readBytesReceived()).toBe(bytes.length)
})

test('requests and responses survive a split at every byte, chunked ones too', async () => {
  const chunked = renderStreamHead() + renderChunk('data: a\n\n') + renderChunk('data: ü\n\n') + lastChunk
  const backend = await startBackend((_, connection) => connection.writeBytewise(chunked))
  const client = await connectRaw(backend.port)
  cleanups.push(async () => client.reset())
  const head = renderHead('POST /x HTTP/1.1', { host: 'a', 'transfer-encoding': 'chunked' })
  await client.writeBytewise(`${head}3\r\nabc\r\n0\r\nx-trailer: 1\r\n\r\n`)
  const response = await client.readResponse()
  expect(response.text).toBe('data: a\n\ndata: ü\n\n')
  expect(response.message.chunkSizes).toEqual([9, 10])
  const request = await backend.nextRequest()
  expect(request.text).toBe('abc')
  expect(request.message.trailers).toEqual([['x-trailer', '1']])
})

test('pipelined requests are answered in order, each by its own turn of the script', async () => {
  const gate = Promise.withResolvers<void>()
  const backend = await startBackend(async (request, connection) => {
    if (request.target === '/1') await gate.promise
    await connection.write(`HTTP/1.1 103 Early\r\n\r\n${renderResponse(200, request.target)}`)
  })
  const client = await connectRaw(backend.port)
  await client.write(renderRequest('GET', '/1') + renderRequest('GET', '/2'))
  await until(() => backend.requests.length === 2, 'both requests came')
  expect(client.bytesReceived).toBe(0)
  gate.resolve()
  const first = await client.readResponse()
  expect(first.text).toBe('/1')
  expect(first.informational).toEqual([103])
  expect((await client.readResponse()).text).toBe('/2')
  client.end()
  await backend.connectionsClosed()
})

test('a body cut by a reset is incomplete; one ended by FIN is complete only when delimited by the close', async () => {
  const heads: Record<string, string> = {
    '/close': 'HTTP/1.1 200 OK\r\n\r\n',
    '/length': 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n',
  }
  const cut = Promise.withResolvers<void>()
  const backend = await startBackend(async (request, connection) => {
    await connection.write(`${heads[request.target.split('?')[0] ?? '']}part`)
    if (!request.target.endsWith('?reset')) return connection.end()
    await cut.promise
    connection.reset()
  })
  expect((await exchangeRaw(backend.port, renderRequest('GET', '/close'))).isComplete).toBe(true)
  expect((await exchangeRaw(backend.port, renderRequest('GET', '/length'))).isComplete).toBe(false)
  const client = await connectRaw(backend.port)
  await client.write(renderRequest('GET', '/close?reset'))
  expect((await client.readHead()).status).toBe(200)
  await client.whenReceived('part')
  cut.resolve()
  const response = await client.readResponse()
  expect([response.isComplete, response.text]).toEqual([false, 'part'])
  expect((await client.whenClosed()).kind).toBe('reset')
})

test('a client that leaves is seen by the backend, with a FIN and with a reset', async () => {
  const backend = await startBackend(() => Promise.withResolvers<void>().promise)
  for (const leave of ['end', 'reset'] as const) {
    const client = await connectRaw(backend.port)
    await client.write(renderRequest('GET', '/'))
    const { connection } = await backend.nextRequest()
    expect(backend.countOpenSockets()).toBe(1)
    client[leave]()
    expect((await connection.whenClosed()).kind).toBe(leave === 'end' ? 'closed' : 'reset')
  }
  await backend.connectionsClosed()
})

test.each([
  ['two framings', 'POST / HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n'],
  ['an odd coding', 'POST / HTTP/1.1\r\ntransfer-encoding: gzip, chunked\r\n\r\n'],
  ['an odd length', 'POST / HTTP/1.1\r\ncontent-length: +3\r\n\r\n'],
  ['a bare line feed', 'GET / HTTP/1.1\r\nhost: a\nx: y\r\n\r\n'],
  ['a space before the colon', 'GET / HTTP/1.1\r\nhost : a\r\n\r\n'],
])('the backend refuses %s', async (_, bytes) => {
  const backend = await startBackend()
  const client = await connectRaw(backend.port)
  await client.write(bytes)
  await client.whenClosed()
  expect(backend.malformed).toHaveLength(1)
  expect(backend.requests).toHaveLength(0)
})

test('with runAt head the script runs before the body has come', async () => {
  const backend = await startBackend((_, connection) => connection.write(renderResponse(413)), { runAt: 'head' })
  const client = await connectRaw(backend.port)
  await client.write(renderHead('POST / HTTP/1.1', { host: 'a', 'content-length': '1000' }))
  expect((await client.readResponse()).status).toBe(413)
  expect((await backend.nextRequest()).message.isComplete).toBe(false)
  client.reset()
})

test('waiting has a deadline that names what was waited for', async () => {
  const backend = await startBackend()
  await expect(backend.nextRequest(20)).rejects.toThrow('request 1 reached the backend')
  await expect(withDeadline(new Promise(() => {}), 'never', 20)).rejects.toThrow('not within 20 ms: never')
})

test('the plain backend answers JSON, events and an echo', async () => {
  const backend = await createHttpBackend(json(418, { tea: 1 }))
  cleanups.push(() => backend.close())
  const first = await exchangeRaw(backend.port, renderRequest('POST', '/a', { connection: 'close' }, 'hello'))
  expect([first.status, first.json()]).toEqual([418, { tea: 1 }])
  backend.setHandler(sse([{ n: 1 }]))
  const second = await exchangeRaw(backend.port, renderRequest('GET', '/', { connection: 'close' }))
  expect(second.text).toBe('data: {"n":1}\n\ndata: [DONE]\n\n')
  backend.setHandler(echo())
  const third = await exchangeRaw(backend.port, renderRequest('POST', '/b', { connection: 'close' }, 'x'))
  expect(third.json()).toMatchObject({ method: 'POST', url: '/b', body: 'x' })
  expect((await backend.nextRequest()).text).toBe('hello')
})
