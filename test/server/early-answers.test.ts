// A15, A16, A20, A21, A22: what follows an early answer on its connection is never run as a request of its own.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectRaw, type RawClient } from '../support/raw-client.ts'
import { type AbuseGateway, authorization, startAbuseGateway } from './abuse-gateway.ts'
import { expectRefused, readNext, sendWithMarker } from './send-with-marker.ts'

let gateway: AbuseGateway
beforeAll(async () => {
  gateway = await startAbuseGateway({ bodyLimitBytes: 1_000 })
})
afterAll(() => gateway.stop())

const json = 'Content-Type: application/json'
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'

function head(target: string, lines: readonly string[], version = '1.1', method = 'POST'): string {
  return `${method} ${target} HTTP/${version}\r\n${[`Host: ${gateway.host}`, ...lines].join('\r\n')}\r\n\r\n`
}

/** Everything that is answered after the bytes were sent: either the marker, once, or nothing but the end. */
async function expectNothingSmuggled(client: RawClient, bytes: string): Promise<void> {
  await client.write(bytes)
  await client.write(head('/marker', ['Connection: close'], '1.1', 'GET'))
  const next = await readNext(client, 'GET')
  if (next !== null) {
    expect(next.text).toMatch(/^GET \/marker /)
    expect(await readNext(client, 'GET')).toBeNull()
  }
  await client.whenPeerEnded()
  client.socket.destroy()
  expect(gateway.backend.requests.map(({ target }) => target)).not.toContain('/smuggled')
}

describe('A21 a body with a request in it, behind an early answer', () => {
  const chunk = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`

  test.each([
    ['401', '/protected', []],
    ['401 of a wrong key', '/protected', ['Authorization: Bearer wrong']],
    ['401 of the model surface', '/v1/chat/completions', []],
  ])('%s', async (_, target, lines) => {
    for (const [framing, body] of [
      [`Content-Length: ${smuggled.length}`, smuggled],
      ['Transfer-Encoding: chunked', chunk],
    ] as const) {
      const before = gateway.backend.readBytesReceived()
      const client = await connectRaw(gateway.port)
      await client.write(head(target, [...lines, framing]))
      expect((await client.readResponse()).status).toBe(401)
      expect(gateway.backend.readBytesReceived()).toBe(before)
      await expectNothingSmuggled(client, body)
    }
  })

  test('429', async () => {
    const first = await sendWithMarker(gateway, head('/limited', [], '1.1', 'GET'))
    expect(first.responses[0]?.status).toBe(200)
    for (const [framing, body] of [
      [`Content-Length: ${smuggled.length}`, smuggled],
      ['Transfer-Encoding: chunked', chunk],
    ] as const) {
      const client = await connectRaw(gateway.port)
      await client.write(head('/limited', [framing]))
      const response = await client.readResponse()
      expect(response.status).toBe(429)
      expect(Number(response.header('retry-after'))).toBeGreaterThanOrEqual(1)
      await expectNothingSmuggled(client, body)
    }
  })

  test('413 by the declared length, before a byte of it', async () => {
    const body = smuggled.padEnd(2_000, smuggled)
    const client = await connectRaw(gateway.port)
    await client.write(head('/v1/chat/completions', [authorization, json, `Content-Length: ${body.length}`]))
    expect((await client.readResponse()).status).toBe(413)
    await expectNothingSmuggled(client, body)
  })

  test('413 by chunks that cross the limit', async () => {
    const filler = `400\r\n${'x'.repeat(0x400)}\r\n`
    const client = await connectRaw(gateway.port)
    await client.write(head('/v1/chat/completions', [authorization, json, 'Transfer-Encoding: chunked']) + filler)
    expect((await client.readResponse()).status).toBe(413)
    await expectNothingSmuggled(client, chunk)
  })

  test('an answer of the upstream before the body is there', async () => {
    const client = await connectRaw(gateway.port)
    await client.write(head('/v1/models', [authorization, `Content-Length: ${smuggled.length}`], '1.1', 'GET'))
    expect((await client.readResponse()).status).toBe(200)
    await expectNothingSmuggled(client, smuggled)
  })
})

describe('A20 pipelining and upgrades', () => {
  test('two good requests are answered in order', async () => {
    const client = await connectRaw(gateway.port)
    await client.write(
      head('/one', [], '1.1', 'GET') +
        head('/two', ['Content-Length: 3']) +
        'abc' +
        head('/three', ['Connection: close'], '1.1', 'GET'),
    )
    const texts = [await client.readResponse(), await client.readResponse(), await client.readResponse()].map(
      ({ text }) => text.split(' ')[1],
    )
    expect(texts).toEqual(['/one', '/two', '/three'])
    await client.whenPeerEnded()
    client.socket.destroy()
  })

  test.each([
    ['by the parser', 'GET /bad HTTP/1.1\r\nHost : x\r\n\r\n'],
    ['by the guard', 'GET /bad HTTP/1.1\r\nHost: a, b\r\n\r\n'],
    ['for its coding', 'POST /bad HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['as HTTP/2.0', 'GET /bad HTTP/2.0\r\nHost: a\r\n\r\n'],
  ])('a bad one behind a good one is refused %s, and the connection ends', async (_, bad) => {
    const client = await connectRaw(gateway.port)
    await client.write(head('/good', [], '1.1', 'GET') + bad + head('/after', [], '1.1', 'GET'))
    const first = await readNext(client, 'GET')
    expect(first?.text).toMatch(/^GET \/good /)
    expect([400, 501, 505]).toContain((await readNext(client, 'GET'))?.status)
    expect(await readNext(client, 'GET')).toBeNull()
    await client.whenPeerEnded()
    client.socket.destroy()
    expect(gateway.backend.requests.map(({ target }) => target)).not.toContain('/after')
    expect(gateway.backend.requests.map(({ target }) => target)).not.toContain('/bad')
  })

  test.each([
    [
      'websocket',
      'GET',
      [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
      ],
      '',
    ],
    [
      'h2c',
      'GET',
      ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'],
      '',
    ],
    ['an unknown protocol with a body', 'POST', ['Connection: Upgrade', 'Upgrade: x', 'Content-Length: 3'], 'abc'],
    [
      'a chunked body',
      'POST',
      ['Connection: Upgrade', 'Upgrade: x', 'Transfer-Encoding: chunked'],
      '3\r\nabc\r\n0\r\n\r\n',
    ],
  ])(
    'Upgrade to %s with a request in the same packet: answered as plain, never tunnelled',
    async (_, method, lines, body) => {
      const target = `/upgrade-${lines.length}-${body.length}`
      const client = await connectRaw(gateway.port)
      await client.write(
        head(target, lines, '1.1', method) + body + head('/behind', ['Connection: close'], '1.1', 'GET'),
      )
      const first = await client.readResponse()
      expect(first.status).toBe(200)
      expect(first.informational).toEqual([])
      expect(first.text.split(' ')[1]).toBe(target)
      expect(first.text).not.toMatch(/^(?:upgrade|http2-settings):/im)
      if (body !== '') expect(first.text).toMatch(/\r\n\r\nabc$/)
      // Answered in order, or the connection is closed.
      const second = await readNext(client, 'GET')
      if (second !== null) expect(second.text).toMatch(/^GET \/behind /)
      await client.whenPeerEnded()
      client.socket.destroy()
    },
  )
})

describe('A22 expectations', () => {
  test('100-continue with a bad key: a final 401, no 100, nothing upstream', async () => {
    for (const lines of [[], ['Authorization: Bearer wrong']]) {
      const before = gateway.backend.readBytesReceived()
      const client = await connectRaw(gateway.port)
      await client.write(head('/protected', [...lines, 'Expect: 100-continue', `Content-Length: ${smuggled.length}`]))
      const response = await client.readResponse()
      expect([response.status, response.informational]).toEqual([401, []])
      expect(gateway.backend.readBytesReceived()).toBe(before)
      await expectNothingSmuggled(client, smuggled)
    }
  })

  test.each(['/protected/expect', '/v1/chat/completions'])(
    '100-continue with a good key: a 100, then the answer: %s',
    async (target) => {
      const body = '{"model":"m1","messages":[]}'
      const client = await connectRaw(gateway.port)
      await client.write(
        head(target, [
          authorization,
          'Content-Type: application/json',
          'Expect: 100-continue',
          `Content-Length: ${body.length}`,
        ]),
      )
      await client.whenReceived('HTTP/1.1 100 Continue\r\n\r\n')
      await client.write(body)
      const response = await client.readResponse()
      expect([response.status, response.informational]).toEqual([200, [100]])
      client.socket.destroy()
      const seen = gateway.backend.requests.at(-1)
      expect(seen?.text).toBe(body)
      expect(seen?.header('expect')).toBeNull()
    },
  )

  test.each(['y 100-continue', '100-continue, x', '200-ok', '100-continue;a=b'])('%s is 417', async (value) => {
    await expectRefused(gateway, `${head('/x', [`Expect: ${value}`, 'Content-Length: 3'])}abc`, [417])
  })

  test('in HTTP/1.0 there is no 100', async () => {
    const { responses } = await sendWithMarker(
      gateway,
      `${head('/x', ['Expect: 100-continue', 'Content-Length: 3'], '1.0')}abc`,
    )
    expect(responses.map(({ status, informational }) => [status, informational])).toEqual([[200, []]])
  })
})

describe('A15 methods and A16 versions', () => {
  test.each([
    ['TRACE', [405]],
    ['CONNECT', [400, 405]],
    ['get', [400]],
    ['FOOBAR', [400]],
    ['PROPFIND', [501]],
    ['GE(T', [400]],
    ['A'.repeat(65_536), [400, 431]],
  ] as const)('%s', async (method, statuses) => {
    await expectRefused(gateway, head('/x', [authorization], '1.1', method), statuses)
  })

  test.each([
    ['0.9', [400, 505]],
    ['1.2', [505]],
    ['2.0', [505]],
    ['9.9', [505]],
    ['1.01', [400]],
    ['1', [400]],
    ['01.1', [400]],
    ['1.1.1', [400]],
    ['', [400]],
    ['one', [400]],
  ] as const)('HTTP/%s', async (version, statuses) => {
    await expectRefused(gateway, head('/x', [], version, 'GET'), statuses)
  })

  test.each([
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET\t/x\tHTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /x\r\n\r\n',
    'GET HTTP/1.1\r\nHost: a\r\n\r\n',
  ])('%j', async (bytes) => {
    await expectRefused(gateway, bytes, [400, 505])
  })

  test('more than one space is read as one, and forwarded as one', async () => {
    const { responses } = await sendWithMarker(gateway, `GET   /spaces HTTP/1.1\r\nHost: ${gateway.host}\r\n\r\n`)
    expect(responses[0]?.text).toMatch(/^GET \/spaces HTTP\/1\.1\r\n/)
  })

  test('HTTP/1.0 is served, and closed, whatever it asks for', async () => {
    for (const lines of [[], ['Connection: keep-alive']]) {
      const { responses, isMarkerServed } = await sendWithMarker(gateway, head('/x', lines, '1.0', 'GET'))
      expect(responses.map(({ status }) => status)).toEqual([200])
      expect(isMarkerServed).toBe(false)
    }
  })
})
