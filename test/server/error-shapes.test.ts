// Every error Sluice answers with has OpenAI's envelope, a stable code, JSON as its type and a request id to quote.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderRequest } from '../support/http-bytes.ts'
import type { RawResponse } from '../support/raw-client.ts'
import { authorization, createFaultGateway, type FaultGateway, renderChat, sendRaw } from './fault-gateway.ts'

const bodyLimitBytes = 64 * 1024

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway({
    settings: { bodyLimitBytes },
    manifests: () => `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: broken }
spec: { path: /broken, modelName: nowhere, authentication: false, backends: [{ modelRef: { name: nowhere, kind: AIModel } }] }
`,
  })
})
afterAll(() => gateway.stop())

const chatPath = '/v1/chat/completions'
const json = { authorization, 'content-type': 'application/json' }

function post(body: string, headers: Readonly<Record<string, string>> = json, path = chatPath): string {
  return renderRequest('POST', path, headers, body)
}

async function ask(bytes: string | Buffer, requestMethod = 'POST'): Promise<RawResponse> {
  const client = await sendRaw(gateway.port, bytes)
  return client.readResponse({ requestMethod })
}

type Case = readonly [name: string, bytes: string | Buffer, status: number, code: string]

const cases: readonly Case[] = [
  ['nothing at the path', renderRequest('GET', '/nowhere'), 404, 'route_not_found'],
  ['no such operation', post('{}', json, '/v1/m1/nonsense'), 404, 'route_not_found'],
  ['no such model', renderChat('unknown'), 404, 'model_not_found'],
  ['no such model by id', renderRequest('GET', '/v1/models/unknown', { authorization }), 404, 'model_not_found'],
  ['no key', post('{"model":"m1"}', { 'content-type': 'application/json' }), 401, 'missing_api_key'],
  ['a wrong key', renderChat('m1', {}, { authorization: 'Bearer wrong' }), 401, 'invalid_api_key'],
  ['another scheme', renderChat('m1', {}, { authorization: 'Basic eDp5' }), 401, 'invalid_api_key'],
  ['no key on a route', renderRequest('GET', '/svc/x'), 401, 'missing_api_key'],
  ['broken JSON', post('{"model":"m1",'), 400, 'invalid_json'],
  ['JSON that is no object', post('[1]'), 400, 'invalid_json'],
  ['an empty body', post(''), 400, 'invalid_json'],
  [
    'UTF-8 that is none',
    Buffer.from(post('{"model":"\xff\xfe!"}', { ...json, 'content-length': '15' }), 'latin1'),
    400,
    'invalid_json',
  ],
  ['no model', post('{"messages":[]}'), 400, 'missing_model'],
  ['a model that is no text', post('{"model":7}'), 400, 'invalid_request'],
  ['two models', post('{"model":"m1","model":"m2"}'), 400, 'invalid_request'],
  [
    'another content type',
    post('{"model":"m1"}', { authorization, 'content-type': 'text/plain' }),
    415,
    'unsupported_media_type',
  ],
  ['no content type', post('{"model":"m1"}', { authorization }), 415, 'unsupported_media_type'],
  ['a compressed body', post('{"model":"m1"}', { ...json, 'content-encoding': 'gzip' }), 415, 'unsupported_media_type'],
  [
    'a body declared too large',
    post('', { ...json, 'content-length': `${bodyLimitBytes + 1}` }),
    413,
    'body_too_large',
  ],
  ['GET of an operation', renderRequest('GET', chatPath, { authorization }), 405, 'method_not_allowed'],
  ['DELETE of the models', renderRequest('DELETE', '/v1/models', { authorization }), 405, 'method_not_allowed'],
  ['TRACE', renderRequest('TRACE', '/open/x'), 405, 'method_not_allowed'],
  ['an expectation', renderRequest('POST', '/open/x', { expect: 'miracles' }, 'x'), 417, 'expectation_failed'],
  ['a target too long', renderRequest('GET', `/open/${'x'.repeat(20_000)}`), 414, 'uri_too_long'],
  ['a head too large', renderRequest('GET', '/open/x', { 'x-long': 'x'.repeat(40_000) }), 431, 'headers_too_large'],
  ['a bad Host', renderRequest('GET', '/open/x', { host: 'a b' }), 400, 'invalid_request'],
  ['no HTTP', 'HELLO\r\n\r\n', 400, 'invalid_request'],
  ['another version', 'GET /open/x HTTP/2.0\r\nhost: x\r\n\r\n', 505, 'version_not_supported'],
]

function expectEnvelope(response: RawResponse, status: number, code: string): void {
  expect(response.status).toBe(status)
  expect(response.json()).toEqual({
    error: {
      message: expect.stringMatching(/\S/),
      type: expect.stringMatching(/^[a-z_]+$/),
      param: code.includes('model') ? 'model' : expect.toBeOneOf([null, 'model']),
      code,
    },
  })
  expect(response.header('content-type')).toBe('application/json; charset=utf-8')
  expect(response.header('content-length')).toBe(String(response.body.length))
  expect(response.header('x-request-id')).toMatch(/^[\w-]{8,}$/)
}

describe('the envelope', () => {
  test.each(cases)('%s', async (_, bytes, status, code) => {
    const before = gateway.backend.readBytesReceived()
    const response = await ask(bytes)
    expectEnvelope(response, status, code)
    expect(gateway.backend.readBytesReceived()).toBe(before)
  })

  test('a body found to be too large on the way, while its client goes on sending', async () => {
    const piece = `8000\r\n${'x'.repeat(0x8000)}\r\n`
    const client = await sendRaw(gateway.port, post('', { ...json, 'transfer-encoding': 'chunked' }))
    for (let at = 0; at < 40; at++) await client.write(piece)
    const response = await client.readResponse()
    expectEnvelope(response, 413, 'body_too_large')
    expect(response.header('connection')).toBe('close')
    await client.whenClosed()
  })

  test('a route without a target that works', async () => {
    const response = await ask(post('{"messages":[]}', { 'content-type': 'application/json' }, '/broken'))
    expect([500, 503]).toContain(response.status)
    expectEnvelope(response, response.status, response.status === 500 ? 'route_misconfigured' : 'no_target_available')
  })

  test('a backend that is gone', async () => {
    const other = await createFaultGateway()
    await other.backend.close()
    const client = await sendRaw(other.port, renderChat())
    expectEnvelope(await client.readResponse(), 502, 'upstream_error')
    await other.stop()
  })

  test('has no body where the request was HEAD', async () => {
    const response = await ask(renderRequest('HEAD', '/nowhere'), 'HEAD')
    expect([response.status, response.body.length]).toEqual([404, 0])
    expect(response.header('content-type')).toBe('application/json; charset=utf-8')
  })
})

describe('what goes with it', () => {
  test('405 says which methods there are', async () => {
    expect((await ask(renderRequest('GET', chatPath, { authorization }))).header('allow')).toBe('POST')
    expect((await ask(post('{}', json, '/v1/models'))).header('allow')).toBe('GET, HEAD')
  })

  test('401 says how to authenticate, and is the same for a wrong and for an unknown key', async () => {
    const strip = (response: RawResponse) =>
      response.message.rawHeaders.filter(([name]) => !['date', 'x-request-id'].includes(name))
    const wrong = await ask(renderChat('m1', {}, { authorization: 'Bearer sk-test-canary-4f2a92' }))
    const unknown = await ask(renderChat('m1', {}, { authorization: 'Bearer nobody-has-this-key-00' }))
    const elsewhere = await ask(renderChat('unknown', {}, { 'x-api-key': 'nobody', authorization: [] }))
    expect(wrong.header('www-authenticate')).toBe('Bearer')
    for (const other of [unknown, elsewhere]) {
      expect(other.text).toBe(wrong.text)
      expect(strip(other)).toEqual(strip(wrong))
    }
  })

  test('the request id is the client’s where that is sane, and ours where it is not', async () => {
    const own = await ask(renderRequest('GET', '/nowhere', { 'x-request-id': 'mine-1' }))
    expect(own.header('x-request-id')).toBe('mine-1')
    const odd = await ask(renderRequest('GET', '/nowhere', { 'x-request-id': `${'x'.repeat(300)}` }))
    expect(odd.header('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('the connection lives on behind an error that leaves no doubt where it ends', async () => {
    const client = await sendRaw(gateway.port, renderChat('unknown'))
    expect((await client.readResponse()).status).toBe(404)
    await client.write(renderRequest('GET', '/v1/models', { authorization }))
    expect((await client.readResponse()).status).toBe(200)
  })
})
