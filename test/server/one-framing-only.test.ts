// A1, A3, A4, A5: a request whose length can be read in two ways is refused, closed, and never reaches an upstream.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AbuseGateway, authorization, startAbuseGateway } from './abuse-gateway.ts'
import { expectRefused, sendWithMarker } from './send-with-marker.ts'

let gateway: AbuseGateway
beforeAll(async () => {
  gateway = await startAbuseGateway()
})
afterAll(() => gateway.stop())

function post(headers: readonly string[], body: string, version = '1.1', path = '/x'): string {
  const lines = [`Host: ${gateway.host}`, ...headers]
  return `POST ${path} HTTP/${version}\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}

describe('A1 Content-Length with Transfer-Encoding', () => {
  test.each([
    ['length first', ['Content-Length: 15', 'Transfer-Encoding: chunked']],
    ['coding first', ['Transfer-Encoding: chunked', 'Content-Length: 15']],
    ['with others between', ['Content-Length: 15', 'X-A: b', 'transfer-encoding: CHUNKED']],
  ])('%s', async (_, headers) => {
    await expectRefused(gateway, post(headers, '5\r\nhello\r\n0\r\n\r\n'))
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
    await expectRefused(gateway, post(headers, `0\r\n\r\n${smuggled}`))
    await expectRefused(gateway, post([authorization, ...headers], '{"model":"m1"}', '1.1', '/v1/chat/completions'))
  })
})

describe('A3 transfer codings', () => {
  test.each([
    'gzip, chunked',
    'chunked, gzip',
    'chunked, chunked',
    'identity',
    'xchunked',
    'gzip',
    '"chunked"',
    'chunked;q=1',
    'chunked,',
    ',chunked',
    '\x0bchunked',
    'chunked\x0c',
    'chunked\0',
    'chun\0ked',
    'chunked\x7f',
    '',
  ])('%j', async (value) => {
    const smuggled = `GET /smuggled HTTP/1.1\r\nHost: ${gateway.host}\r\n\r\n`
    await expectRefused(gateway, post([`Transfer-Encoding: ${value}`], `0\r\n\r\n${smuggled}`), [400, 501])
    await expectRefused(gateway, post([`Transfer-Encoding: ${value}`, 'Content-Length: 5'], '0\r\n\r\n'), [400, 501])
  })

  test.each([
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: identity']],
    [['Transfer-Encoding: gzip', 'Transfer-Encoding: chunked']],
  ])('two headers: %j', async (headers) => {
    await expectRefused(gateway, post(headers, '0\r\n\r\n'), [400, 501])
  })
})

describe('A4 a transfer coding in HTTP/1.0', () => {
  test.each(['', 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'])('with %j behind it', async (rest) => {
    await expectRefused(gateway, post(['Transfer-Encoding: chunked'], `0\r\n\r\n${rest}`, '1.0'))
    await expectRefused(
      gateway,
      post(['Connection: keep-alive', 'Transfer-Encoding: chunked'], `0\r\n\r\n${rest}`, '1.0'),
    )
  })
})

describe('A5 content lengths', () => {
  test.each([
    '3, 3',
    '+3',
    '-1',
    '-0',
    '0x3',
    '3_0',
    '',
    '18446744073709551619',
    '99999999999999999999',
    '3 3',
    '3;',
    '３',
    '3.0',
    '3e0',
  ])('%j', async (value) => {
    await expectRefused(gateway, post([`Content-Length: ${value}`], 'abc'))
  })

  test.each([
    ['the same', ['Content-Length: 3', 'Content-Length: 3']],
    ['different', ['Content-Length: 3', 'content-length: 4']],
  ])('twice, %s', async (_, headers) => {
    await expectRefused(gateway, post(headers, 'abc'))
  })

  test('leading zeros pass, and are forwarded as the number they are', async () => {
    const { responses, isMarkerServed } = await sendWithMarker(gateway, post(['Content-Length: 003'], 'abc'))
    expect(responses[0]?.status).toBe(200)
    expect(responses[0]?.text).toMatch(/^content-length: 3\r$/im)
    expect(isMarkerServed).toBe(true)
  })
})

test('the backend saw nothing malformed', () => {
  expect(gateway.backend.malformed).toEqual([])
})
