// limits.contextWindowTokens: a request that surely does not fit is sent to a target with more room, over HTTP and the
// shared surface; one that perhaps does is tried; none is refused on an estimate.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'

let small: HttpBackend
let large: HttpBackend
let gateway: TestGateway

beforeAll(async () => {
  small = await createHttpBackend(json(200, { choices: [] }))
  large = await createHttpBackend(json(200, { choices: [] }))
  const model = (name: string, url: string, window: number) => `
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${name}
  modelProvider: VLLM
  modelType: LLM
  endpoint: ${url}/v1
  limits: { contextWindowTokens: ${window} }`
  const route = (name: string, backends: string) => `
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: ${name} }
spec: { path: /${name}, authentication: false, backends: ${backends} }`
  const both = '[{ modelRef: { name: small } }, { modelRef: { name: large }, priority: 1 }]'
  gateway = await startGateway({
    manifests:
      model('small', small.url, 1_000) +
      model('large', large.url, 100_000) +
      route('both', both) +
      route('only', '[{ modelRef: { name: small } }]'),
  })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([small.close(), large.close()])
})

const ask = async (path: string, body: object) => {
  const response = await fetch(`${gateway.url}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
  await response.arrayBuffer()
  return response.headers.get('x-sluice-target')
}
const chat = (letters: number, extra: object = {}) => ({
  messages: [{ role: 'user', content: 'word '.repeat(letters / 5) }],
  ...extra,
})

test('what fits goes to the first priority, what surely does not to the next', async () => {
  expect(await ask('both/chat/completions', chat(500))).toBe('default/small')
  expect(await ask('both/chat/completions', chat(20_000))).toBe('default/large')
})

test('the answer that is asked for takes room, too', async () => {
  expect(await ask('both/chat/completions', chat(500, { max_tokens: 500 }))).toBe('default/small')
  expect(await ask('both/chat/completions', chat(500, { max_tokens: 5_000 }))).toBe('default/large')
  expect(await ask('both/chat/completions', chat(500, { max_completion_tokens: 5_000 }))).toBe('default/large')
})

test('what perhaps fits is tried: the estimate is rather too low', async () => {
  // 4,000 letters are 1,334 tokens where every one has three, and 800 where it has five.
  expect(await ask('both/chat/completions', chat(4_000))).toBe('default/small')
})

test('an image counts as an image, not as its base64', async () => {
  const url = `data:image/png;base64,${'A'.repeat(100_000)}`
  const image = { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] }
  expect(await ask('both/chat/completions', image)).toBe('default/small')
})

test('a batch of texts to embed is many small requests', async () => {
  const input = Array.from({ length: 100 }, () => 'word '.repeat(100))
  expect(await ask('both/embeddings', { input })).toBe('default/small')
})

test('where none has room the largest is asked, and says so itself', async () => {
  expect(await ask('only/chat/completions', chat(20_000))).toBe('default/small')
  expect(small.requests.at(-1)?.body.length).toBeGreaterThan(20_000)
})
