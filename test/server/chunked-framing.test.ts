// A6, A7: a chunked body that is not to the letter never becomes a whole request upstream, streamed or buffered; what
// its trailers say is never merged into the headers nor forwarded.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectRaw } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import { type AbuseGateway, authorization, startAbuseGateway } from './abuse-gateway.ts'
import { readNext } from './send-with-marker.ts'

let gateway: AbuseGateway
beforeAll(async () => {
  gateway = await startAbuseGateway()
})
afterAll(() => gateway.stop())

const body = '{"model":"m1","messages":[]}'
const size = body.length.toString(16)
let counter = 0

const broken: readonly (readonly [string, string])[] = [
  ['a size in hex notation', `0x${size}\r\n${body}\r\n0\r\n\r\n`],
  ['a size of 17 digits', `000000000000000${size}\r\n${body}\r\n0\r\n\r\n`.replace(/^0/, '10')],
  ['a size that overflows', `FFFFFFFFFFFFFFFF0\r\n${body}\r\n0\r\n\r\n`],
  ['a negative size', `-1\r\n${body}\r\n0\r\n\r\n`],
  ['a size with a plus', `+${size}\r\n${body}\r\n0\r\n\r\n`],
  ['a size with a space behind', `${size} \r\n${body}\r\n0\r\n\r\n`],
  ['a size with a space in front', ` ${size}\r\n${body}\r\n0\r\n\r\n`],
  ['a size with an underscore', `${size}_0\r\n${body}\r\n0\r\n\r\n`],
  ['no size', `\r\n${body}\r\n0\r\n\r\n`],
  ['a bare LF behind the size', `${size}\n${body}\r\n0\r\n\r\n`],
  ['a bare CR behind the size', `${size}\r${body}\r\n0\r\n\r\n`],
  ['a bare LF behind the data', `${size}\r\n${body}\n0\r\n\r\n`],
  ['nothing behind the data', `${size}\r\n${body}0\r\n\r\n`],
  ['more data than the size', `${size}\r\n${body}xx\r\n0\r\n\r\n`],
  ['a bare LF in an extension', `${size};a\nb\r\n${body}\r\n0\r\n\r\n`],
  ['a bare CR in an extension', `${size};a\rb\r\n${body}\r\n0\r\n\r\n`],
  ['a NUL in an extension', `${size};a\0b\r\n${body}\r\n0\r\n\r\n`],
  ['an extension of 64 KiB', `${size};a=${'b'.repeat(65_536)}\r\n${body}\r\n0\r\n\r\n`],
  ['a broken trailer', `${size}\r\n${body}\r\n0\r\nno colon\r\n\r\n`],
  ['a Content-Length trailer', `${size}\r\n${body}\r\n0\r\nContent-Length: 50\r\n\r\n`],
  ['a Transfer-Encoding trailer', `${size}\r\n${body}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n`],
]

/** Heads a chunked request and gives it a target that is found again upstream. */
function start(kind: 'service' | 'model', bytes: string): { target: string; text: string } {
  const target = kind === 'service' ? `/chunked-${counter++}` : '/v1/chat/completions'
  const head = `POST ${target} HTTP/1.1\r\nHost: ${gateway.host}\r\n${authorization}\r\nContent-Type: application/json\r\n`
  return { target, text: `${head}Transfer-Encoding: chunked\r\n\r\n${bytes}` }
}

const isWhole = (target: string) =>
  gateway.backend.requests.some((request) => request.target === target && request.message.isComplete)

describe('A6 a service request, streamed: never whole upstream', () => {
  test.each(broken)('%s', async (_, bytes) => {
    const { target, text } = start('service', bytes)
    const client = await connectRaw(gateway.port)
    await client.write(Buffer.from(text, 'latin1'))
    const response = await readNext(client, 'POST')
    if (response !== null) expect([400, 413]).toContain(response.status)
    await client.whenPeerEnded()
    expect(await readNext(client, 'POST')).toBeNull()
    client.socket.destroy()
    // The upstream's request is aborted, not left hanging.
    await until(
      () => gateway.backend.requests.every((request) => request.target !== target || request.connection.isClosed),
      'the upstream request was aborted',
    )
    expect(isWhole(target)).toBe(false)
  })

  test('no last chunk, then the end of the connection', async () => {
    for (const bytes of [
      `${size}\r\n${body}\r\n`,
      `${size}\r\n${body}`,
      `${size}\r\n${body}\r\n0\r\n`,
      `${size}\r\n${body}\r\n0`,
      size,
    ]) {
      const { target, text } = start('service', bytes)
      const client = await connectRaw(gateway.port)
      await client.write(text)
      client.end()
      await client.whenClosed()
      await until(
        () => gateway.backend.requests.every((request) => request.target !== target || request.connection.isClosed),
        'the upstream request was aborted',
      )
      expect(isWhole(target)).toBe(false)
    }
  })
})

describe('A6 a model request, buffered: not a byte upstream', () => {
  test.each(broken)('%s', async (_, bytes) => {
    const before = gateway.backend.readBytesReceived()
    const client = await connectRaw(gateway.port)
    await client.write(Buffer.from(start('model', bytes).text, 'latin1'))
    const response = await readNext(client, 'POST')
    if (response !== null) expect([400, 413]).toContain(response.status)
    await client.whenPeerEnded()
    client.socket.destroy()
    expect(gateway.backend.readBytesReceived()).toBe(before)
  })
})

describe('A7 trailers', () => {
  test.each(['Host: evil', 'Authorization: Bearer evil', 'x-api-key: evil', 'Content-Type: text/evil', 'X-Any: evil'])(
    '%s is dropped, streamed',
    async (trailer) => {
      const { target, text } = start('service', `${size}\r\n${body}\r\n0\r\n${trailer}\r\n\r\n`)
      const client = await connectRaw(gateway.port)
      await client.write(text)
      expect((await client.readResponse()).status).toBe(200)
      client.socket.destroy()
      const seen = gateway.backend.requests.find((request) => request.target === target)
      expect(seen?.text).toBe(body)
      expect(seen?.message.trailers).toEqual([])
      expect(JSON.stringify(seen?.message.rawHeaders)).not.toContain('evil')
    },
  )

  test('a key in a trailer opens nothing', async () => {
    const client = await connectRaw(gateway.port)
    const head = `POST /protected HTTP/1.1\r\nHost: ${gateway.host}\r\nTransfer-Encoding: chunked\r\n\r\n`
    await client.write(`${head}${size}\r\n${body}\r\n0\r\n${authorization}\r\n\r\n`)
    expect((await client.readResponse()).status).toBe(401)
    client.socket.destroy()
  })
})

describe('what is to the letter', () => {
  test.each([
    ['one chunk', `${size}\r\n${body}\r\n0\r\n\r\n`],
    ['upper-case sizes', `${size.toUpperCase()}\r\n${body}\r\n0\r\n\r\n`],
    ['leading zeros', `000${size}\r\n${body}\r\n000\r\n\r\n`],
    ['an extension', `${size};a=b;c="d"\r\n${body}\r\n0;e\r\n\r\n`],
    ['a byte a chunk', `${[...body].map((char) => `1\r\n${char}\r\n`).join('')}0\r\n\r\n`],
  ])('passes, streamed and buffered: %s', async (_, bytes) => {
    for (const kind of ['service', 'model'] as const) {
      const { target, text } = start(kind, bytes)
      const client = await connectRaw(gateway.port)
      await client.write(text)
      expect((await client.readResponse()).status).toBe(200)
      client.socket.destroy()
      expect(gateway.backend.requests.findLast((request) => request.target === target)?.text).toBe(body)
    }
  })
})

test('the backend saw nothing malformed', () => {
  expect(gateway.backend.malformed.map(({ reason }) => reason)).toEqual([])
})
