// A11, A12, A13, A17: one host, said once; a target that names no other; nothing of either picks where bytes go.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectRaw, exchangeRaw } from '../support/raw-client.ts'
import { type AbuseGateway, authorization, startAbuseGateway } from './abuse-gateway.ts'
import { expectRefused } from './send-with-marker.ts'

let gateway: AbuseGateway
beforeAll(async () => {
  gateway = await startAbuseGateway()
})
afterAll(() => gateway.stop())

function get(target: string, host: string | null): string {
  return `GET ${target} HTTP/1.1\r\n${host === null ? '' : `Host: ${host}\r\n`}\r\n`
}

describe('A11 Host', () => {
  test.each([
    null,
    '',
    'a/b',
    'a b',
    'u@a',
    'a:99999',
    'a:0',
    'a:b',
    'a, evil',
    'a,evil',
    '[::1',
    '::1',
    '[::1]x',
    'a..b',
    '.a',
    'a?b',
    'a#b',
    'a\\b',
    '%61',
    'a\xe4',
    'a;b',
    '"a"',
    "a'b",
    '[v1.a]',
    'a:80:80',
    '@',
    ':80',
    `${'a'.repeat(300)}`,
  ])('%j is refused', async (host) => {
    await expectRefused(gateway, get('/x', host))
  })

  test.each(['A', 'a.', 'A.:80', 'a:80', 'a:8080', '[::1]:80', '127.0.0.1'])('%s is served', async (host) => {
    const response = await exchangeRaw(gateway.port, get('/served', host))
    expect(response.status).toBe(200)
    // The upstream's Host is the upstream's, whoever the client asks for.
    expect(response.text).toMatch(new RegExp(`^host: ${gateway.backend.host}\r$`, 'im'))
  })
})

describe('A12 targets', () => {
  test.each(['http://a.test/t', 'HTTP://A.test:80/t', 'http://a.test./t'])(
    '%s with the same Host is served',
    async (target) => {
      const response = await exchangeRaw(gateway.port, get(target, 'a.test'))
      expect(response.status).toBe(200)
      expect(response.text).toMatch(/^GET \/t HTTP\/1\.1\r\n/)
    },
  )

  test.each([
    'http://evil.test/t',
    'http://a.test:81/t',
    'http://a.test@evil/t',
    'http://evil@a.test/t',
    'http:///t',
    'http://',
    'https://a.test:80/t',
    'ftp://a.test/t',
    'a.test:80',
    '*',
    'p',
    'p/q',
    '/t#f',
    '/t?q#f',
    '#f',
    '?q',
    'http://a.test#f',
    'file:///etc/passwd',
    '/t?a b',
  ])('%s is refused', async (target) => {
    await expectRefused(gateway, get(target, 'a.test'), [400])
  })
})

describe('A13 targets that look like other hosts', () => {
  test.each([
    '//evil.com/v1/x',
    '///evil.com',
    '/\\evil.com/v1/x',
    '\\\\evil.com',
    '/v1\t/../x',
    'http:/evil',
    'http:evil',
    '/..//evil.com',
    '/%2f/evil.com',
    '/%5cevil.com',
    '/http://evil.com',
    '/x@evil.com',
    '/.evil.com',
    '/x:80',
    '/?url=http://evil.com',
  ])('%j goes to our upstream or nowhere', async (target) => {
    const before = gateway.backend.requests.length
    const response = await exchangeRaw(gateway.port, get(target, 'a.test'))
    expect([200, 400, 404]).toContain(response.status)
    for (const seen of gateway.backend.requests.slice(before)) {
      expect(seen.host).toBe(gateway.backend.host)
      expect(seen.target).toBe(target)
    }
    expect(gateway.backend.requests.length - before).toBe(response.status === 200 ? 1 : 0)
  })
})

describe('A17 sizes: refused, and no header silently dropped', () => {
  test('a target of 16 KiB passes, a longer one is 414', async () => {
    expect((await exchangeRaw(gateway.port, get(`/${'a'.repeat(16_383)}`, 'a'))).status).toBe(200)
    await expectRefused(gateway, get(`/${'a'.repeat(16_384)}`, 'a'), [414])
  })

  test.each([101, 1_000, 2_100])('%i headers are 431, with the length and the key last', async (count) => {
    const filler = Array.from({ length: count - 2 }, (_, index) => `x-${index}: v\r\n`).join('')
    const text = `POST /protected HTTP/1.1\r\nHost: a\r\n${filler}Content-Length: 3\r\n${authorization}\r\n\r\nabc`
    await expectRefused(gateway, text, [431])
  })

  test('a hundred headers pass whole, with the length and the key last', async () => {
    const filler = Array.from({ length: 97 }, (_, index) => `x-${index}: v\r\n`).join('')
    const text = `POST /protected/many HTTP/1.1\r\nHost: a\r\n${filler}Content-Length: 3\r\n${authorization}\r\n\r\nabc`
    const response = await exchangeRaw(gateway.port, text)
    expect(response.status).toBe(200)
    expect(response.text.match(/^x-\d+: v\r$/gm)).toHaveLength(97)
    expect(response.text).toMatch(/\r\n\r\nabc$/)
  })

  test.each([40_000, 70_000])('%i bytes of headers are 431', async (bytes) => {
    await expectRefused(gateway, `GET /x HTTP/1.1\r\nHost: a\r\nx-long: ${'a'.repeat(bytes)}\r\n\r\n`, [431])
  })

  test('a head that comes byte by byte is one request', async () => {
    const client = await connectRaw(gateway.port)
    await client.writeBytewise(get('/bytewise', 'a'))
    expect((await client.readResponse()).text).toMatch(/^GET \/bytewise /)
    client.socket.destroy()
  })
})

test('the backend saw nothing malformed', () => {
  expect(gateway.backend.malformed).toEqual([])
})
