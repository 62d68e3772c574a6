// G11: a server that answers 200 and then says in its body that it failed has failed: the client gets that error, in its
// own envelope, with the status that it stands for.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../../support/http-backend.ts'

let gateway: TestGateway
let backend: HttpBackend

beforeAll(async () => {
  backend = await createHttpBackend()
  gateway = await startGateway({
    manifests: `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: routed }
spec: { modelName: routed, modelProvider: OpenRouter, modelType: LLM, endpoint: "${backend.url}/api/v1" }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: open }
spec: { path: /open, modelName: routed, authentication: false }
`,
  })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

test.each([
  [{ error: { code: 429, message: 'Slow down' } }, 429, 'rate_limit_error', 'Slow down'],
  [{ error: { code: 502, message: 'Provider is down' }, user_id: 'u' }, 502, 'api_error', 'Provider is down'],
])('G11 %j', async (body, status, type, message) => {
  backend.setHandler(json(200, body))
  const answer = await fetch(`${gateway.url}/open/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'routed', max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  expect(answer.status).toBe(status)
  expect(await answer.json()).toMatchObject({ type: 'error', error: { type, message } })
})
