// ConsistentHash over HTTP: a session's requests, and a conversation's turns, reach one backend; others spread.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'

const names = ['a', 'b', 'c', 'd']
let backends: HttpBackend[] = []
let gateway: TestGateway

const route = (name: string, key: string) => `
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: ${name} }
spec:
  path: /${name}
  authentication: false
  strategy: { type: ConsistentHash, key: "${key}" }
  backends: [${names.map((model) => `{ modelRef: { name: ${model} } }`).join(', ')}]`

beforeAll(async () => {
  backends = await Promise.all(names.map(() => createHttpBackend(json(200, { choices: [] }))))
  const models = names.map(
    (name, at) => `
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec: { modelName: ${name}, modelProvider: VLLM, modelType: LLM, endpoint: "${backends[at]?.url}/v1" }`,
  )
  const manifests = models.join('') + route('sessions', 'Header:X-Session-ID') + route('prompts', 'PromptPrefix')
  gateway = await startGateway({ manifests })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all(backends.map((backend) => backend.close()))
})

const ask = async (path: string, messages: readonly object[], headers: Record<string, string> = {}) => {
  const response = await fetch(`${gateway.url}/${path}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ messages }),
  })
  expect(response.status).toBe(200)
  await response.arrayBuffer()
  return response.headers.get('x-sluice-target') ?? ''
}
const user = (content: string) => ({ role: 'user', content })

test('one session, one backend; sessions spread over all', async () => {
  const seen = new Set<string>()
  for (let session = 0; session < 30; session++) {
    const targets = new Set<string>()
    for (const turn of ['one', 'two', 'three']) {
      targets.add(await ask('sessions', [user(turn)], { 'x-session-id': `session-${session}` }))
    }
    expect(targets.size).toBe(1)
    for (const target of targets) seen.add(target)
  }
  expect(seen.size).toBe(4)
})

test('without the header they go by weight, at random', async () => {
  const targets = new Set<string>()
  for (let at = 0; at < 40; at++) targets.add(await ask('sessions', [user('the same')]))
  expect(targets.size).toBe(4)
})

test('every turn of a conversation finds the cache of the first; conversations spread', async () => {
  const system = { role: 'system', content: 'You are brief. '.repeat(100) }
  const seen = new Set<string>()
  for (let conversation = 0; conversation < 30; conversation++) {
    const messages: object[] = [system, user(`question ${conversation}`)]
    const first = await ask('prompts', messages)
    messages.push({ role: 'assistant', content: 'Yes.' }, user('Why?'))
    expect(await ask('prompts', messages)).toBe(first)
    seen.add(first)
  }
  expect(seen.size).toBe(4)
})
