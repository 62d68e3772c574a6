// C5: what an issuer's key server may do, and what becomes of its keys. Real servers over HTTP; the times are short ones.
import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { parseJwks } from '../../src/policies/jwt/parse-jwks.ts'
import { createAddressGuard } from '../../src/upstream/address-guard.ts'
import { fetchJwks } from '../../src/upstream/fetch-jwks.ts'
import { JwksSource, type JwksTiming } from '../../src/upstream/jwks-source.ts'
import { createSigner, type JwksServer, startJwksServer } from '../support/token-issuer.ts'
import { until, withDeadline } from '../support/until.ts'

const first = createSigner('EdDSA', 'first').jwk
const second = createSigner('ES256', 'second').jwk
const guard = { allow: [], deny: [], isLoopbackAllowed: true }
const limits = { timeoutMs: 300, maxBytes: 64 * 1024 }
/** Nothing happens by itself unless a test says so. */
const calm: JwksTiming = { refreshMs: 3_600_000, coolDownMs: 3_600_000, firstRetryMs: 3_600_000 }

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function serve(keys: readonly Readonly<Record<string, unknown>>[]): Promise<JwksServer> {
  const server = await startJwksServer(keys)
  closers.push(() => server.stop())
  return server
}

function open(uri: string, timing: Partial<JwksTiming> = {}) {
  const reports: (string | null)[] = []
  const dialling = { isAddressAllowed: createAddressGuard(guard), resolve: [], simulator: null }
  const source = new JwksSource({
    fetchText: (signal) => fetchJwks(uri, dialling, limits, signal),
    report: (problem) => void reports.push(problem),
    timing: { ...calm, ...timing },
  })
  closers.push(() => source.close())
  const readKeyIds = () => source.current?.keys.map(({ keyId }) => keyId)
  return { source, reports, readKeyIds }
}

test('C5 keys are fetched at once, and again in time; the same answer leaves the very same keys', async () => {
  const server = await serve([first])
  const { source, reports, readKeyIds } = open(server.uri, { refreshMs: 20 })
  await until(() => reports.length > 0, 'the first fetch')
  const { current } = source
  expect(readKeyIds()).toEqual(['first'])
  await until(() => reports.length > 3, 'more fetches')
  expect(source.current).toBe(current)
  server.serveKeys([second])
  await until(() => readKeyIds()?.[0] === 'second', 'a removed key goes, a new one comes')
})

test.each<[string, (server: JwksServer) => void, RegExp]>([
  ['500', (server) => server.serve((response) => void response.writeHead(500).end('{"keys":[]}')), /^status 500$/],
  ['404', (server) => server.serve((response) => void response.writeHead(404).end()), /^status 404$/],
  ['204', (server) => server.serve((response) => void response.writeHead(204).end()), /^status 204$/],
  ['HTML', (server) => server.serve((response) => void response.end('<html>log in')), /^it is not JSON$/],
  ['an empty key set', (server) => server.serveKeys([]), /no usable key/],
  ['keys that break the policy', (server) => server.serveKeys([{ ...second, crv: 'P-384' }]), /no usable key/],
  ['no body', (server) => server.serve((response) => void response.end()), /^it is not JSON$/],
  ['nothing at all', (server) => server.serve(() => {}), /^no whole answer within 300 ms$/],
  ['half an answer', (server) => server.serve((response) => void response.write('{"keys":[')), /^no whole answer/],
  ['a reset', (server) => server.serve((response) => void response.destroy()), /^UND_ERR_SOCKET$/],
  [
    'gzip',
    (server) => server.serve((response) => void response.setHeader('content-encoding', 'gzip').end('x')),
    /encoded/,
  ],
])('C5 the last good keys are kept when the answer is %s', async (_name, breakServer, problem) => {
  const server = await serve([first])
  const { source, reports, readKeyIds } = open(server.uri, { coolDownMs: 0 })
  await until(() => reports.length > 0, 'the first fetch')
  const { current } = source
  breakServer(server)
  await withDeadline(source.refresh() ?? Promise.resolve(), 'an end within the cap')
  expect(source.problem).toMatch(problem)
  expect(reports[1]).toBe(source.problem)
  expect(source.current).toBe(current)
  server.serveKeys([second])
  await source.refresh()
  expect(readKeyIds()).toEqual(['second'])
  expect(source.problem).toBeNull()
})

test('C5 of 100 MB only what is allowed is read', async () => {
  const server = await serve([first])
  let written = 0
  server.serve((response) => {
    const chunk = Buffer.alloc(64 * 1024, 0x20)
    const pour = () => {
      while (written < 100 * 1024 * 1024 && !response.destroyed) {
        written += chunk.length
        if (!response.write(chunk)) return void response.once('drain', pour)
      }
    }
    pour()
  })
  const { source, reports } = open(server.uri)
  await until(() => reports.length > 0, 'the end of it')
  expect(source.problem).toBe('the answer is longer than 65536 bytes')
  expect(source.current).toBeNull()
  // What was on its way in the sockets' buffers.
  expect(written).toBeLessThan(20 * 1024 * 1024)
})

test('C5 D5 a redirect is not followed', async () => {
  const other = await serve([second])
  const server = await serve([])
  server.serve((response) => void response.writeHead(302, { location: other.uri }).end())
  const { source, reports } = open(server.uri)
  await until(() => reports.length > 0, 'the end of it')
  expect(source.problem).toBe('a redirect (302) is not followed')
  expect(other.requests).toEqual([])
})

test('C5 a flood of unknown key ids causes one fetch a cool-down, and all wait for the same one', async () => {
  const server = await serve([first])
  const { source, reports } = open(server.uri)
  const begun = Array.from({ length: 1_000 }, () => source.refresh())
  expect(new Set(begun).size).toBe(1)
  await Promise.all(begun)
  await until(() => reports.length > 0, 'the first fetch')
  for (let asked = 0; asked < 1_000; asked++) expect(source.refresh()).toBeNull()
  expect(server.requests).toHaveLength(1)
})

test('C5 after the cool-down one asks again', async () => {
  const server = await serve([first])
  const { source, reports, readKeyIds } = open(server.uri, { coolDownMs: 50 })
  await until(() => reports.length > 0, 'the first fetch')
  server.serveKeys([first, second])
  await until(async () => {
    await source.refresh()
    return server.requests.length > 1
  }, 'the cool-down is over')
  expect(readKeyIds()).toEqual(['first', 'second'])
  expect(server.requests).toHaveLength(2)
})

test('C5 while there were never any keys they are tried for by themselves, ever more seldom', async () => {
  const server = await serve([])
  server.serve((response) => void response.writeHead(503).end())
  const { source, reports, readKeyIds } = open(server.uri, { firstRetryMs: 10 })
  await until(() => reports.length >= 3, 'three tries')
  expect(source.refresh()).toBeNull()
  expect(source.current).toBeNull()
  expect(source.retryAfterSeconds).toBe(1)
  server.serveKeys([first])
  await until(readKeyIds, 'keys at last')
})

test('C5 a closed source ends its fetch and begins none', async () => {
  const server = await serve([first])
  server.serve(() => {})
  const { source, reports } = open(server.uri, { firstRetryMs: 1 })
  const fetching = source.refresh()
  await until(() => server.requests.length === 1, 'the fetch has begun')
  source.close()
  await withDeadline(fetching ?? Promise.resolve(), 'the fetch ends', 200)
  expect(source.refresh()).toBeNull()
  expect(reports).toEqual([])
})

test('D5 an address that is refused to backends is refused to key servers', async () => {
  const server = await serve([first])
  const dialling = {
    isAddressAllowed: createAddressGuard({ ...guard, isLoopbackAllowed: false }),
    resolve: [],
    simulator: null,
  }
  const signal = new AbortController().signal
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1']) {
    const uri = server.uri.replace('127.0.0.1', host)
    await expect(fetchJwks(uri, dialling, limits, signal)).rejects.toThrow('SLUICE_ADDRESS_REFUSED')
  }
  await expect(fetchJwks('http://169.254.169.254/latest', dialling, limits, signal)).rejects.toThrow('REFUSED')
  expect(server.requests).toEqual([])
  // What the operator resolves by hand is not asked of the guard, as for backends.
  const { port } = new URL(server.uri)
  const entry = { hostname: 'keys.example.com', port: 80, address: '127.0.0.1', addressPort: Number(port) }
  const text = await fetchJwks('http://keys.example.com/a?b=c', { ...dialling, resolve: [entry] }, limits, signal)
  expect(parseJwks(text).keySet?.keys).toHaveLength(1)
  expect(server.requests).toEqual(['/a?b=c'])
})

test('C5 a key server that speaks no TLS, or with a certificate that nobody vouches for, is not believed', async () => {
  const server: Server = createServer((socket) => void socket.on('error', () => {}).end('HTTP/1.1 200 OK\r\n\r\n{}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  const { reports, source } = open(`https://127.0.0.1:${address.port}/`)
  await until(() => reports.length > 0, 'the end of it')
  expect(source.current).toBeNull()
  expect(reports[0]).toMatch(/^(ERR_SSL|EPROTO|ECONN|UND_ERR)/)
})
