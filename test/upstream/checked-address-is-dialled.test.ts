// D5: DNS rebinding. A name is resolved once for a connection, what it resolved to is checked, and exactly that is
// dialled: a name that answers with a good address first and a forbidden one next gets no further than the first.
import type { LookupAddress } from 'node:dns'
import { createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createAddressGuard } from '../../src/upstream/address-guard.ts'

/** What the name resolves to, one answer a lookup; the last one stays. */
let answers: LookupAddress[][] = []
let lookups = 0
vi.mock('node:dns', async (load) => ({
  ...(await load<typeof import('node:dns')>()),
  lookup: (_name: string, _options: object, callback: (error: Error | null, addresses: LookupAddress[]) => void) => {
    lookups += 1
    const next = answers.length > 1 ? answers.shift() : answers[0]
    setImmediate(() => callback(null, next ?? []))
  },
}))
const { createConnector } = await import('../../src/upstream/connector.ts')

let accepted = 0
const server = createServer((socket) => {
  accepted += 1
  socket.destroy()
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.2', () => resolve())))
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => {
  accepted = 0
  lookups = 0
})

/** 127.0.0.2 stands for a good address, 127.0.0.3 for one that must never be dialled. */
const isAddressAllowed = createAddressGuard({ allow: ['127.0.0.2'], deny: [], isLoopbackAllowed: false })
const good: LookupAddress = { address: '127.0.0.2', family: 4 }
const bad: LookupAddress = { address: '127.0.0.3', family: 4 }
const metadata: LookupAddress = { address: '64:ff9b::a9fe:a9fe', family: 6 }

/** `known`: an address behind the name that need not be looked up. */
function dial(known: string | null = null): Promise<string> {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const connect = createConnector(
    { protocol: 'http:', hostname: 'rebinding.test', port, basePath: '', authority: 'rebinding.test', tls: null },
    1_000,
    { isAddressAllowed, resolve: [], simulator: null },
    known === null ? null : `${known}:${port}`,
  )
  return new Promise((resolve) => {
    connect({ hostname: 'rebinding.test', protocol: 'http:', port: String(port) }, (error, socket) => {
      const code = error !== null && 'code' in error ? String(error.code) : ''
      const peer = socket?.remoteAddress ?? ''
      socket?.destroy()
      resolve(error === null ? peer : code)
    })
  })
}

test('D5: an answer that turns bad is refused at the next connection, not trusted from before', async () => {
  answers = [[good], [bad]]
  expect(await dial()).toBe('127.0.0.2')
  expect(await dial()).toBe('SLUICE_ADDRESS_REFUSED')
  expect(lookups).toBe(2)
})

test.each([
  ['a bad one first', [bad, good]],
  ['a bad one last', [good, bad]],
  ['a metadata address among them', [metadata, good]],
])('D5: of several addresses, %s, only the good one is dialled', async (_, addresses) => {
  answers = [addresses, [bad]]
  expect(await dial()).toBe('127.0.0.2')
  // Resolved once: what was checked is what was dialled.
  expect(lookups).toBe(1)
})

test.each([
  ['only bad ones', [bad, metadata]],
  ['nothing', []],
])('D5: a name that resolves to %s is refused', async (_, addresses) => {
  answers = [addresses]
  expect(await dial()).toBe('SLUICE_ADDRESS_REFUSED')
  expect(accepted).toBe(0)
})

test('D5: an address that an EndpointSlice names is checked like any other, and no name is looked up', async () => {
  answers = [[good]]
  expect(await dial('127.0.0.2')).toBe('127.0.0.2')
  for (const refused of ['127.0.0.3', '169.254.169.254', '[64:ff9b::a9fe:a9fe]', '[::1]']) {
    expect(await dial(refused)).toBe('SLUICE_ADDRESS_REFUSED')
  }
  expect(accepted).toBe(1)
  expect(lookups).toBe(0)
})
