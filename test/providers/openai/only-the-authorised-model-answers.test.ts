// D2: a server that takes a list of other models beside `model` is never sent one: what answers is what was authorised.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../../support/http-backend.ts'

const renderManifests = (backend: string) => `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: routed }
spec:
  modelName: routed
  modelProvider: OpenRouter
  modelType: LLM
  upstreamModel: meta/llama
  endpoint: ${backend}/api/v1
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: open }
spec: { path: /open, modelName: routed, authentication: false }
`

let gateway: TestGateway
let backend: HttpBackend

beforeAll(async () => {
  backend = await createHttpBackend(json(200, { id: 'x', object: 'chat.completion', choices: [] }))
  gateway = await startGateway({ manifests: renderManifests(backend.url) })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

function ask(operation: string, body: string): Promise<Response> {
  return fetch(`${gateway.url}/open/${operation}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
}

const messages = '"messages":[{"role":"user","content":"Hello"}]'

describe('D2 refused by name, and nothing sent', () => {
  test.each([
    ['chat/completions', `{"models":["gpt-5"],${messages}}`, 'models'],
    ['chat/completions', `{"mod\\u0065ls":["gpt-5"],${messages}}`, 'models'],
    ['chat/completions', `{"route":"fallback",${messages}}`, 'route'],
    ['chat/completions', `{"preset":"expensive",${messages}}`, 'preset'],
    ['responses', '{"input":"Hello","models":["gpt-5"]}', 'models'],
    // Translated: no field of a client's own goes on.
    ['messages', `{"max_tokens":9,"models":["gpt-5"],${messages}}`, 'models'],
  ])('%s %s', async (operation, body, param) => {
    const answer = await ask(operation, body)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain(`'${param}'`)
    expect(backend.requests).toEqual([])
  })
})

test('who serves the model may be said: it is the same model', async () => {
  const body = `{"provider":{"order":["together"],"data_collection":"deny"},${messages}}`
  expect((await ask('chat/completions', body)).status).toBe(200)
  expect((await backend.nextRequest()).text).toBe(body.replace('{', '{"model":"meta/llama",'))
})
