// D5: where bytes go is said by the configuration, never by a client; and what the configuration says is checked when a
// connection is made, in every spelling of an address: metadata and link-local always, loopback where it is closed.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAddressGuard } from '../../src/upstream/address-guard.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { renderJsonResponse, renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { createScriptedBackend, type ScriptedBackend } from '../support/scripted-backend.ts'
import { createFaultGateway, type FaultGateway, readLogLine, renderChat } from './fault-gateway.ts'

let elsewhere: ScriptedBackend
beforeAll(async () => {
  elsewhere = await createScriptedBackend((_request, connection) => connection.write(renderJsonResponse(200, {})))
})
afterAll(() => elsewhere.close())

describe('D5: a client', () => {
  let gateway: FaultGateway
  beforeAll(async () => {
    gateway = await createFaultGateway({
      script: (_request, connection) => connection.write(renderJsonResponse(200, { choices: [] })),
    })
  })
  afterAll(() => gateway.stop())

  const headerNames = [
    'x-forwarded-host',
    'x-forwarded-server',
    'x-original-url',
    'x-rewrite-url',
    'x-host',
    'x-base-url',
    'x-upstream',
    'x-target',
    'x-sluice-target',
    'x-sluice-upstream',
    'x-provider',
    'x-api-base',
    'x-openai-base-url',
    'openai-base-url',
    'x-envoy-original-dst-host',
    'x-custom-host',
    'forwarded',
    'destination',
    'proxy',
  ]

  test.each(headerNames)('picks no address by the header %s', async (name) => {
    const value = name === 'forwarded' ? `host=${elsewhere.host}` : elsewhere.url
    for (const path of ['/v1/chat/completions', '/open/x']) {
      const before = gateway.backend.requests.length
      const request = renderChat('m1', {}, { [name]: value }).replace('/v1/chat/completions', path)
      expect((await exchangeRaw(gateway.port, request)).status).toBe(200)
      const seen = gateway.backend.requests.slice(before)
      expect(seen.map(({ host }) => host)).toEqual([gateway.backend.host])
    }
    expect(elsewhere.connections).toHaveLength(0)
  })

  test.each(['base_url', 'api_base', 'endpoint', 'url', 'api_url', 'proxy', 'provider', 'custom_llm_provider'])(
    'picks no address by %s in its body or query',
    async (name) => {
      const before = gateway.backend.requests.length
      expect((await exchangeRaw(gateway.port, renderChat('m1', { [name]: elsewhere.url }))).status).toBe(200)
      const query = renderChat().replace('completions HTTP', `completions?${name}=${elsewhere.url} HTTP`)
      expect((await exchangeRaw(gateway.port, query)).status).toBe(200)
      expect(gateway.backend.requests.slice(before).map(({ host }) => host)).toEqual([
        gateway.backend.host,
        gateway.backend.host,
      ])
      expect(elsewhere.connections).toHaveLength(0)
    },
  )
})

describe('D5: a manifest', () => {
  let gateway: TestGateway
  const port = () => elsewhere.port
  const metadata = [
    '169.254.169.254',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
    '169.254.43518',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '100.100.100.200',
    '168.63.129.16',
  ]
  const loopback = [
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '127.8.8.8',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    'localhost',
    'LOCALHOST',
    'localhost.',
    '0.0.0.0',
    '0',
    '[::]',
  ]
  const hosts = [...metadata, ...loopback]

  beforeAll(async () => {
    const routes = hosts.flatMap((host, at) => [
      `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: model-${at} }
spec: { modelName: model-${at}, modelProvider: Custom, modelType: LLM, endpoint: 'http://${host}:${port()}/v1' }
`,
      `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: model-${at} }
spec: { path: /model/${at}, authentication: false, backends: [{ modelRef: { name: model-${at} } }] }
`,
      `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: service-${at} }
spec: { path: /service/${at}, authentication: false, targetService: 'http://${host}:${port()}' }
`,
    ])
    gateway = await startGateway({
      manifests: routes.join('---\n'),
      // As in a cluster, where loopback is the pod itself.
      settings: { denyUpstream: ['127.0.0.0/8', '::1/128'] },
    })
  })
  afterAll(() => gateway.stop())

  test.each(hosts.map((host, at) => [host, at] as const))('that names %s reaches nobody', async (_, at) => {
    for (const [method, path] of [
      ['POST', `/model/${at}/chat/completions`],
      ['GET', `/service/${at}`],
    ] as const) {
      const id = randomUUID()
      const body = method === 'POST' ? '{"messages":[]}' : ''
      const headers = { 'content-type': 'application/json', 'x-request-id': id }
      const answer = await exchangeRaw(gateway.port, renderRequest(method, path, headers, body))
      // Refused as an address, or as a spelling that is none.
      expect([500, 502, 503]).toContain(answer.status)
      expect(answer.text).not.toMatch(/169|127|fe80|loopback|ADDRESS/i)
      const line = await readLogLine(gateway, id)
      if (answer.status === 502) expect(JSON.stringify(line)).toMatch(/SLUICE_ADDRESS_REFUSED|ENOTFOUND/)
    }
    expect(elsewhere.connections).toHaveLength(0)
  })
})

test.each([
  ['169.254.169.254', false],
  ['169.254.0.1', false],
  ['::ffff:169.254.169.254', false],
  ['::ffff:a9fe:a9fe', false],
  ['::FFFF:A9FE:A9FE', false],
  ['fe80::1', false],
  ['febf::1', false],
  ['fd00:ec2::254', false],
  ['100.100.100.200', false],
  ['168.63.129.16', false],
  ['0.0.0.0', false],
  ['0.1.2.3', false],
  ['::', false],
  ['224.0.0.1', false],
  ['ff02::1', false],
  ['127.0.0.1', false],
  ['127.255.255.254', false],
  ['::1', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:7f00:1', false],
  ['0:0:0:0:0:ffff:7f00:1', false],
  ['64:ff9b::169.254.169.254', false],
  ['64:ff9b::a9fe:a9fe', false],
  ['2002:a9fe:a9fe::1', false],
  ['::169.254.169.254', false],
  ['::ffff:0:169.254.169.254', false],
  ['2002:7f00:1::', false],
  ['64:ff9b:1::a9fe:a9fe', false],
  ['10.0.0.1', true],
  ['192.168.1.1', true],
  ['8.8.8.8', true],
  ['2001:db8::1', true],
  ['64:ff9b::808:808', true],
  ['2002:808:808::1', true],
])('D5: in a cluster, %s may be connected to: %s', (address, isAllowed) => {
  expect(createAddressGuard({ allow: [], deny: [], isLoopbackAllowed: false })(address)).toBe(isAllowed)
})

test('D5: what is opened or closed by CIDR holds for what stands for it too', () => {
  const guard = createAddressGuard({ allow: ['169.254.169.254'], deny: ['10.0.0.0/8'], isLoopbackAllowed: false })
  expect(['169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe'].map(guard)).toEqual([true, true, true])
  expect(['10.1.2.3', '::ffff:10.1.2.3', '64:ff9b::a01:203', '169.254.169.253'].map(guard)).toEqual([
    false,
    false,
    false,
    false,
  ])
})
