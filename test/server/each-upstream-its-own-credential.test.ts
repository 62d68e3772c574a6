// C7: an upstream is told its own credential and nobody else's: not the caller's key in any header, not that of the
// target that was tried before it; and a redirect is an answer, never a place to take a credential to.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { renderHead, renderJsonResponse, renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { createScriptedBackend, type ScriptedBackend } from '../support/scripted-backend.ts'

const caller = 'canary-caller-0f6e'
const tokens = { a: 'canary-upstream-a-11', b: 'canary-upstream-b-22', gone: 'canary-upstream-gone-33' }
let first: ScriptedBackend
let second: ScriptedBackend
let elsewhere: ScriptedBackend
let gateway: TestGateway

const answer = renderJsonResponse(200, { choices: [] })
beforeAll(async () => {
  first = await createScriptedBackend()
  second = await createScriptedBackend((_request, connection) => connection.write(answer))
  elsewhere = await createScriptedBackend((_request, connection) => connection.write(answer))
  const model = (name: string, url: string, modelName: string, token: string) => `
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${modelName}
  modelProvider: Custom
  modelType: LLM
  endpoint: ${url}/v1
  credentials: { type: APIKey, secretRef: { name: upstream, key: ${token} } }
`
  gateway = await startGateway({
    manifests: `
apiVersion: v1
kind: Secret
metadata: { name: upstream }
stringData: { a: ${tokens.a}, b: ${tokens.b}, gone: ${tokens.gone} }
---
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { key: ${caller} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: policy }
spec: { apiKeys: [{ consumer: c, secretRef: { name: keys, key: key } }] }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: ordered }
spec:
  path: /ordered
  retry: { attempts: 1, conditions: [connect-failure] }
  backends:
    - { modelRef: { name: gone }, priority: 0 }
    - { modelRef: { name: two }, priority: 1 }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: plain }
spec: { path: /plain, targetService: '${second.url}' }
${model('gone', 'http://127.0.0.1:1', 'gone', 'gone')}${model('one', first.url, 'pair-one', 'a')}${model('two', second.url, 'pair-two', 'b')}`,
  })
})
afterAll(async () => {
  await gateway.stop()
  for (const backend of [first, second, elsewhere]) await backend.close()
})

const body = '{"model":"pair-one","messages":[]}'
const presented: readonly Readonly<Record<string, string>>[] = [
  { authorization: `Bearer ${caller}` },
  { 'x-api-key': caller },
  { 'api-key': caller },
  { authorization: `Bearer ${caller}`, 'x-api-key': caller, 'api-key': caller },
]
/** Beside the key, where it does not count as one. */
const besides = { cookie: `key=${caller}`, 'proxy-authorization': `Bearer ${caller}`, x_api_key: caller }

function post(path: string, headers: Readonly<Record<string, string>>) {
  return exchangeRaw(
    gateway.port,
    renderRequest('POST', path, { 'content-type': 'application/json', ...headers }, body),
  )
}

function readHeads(backend: ScriptedBackend): string {
  return backend.requests.map(({ message }) => message.head.toString('latin1')).join('')
}

test.each(presented)(
  'C7: a target, and the one after a target that is gone: each its own, with %j',
  async (headers) => {
    const before = { first: first.requests.length, second: second.requests.length }
    first.setScript((_request, connection) => connection.write(answer))
    expect((await post('/v1/pair-one/chat/completions', { ...headers, ...besides })).status).toBe(200)
    const second200 = await post('/ordered/chat/completions', { ...headers, ...besides })
    expect([second200.status, second200.header('x-sluice-attempts')]).toEqual([200, '2'])
    const seen = [...first.requests.slice(before.first), ...second.requests.slice(before.second)]
    expect(seen.map((request) => request.header('authorization'))).toEqual([`Bearer ${tokens.a}`, `Bearer ${tokens.b}`])
  },
)

test.each([301, 302, 303, 307, 308])('C7, G12: a %i to another host is no place to go', async (status) => {
  const location = `${elsewhere.url}/v1/chat/completions`
  first.setScript((_request, connection) =>
    connection.write(renderHead(`HTTP/1.1 ${status} Moved`, { location, 'content-length': '0' })),
  )
  const response = await post('/v1/pair-one/chat/completions', presented[0] ?? {})
  expect([response.status, response.header('location')]).toEqual([502, null])
  expect(elsewhere.connections).toHaveLength(0)
})

test.each(presented)('C7: a plain service is told no key, however it came: %j', async (headers) => {
  const before = second.requests.length
  expect((await post('/plain/x', { ...headers, 'proxy-authorization': `Bearer ${caller}` })).status).toBe(200)
  const [request] = second.requests.slice(before)
  expect(request?.message.head.toString('latin1')).not.toContain(caller)
})

test('C7: in all that was sent, each has seen only its own', () => {
  expect(readHeads(first)).toContain(tokens.a)
  expect(readHeads(second)).toContain(tokens.b)
  expect(readHeads(first)).not.toMatch(new RegExp(`${caller}|${tokens.b}|${tokens.gone}`))
  expect(readHeads(second)).not.toMatch(new RegExp(`${caller}|${tokens.a}|${tokens.gone}`))
})
