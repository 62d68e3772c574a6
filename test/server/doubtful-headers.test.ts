// A8, A9, A10, A23, A24: headers that two servers read differently are refused or dropped, and what the gateway says
// itself can't be said, or taken away, by a client.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testKey } from '../support/gateway.ts'
import { connectRaw } from '../support/raw-client.ts'
import type { RecordedRequest } from '../support/scripted-backend.ts'
import { type AbuseGateway, authorization, startAbuseGateway } from './abuse-gateway.ts'
import { expectRefused } from './send-with-marker.ts'

let gateway: AbuseGateway
let counter = 0
beforeAll(async () => {
  gateway = await startAbuseGateway()
})
afterAll(() => gateway.stop())

function get(path: string, lines: readonly string[]): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${gateway.host}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
}

/** Sends a good request; returns what the upstream saw of it. */
async function pass(lines: readonly string[], path = '/headers'): Promise<RecordedRequest> {
  const target = `${path}-${counter++}`
  const client = await connectRaw(gateway.port)
  await client.write(get(target, lines))
  expect((await client.readResponse()).status).toBe(200)
  client.socket.destroy()
  const seen = gateway.backend.requests.find((request) => request.target === target)
  if (seen === undefined) throw new Error('nothing upstream')
  return seen
}

describe('A8 header syntax', () => {
  test.each([
    'X-Test: a\r\n folded',
    'X-Test : a',
    ' X-Test: a',
    ': empty name',
    'X[]: a',
    'no colon',
    'X-Test: a\rb',
    'X-Test: a\0b',
    'X-Test: a\x01b',
    'X-Test: a\x7fb',
    'X Test: a',
    'X\tTest: a',
    'X-T\xebst: a',
    '\0: a',
  ])('%j is refused', async (line) => {
    await expectRefused(gateway, get('/x', [line]))
    await expectRefused(gateway, `GET /x HTTP/1.1\r\n${line}\r\nHost: ${gateway.host}\r\n\r\n`)
  })

  test('a message of bare line feeds is refused', async () => {
    await expectRefused(gateway, get('/x', []).replaceAll('\r\n', '\n'))
  })
})

describe('A9 names with an underscore', () => {
  test.each([
    'Transfer_Encoding: chunked',
    'Content_Length: 5',
    'X_Api_Key: evil',
    'x_forwarded_for: 1.2.3.4',
    'Host_: evil',
    '_: evil',
  ])('%s never reaches the upstream', async (line) => {
    const seen = await pass([line])
    expect(seen.message.rawHeaders.map(([name]) => name).filter((name) => name.includes('_'))).toEqual([])
  })

  test('nor the check of a key', async () => {
    await expectRefusedAsAnonymous([`X_Api_Key: ${testKey}`])
    await expectRefusedAsAnonymous([`Api_Key: ${testKey}`])
  })

  async function expectRefusedAsAnonymous(lines: readonly string[]): Promise<void> {
    const client = await connectRaw(gateway.port)
    await client.write(get('/protected', lines))
    expect((await client.readResponse()).status).toBe(401)
    client.socket.destroy()
  }
})

describe('A10 two of what there is one of', () => {
  test.each([
    ['Host', ['HOST: other']],
    ['Authorization', [authorization, 'authorization: Bearer x']],
    ['x-api-key', [`x-api-key: ${testKey}`, `X-Api-Key: ${testKey}`]],
    ['api-key', ['api-key: a', 'api-key: b']],
    ['Content-Type', ['Content-Type: application/json', 'Content-Type: text/plain']],
  ])('%s', async (_, lines) => {
    await expectRefused(gateway, get('/protected/x', lines))
    await expectRefused(gateway, get('/x', lines))
  })

  test('the refusal can be found in the log: it has an id', async () => {
    const response = await expectRefused(gateway, get('/x', ['Host: other', 'x-request-id: mine']))
    expect(response.header('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('the same Host twice', async () => {
    await expectRefused(gateway, get('/x', [`Host: ${gateway.host}`]))
  })
})

describe('A23 what Connection names', () => {
  test('is removed; what the gateway adds, frames and checks is not', async () => {
    const named =
      'close, authorization, x-tenant, transfer-encoding, host, x-forwarded-for, x-request-id, content-length'
    const seen = await pass(
      [authorization, 'X-Tenant: evil', 'X-Kept: yes', 'X-Request-Id: abc', `Connection: ${named}`],
      '/protected/c',
    )
    expect(seen.header('x-tenant')).toBeNull()
    expect(seen.header('authorization')).toBeNull()
    expect(seen.header('x-kept')).toBe('yes')
    expect(seen.header('x-request-id')).toBe('abc')
    expect(seen.header('x-forwarded-for')).toBe('127.0.0.1')
    expect(seen.host).toBe(gateway.backend.host)
  })
})

describe('A24 what only the gateway says', () => {
  test('a client’s word for it is replaced, and its key goes no further', async () => {
    const seen = await pass(
      [
        authorization,
        'x-forwarded-for: 6.6.6.6',
        'X-Forwarded-Proto: https',
        'x-forwarded-host: evil',
        'x-forwarded-prefix: /evil',
        'Forwarded: for=6.6.6.6',
        'x-sluice-route: evil',
        'x-sluice-anything: evil',
        'x-real-ip: 6.6.6.6',
      ],
      '/protected/f',
    )
    expect(seen.header('x-forwarded-for')).toBe('127.0.0.1')
    expect(seen.header('x-forwarded-proto')).toBe('http')
    expect(seen.message.head.toString()).not.toMatch(/6\.6\.6\.6|evil/)
    expect(seen.message.head.toString()).not.toContain(testKey)
  })
})

test('the backend saw nothing malformed', () => {
  expect(gateway.backend.malformed).toEqual([])
})
