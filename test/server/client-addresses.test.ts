// Who the client is: the peer, and behind trusted proxies whom they name. Nobody else's word counts, nor one left of it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, echo, type HttpBackend } from '../support/http-backend.ts'
import { until } from '../support/until.ts'

let backend: HttpBackend
let trusting: TestGateway
let alone: TestGateway
beforeAll(async () => {
  backend = await createHttpBackend(echo())
  const manifests = `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: open }
spec: { path: /open, targetService: "127.0.0.1:${backend.port}", authentication: false }
`
  trusting = await startGateway({
    manifests,
    settings: { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8', '2001:db8::/32'] },
  })
  alone = await startGateway({ manifests })
})
afterAll(async () => {
  await Promise.all([trusting.stop(), alone.stop()])
  await backend.close()
})

async function ask(gateway: TestGateway, headers: Record<string, string>) {
  const id = crypto.randomUUID()
  await (await fetch(`${gateway.url}/open`, { headers: { ...headers, 'x-request-id': id } })).text()
  const seen = await backend.nextRequest()
  const client = await until(() => gateway.log.find(({ requestId }) => requestId === id)?.clientAddress, 'it is logged')
  return { seen: seen.headers, client }
}

test.each([
  ['9.9.9.9', '9.9.9.9'],
  ['1.1.1.1, 9.9.9.9', '9.9.9.9'],
  ['1.1.1.1, 9.9.9.9, 10.1.2.3', '9.9.9.9'],
  ['9.9.9.9:4711', '9.9.9.9'],
  ['1.1.1.1, 9.9.9.9:4711', '9.9.9.9'],
  ['[2001:db9::1]:4711', '2001:db9::1'],
  ['2001:db9::1, [2001:db8::7]', '2001:db9::1'],
  ['::ffff:9.9.9.9', '9.9.9.9'],
  ['10.0.0.1, 10.0.0.2', '10.0.0.1'],
  ['1.1.1.1, unknown', '127.0.0.1'],
  ['1.1.1.1, unknown, 10.0.0.2', '10.0.0.2'],
  ['', '127.0.0.1'],
])('a trusted proxy that says %j means %s', async (forwardedFor, expected) => {
  expect((await ask(trusting, { 'x-forwarded-for': forwardedFor })).client).toBe(expected)
})

const told = { 'x-forwarded-for': '9.9.9.9', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'Shop.Example:8443' }

test('a trusted proxy’s word goes on to the service', async () => {
  const { seen } = await ask(trusting, { ...told, forwarded: 'for=1.1.1.1' })
  expect(seen).toMatchObject({
    'x-forwarded-for': '9.9.9.9, 127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example:8443',
  })
  expect(seen.forwarded).toBeUndefined()
})

test.each(['a b', 'x, y', 'u@h', '[::g]'])('a forwarded host that is none, %j, is not passed on', async (host) => {
  const { seen } = await ask(trusting, { 'x-forwarded-host': host })
  expect(seen['x-forwarded-host']).toBe(`127.0.0.1:${trusting.port}`)
})

test('anybody else’s word does not', async () => {
  const { seen, client } = await ask(alone, told)
  expect(client).toBe('127.0.0.1')
  expect(seen).toMatchObject({
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': `127.0.0.1:${alone.port}`,
  })
})
