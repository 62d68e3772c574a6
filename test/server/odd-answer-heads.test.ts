// B12: what a model's answer is made of is read from Content-Type and Content-Encoding alone, each said once.
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { testKey } from '../support/gateway.ts'
import { lastChunk, renderChunk, renderEvent, renderHead, renderStreamHead } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { type FaultGateway, renderChat, startFaultGateway } from './fault-gateway.ts'

function start(...answer: readonly (string | Buffer)[]): Promise<FaultGateway> {
  return startFaultGateway({
    script: async (_request, connection) => {
      for (const bytes of answer) await connection.write(bytes)
    },
  })
}

test('another header that names content-encoding does not make a stream a compressed one', async () => {
  const stream = [renderChunk(renderEvent('[DONE]')), lastChunk]
  const gateway = await start(renderStreamHead({ vary: 'content-encoding' }), ...stream)
  const response = await exchangeRaw(gateway.port, renderChat('m1', { stream: true }))
  expect([response.status, response.text]).toEqual([200, renderEvent('[DONE]')])
})

test.each([200, 429])(
  'a JSON answer of status %s that came compressed unasked passes as it came (B12)',
  async (status) => {
    const body = gzipSync('{"error":null}')
    const headers = {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'content-length': `${body.length}`,
    }
    const gateway = await start(renderHead(`HTTP/1.1 ${status} Scripted`, headers), body)
    const response = await exchangeRaw(gateway.port, renderChat())
    expect([response.status, response.header('content-encoding')]).toEqual([status, 'gzip'])
    expect(gunzipSync(response.body).toString()).toBe('{"error":null}')
  },
)

test('a stream that came compressed unasked is an invalid answer (B12)', async () => {
  const gateway = await start(renderStreamHead({ 'content-encoding': 'gzip' }), renderChunk(gzipSync('data: {}\n\n')))
  const response = await exchangeRaw(gateway.port, renderChat('m1', { stream: true }))
  expect(response.json()).toMatchObject({ error: { code: 'upstream_invalid_response' } })
})

test('an answer of two content types is an invalid one', async () => {
  const gateway = await start(
    renderHead('HTTP/1.1 200 OK', { 'content-type': ['application/json', 'text/plain'], 'content-length': '2' }),
    '{}',
  )
  const response = await exchangeRaw(gateway.port, renderChat())
  expect(response.json()).toMatchObject({ error: { code: 'upstream_invalid_response' } })
})

test('a 204 goes on without a length, whatever its service says (RFC 9110 section 8.6)', async () => {
  const gateway = await start(renderHead('HTTP/1.1 204 No Content', { 'content-length': '0', 'x-kept': 'yes' }))
  const response = await exchangeRaw(
    gateway.port,
    `GET /svc HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${testKey}\r\n\r\n`,
  )
  expect([response.status, response.header('content-length'), response.header('x-kept')]).toEqual([204, null, 'yes'])
})
