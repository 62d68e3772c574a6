// D3: the same body under another media type, charset or coding is validated as the same body, or refused with 415: no
// spelling of Content-Type gets a body past the check of its model.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { renderJsonResponse, renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { authorization, createFaultGateway, type FaultGateway } from './fault-gateway.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway({
    script: (_request, connection) => connection.write(renderJsonResponse(200, { choices: [] })),
  })
})
afterAll(() => gateway.stop())

const good = '{"model":"m1","messages":[]}'
const unknown = '{"model":"m2","messages":[]}'

async function post(path: string, body: string | Buffer, headers: Readonly<Record<string, string>>) {
  const head = renderRequest('POST', path, {
    authorization,
    ...headers,
    'content-length': `${Buffer.byteLength(body)}`,
  })
  const before = gateway.backend.requests.length
  const { status } = await exchangeRaw(gateway.port, Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]))
  return { status, upstream: gateway.backend.requests.length - before }
}

test.each([
  'application/json',
  'APPLICATION/JSON',
  'application/json;',
  'application/json ;',
  'application/json\t;',
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'application/json; charset="utf-8"',
  'application/json; charset=utf8',
])('D3: %j is JSON, validated as such', async (type) => {
  expect(await post('/v1/chat/completions', good, { 'content-type': type })).toEqual({ status: 200, upstream: 1 })
  expect(await post('/v1/chat/completions', unknown, { 'content-type': type })).toEqual({ status: 404, upstream: 0 })
  expect(await post('/v1/chat/completions', 'x', { 'content-type': type })).toEqual({ status: 400, upstream: 0 })
})

test.each([
  'application/json\t;x',
  'application/json; x=y',
  'application/json, text/plain',
  'text/plain, application/json',
  'application/json; charset=utf-16',
  'application/json; charset=utf-7',
  'application/json; charset=iso-8859-1',
  'application/json; charset=utf-8; charset=utf-16',
  'application/jsonx',
  'application/json/x',
  'xapplication/json',
  'application /json',
  'application/x-ndjson',
  'application/ld+json',
  'application/vnd.api+json',
  'text/json',
  'text/plain',
  'text/html',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
  'multipart/form-data; boundary=x',
  '*/*',
  '',
  ';',
])('D3: %j is 415, on every path of a model', async (type) => {
  for (const path of ['/v1/chat/completions', '/v1/m1/chat/completions', '/v1/m1']) {
    expect(await post(path, good, { 'content-type': type })).toEqual({ status: 415, upstream: 0 })
  }
})

test('D3: none at all is 415', async () => {
  expect(await post('/v1/chat/completions', good, {})).toEqual({ status: 415, upstream: 0 })
})

test('D3: two of them are 400', async () => {
  const text = renderRequest(
    'POST',
    '/v1/chat/completions',
    { authorization, 'content-type': ['application/json', 'text/plain'] },
    good,
  )
  expect((await exchangeRaw(gateway.port, text)).status).toBe(400)
})

test.each(['gzip', 'deflate', 'br', 'zstd', 'identity, gzip', 'x', ''])(
  'D3: a content coding %j is 415',
  async (coding) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': coding }
    expect(await post('/v1/chat/completions', good, headers)).toEqual({ status: 415, upstream: 0 })
  },
)

test.each([
  ['UTF-16LE', Buffer.from(good, 'utf16le')],
  ['UTF-16LE with a mark', Buffer.from(`\ufeff${good}`, 'utf16le')],
  ['UTF-16BE', Buffer.from(good, 'utf16le').swap16()],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${good}`)],
  ['Latin-1', Buffer.from('{"model":"m1","x":"\xe4"}', 'latin1')],
  ['an overlong quote', Buffer.from([...Buffer.from('{"model":'), 0xc0, 0xa2, ...Buffer.from('m1"}')])],
  [
    'a surrogate in UTF-8',
    Buffer.from([...Buffer.from('{"model":"m1","x":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')]),
  ],
  ['gzip that nobody names', Buffer.from('1f8b0800000000000003', 'hex')],
  ['a form', Buffer.from('model=m1&messages=[]')],
  ['nothing', Buffer.alloc(0)],
])('D3: a body in %s is no JSON: 400', async (_, body) => {
  const { status, upstream } = await post('/v1/chat/completions', body, { 'content-type': 'application/json' })
  expect([status, upstream]).toEqual([400, 0])
})
