// D1, D2: a consumer that is limited to some models gets no other one: not by name, not by path, not by a route whose
// backends are models of other names.
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'

let backend: HttpBackend
let gateway: TestGateway

const model = (name: string) => `
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec: { modelName: ${name}, modelProvider: Custom, modelType: LLM, endpoint: ${backend.url}/${name} }
`

beforeAll(async () => {
  backend = await createHttpBackend(json(200, { ok: true }))
  const manifests = `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { narrow: sk-narrow, wide: sk-wide }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: policy }
spec:
  apiKeys:
    - { consumer: narrow, secretRef: { name: keys, key: narrow } }
    - { consumer: wide, secretRef: { name: keys, key: wide } }
  consumers: [{ name: narrow, models: ["chat-*"] }]
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: mixed }
spec: { path: /mixed, backends: [{ modelRef: { name: chat-small } }, { modelRef: { name: secret-large } }] }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: other }
spec: { path: /other, backends: [{ modelRef: { name: secret-large } }] }
${model('chat-small')}${model('secret-large')}`
  gateway = await startGateway({ manifests })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

const call = async (path: string, modelName: string, key: string) => {
  const answer = await request(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: modelName, messages: [] }),
  })
  await answer.body.dump()
  return answer.statusCode
}

test.each([
  ['/v1/chat/completions', 'secret-large'],
  ['/v1/secret-large/chat/completions', 'chat-small'],
  ['/other/chat/completions', 'chat-small'],
])('%s with model %s is 403', async (path, modelName) => {
  expect(await call(path, modelName, 'sk-narrow')).toBe(403)
  expect(await call(path, modelName, 'sk-wide')).toBe(200)
})

test('of a route to several models, only the allowed ones are asked', async () => {
  const before = backend.requests.length
  for (let calls = 0; calls < 40; calls++) expect(await call('/mixed/chat/completions', 'any', 'sk-narrow')).toBe(200)
  const urls = backend.requests.slice(before).map(({ url }) => url)
  expect(new Set(urls)).toEqual(new Set(['/chat-small/chat/completions']))
  const bodies = backend.requests.slice(before).map(({ text }) => JSON.parse(text).model)
  expect(new Set(bodies)).toEqual(new Set(['chat-small']))
})

const list = async (path: string, key: string) => {
  const answer = await request(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${key}` } })
  const text = await answer.body.text()
  return { status: answer.statusCode, text }
}
const readIds = (text: string): readonly string[] => JSON.parse(text).data.map(({ id }: { id: string }) => id)

test.each(['/v1/models', '/mixed/models'])('D1: %s lists what the key may use, by glob', async (path) => {
  expect(readIds((await list(path, 'sk-narrow')).text)).toEqual(['chat-small'])
  expect(readIds((await list(path, 'sk-wide')).text).toSorted()).toEqual(['chat-small', 'secret-large'])
  expect((await list(`${path}/chat-small`, 'sk-narrow')).status).toBe(200)
  expect((await list(`${path}/secret-large`, 'sk-wide')).status).toBe(200)
  const hidden = await list(`${path}/secret-large`, 'sk-narrow')
  const absent = await list(`${path}/no-such-one`, 'sk-narrow')
  expect(hidden.status).toBe(404)
  expect(hidden.text.replace('secret-large', 'X')).toBe(absent.text.replace('no-such-one', 'X'))
})
