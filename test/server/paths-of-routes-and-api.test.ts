// A route that has a path of the API's own is what answers there; what is behind a route is what its `/models` lists.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const route = (name: string, spec: string) => `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: ${name} }
spec: { authentication: false, ${spec} }
---`
const model = (name: string, spec: string) => `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${name}
  modelProvider: VLLM
  modelVersion: "1"
  modelType: LLM
  endpoint: http://${name}.default.svc.cluster.local:8000/v1
  ${spec}
---`

const manifests = [
  route('own-embeddings', 'path: /v1/embeddings, targetService: embed.default.svc.cluster.local'),
  route('own-models', 'path: /v1/models, targetService: embed.default.svc.cluster.local'),
  route('broad', 'path: /v1, targetService: embed.default.svc.cluster.local'),
  route('other-host', 'path: /v1/completions, hostnames: [x.example], targetService: embed.default.svc.cluster.local'),
  route('both', 'path: /both, backends: [{ modelRef: { name: seen } }, { modelRef: { name: unseen } }]'),
  model('seen', ''),
  model('unseen', 'visibility: Internal'),
].join('')

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ manifests, settings: { simulate: true } })
})
afterAll(() => gateway.stop())

const post = (path: string) => fetch(gateway.url + path, { method: 'POST', body: '{}' })

test.each([
  ['/v1/embeddings', 'default/own-embeddings'],
  ['/v1/models', 'default/own-models'],
  ['/v1/models/x', 'default/own-models'],
  ['/v1/files', 'default/broad'],
])('%s is answered by the route that has it', async (path, id) => {
  expect((await post(path)).headers.get('x-sluice-route')).toBe(id)
})

test.each([
  ['/v1/chat/completions', 'a shorter path'],
  ['/v1/completions', 'another host'],
])('%s stays the API’s where a route has %s', async (path) => {
  const answer = await post(path)
  expect(answer.headers.get('x-sluice-route')).toBeNull()
  expect(answer.status).toBe(401)
})

test('a route lists what is behind it, Internal models too, and finds them by id', async () => {
  const list: unknown = await (await fetch(`${gateway.url}/both/models`)).json()
  expect(list).toMatchObject({ data: [{ id: 'seen' }, { id: 'unseen' }] })
  const one: unknown = await (await fetch(`${gateway.url}/both/models/unseen`)).json()
  expect(one).toMatchObject({ id: 'unseen', object: 'model' })
  const none = await fetch(`${gateway.url}/both/models/else`)
  expect([none.status, await none.json()]).toMatchObject([404, { error: { code: 'model_not_found' } }])
})

test.each([
  ['/v1//chat/completions', 'empty path segment'],
  ['/v1/org%2Fname/chat/completions', 'encoded slash'],
  ['/v1/%zz', 'broken percent-encoding'],
])('%s is told why it is refused', async (path, reason) => {
  const answer = await post(path)
  expect([answer.status, await answer.json()]).toMatchObject([
    400,
    { error: { code: 'invalid_request', message: expect.stringContaining(reason) } },
  ])
})
