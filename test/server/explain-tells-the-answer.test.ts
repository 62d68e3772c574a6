// /explain and the data port say the same of a request, up to where a target would be asked.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const manifests = `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { a: sk-a, b: sk-b }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: teams }
spec:
  apiKeys:
    - { consumer: a, secretRef: { name: keys, key: a } }
    - { consumer: b, secretRef: { name: keys, key: b } }
  consumers: [{ name: b, models: [none] }]
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: talk }
spec:
  modelName: talk
  modelProvider: VLLM
  modelVersion: "1"
  modelType: LLM
  endpoint: http://talk.default.svc.cluster.local:8000/v1
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: hosted }
spec: { path: /x, hostnames: [shop.example], targetService: x.default.svc.cluster.local, authentication: false }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: bare }
spec: { path: /bare, authentication: false, backends: [{ modelRef: { name: gone } }] }
`

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ manifests, settings: { simulate: true } })
})
afterAll(() => gateway.stop())

const chat = { model: 'talk', messages: [{ role: 'user', content: 'hi' }] }

test.each([
  { path: '/v1/chat/completions', key: 'sk-a', model: 'talk', status: 200 },
  { path: '/v1/chat/completions', key: 'sk-b', model: 'talk', status: 403 },
  { path: '/v1/chat/completions', key: 'sk-c', model: 'talk', status: 401 },
  { path: '/v1/chat/completions', key: 'sk-a', model: 'else', status: 404 },
  { path: '/v1/talk', key: 'sk-a', status: 200 },
  { path: '/v1/talk/embeddings', key: 'sk-a', status: 200 },
  { path: '/v1/talk/nonsense', key: 'sk-a', status: 404 },
  { path: '/v1/talk/models', key: 'sk-a', status: 200, isRead: true },
  { path: '/v1/models', key: 'sk-a', status: 200, isRead: true },
  { path: '/v1/models', key: 'sk-b', status: 200, isRead: true },
  { path: '/v1/models', key: 'sk-c', status: 401, isRead: true },
  { path: '/bare/chat/completions', key: 'sk-a', status: 503 },
  { path: '/nowhere', key: 'sk-a', status: 404 },
  { path: '/x%2f', key: 'sk-a', status: 400 },
])('$path with $key: $status', async ({ path, key, model, status, isRead = false }) => {
  const query = new URLSearchParams({ path, key, ...(model === undefined ? {} : { model }) })
  const explained: unknown = await (await fetch(`${gateway.adminUrl}/explain?${query}`)).json()
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ ...chat, input: 'x', ...(model === undefined ? {} : { model }) })
  const answer = await fetch(gateway.url + path, isRead ? { headers } : { method: 'POST', headers, body })
  await answer.text()
  expect([answer.status, explained]).toMatchObject([status, { outcome: { status } }])
})

test('a list of models says how many the key may use', async () => {
  const explained: unknown = await (await fetch(`${gateway.adminUrl}/explain?path=/v1/models&key=sk-b`)).json()
  expect(explained).toMatchObject({ outcome: { reason: expect.stringContaining('0 of 1') } })
})

test.each(['shop.example', 'SHOP.example:8080', 'shop.example.'])('a host is read as a request’s: %s', async (host) => {
  const explained: unknown = await (await fetch(`${gateway.adminUrl}/explain?path=/x&host=${host}`)).json()
  expect(explained).toMatchObject({ outcome: { status: 200 }, route: { id: 'default/hosted' } })
})
