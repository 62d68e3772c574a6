// Fields have whatever name the client gives them: what was dropped is named in a header that any client can read.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayManifests, startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'

let backend: HttpBackend
let gateway: TestGateway
beforeAll(async () => {
  backend = await createHttpBackend(json(200, { type: 'message', content: [], stop_reason: 'end_turn' }))
  const model = `apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: claude }
spec:
  modelName: claude
  modelProvider: Anthropic
  modelType: LLM
  endpoint: ${backend.url}
  unsupportedParameters: Drop
  credentials: { type: APIKey, secretRef: { name: upstream, key: token } }
`
  gateway = await startGateway({ manifests: gatewayManifests(backend.url, model) })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

async function drop(fields: object): Promise<string | null> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${testKey}` }
  const body = JSON.stringify({ model: 'claude', messages: [{ role: 'user', content: 'q' }], ...fields })
  const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body })
  expect(response.status, await response.text()).toBe(200)
  return response.headers.get('x-sluice-dropped')
}

test.each([
  ['a\r\nx-evil: 1', 'a??x-evil: 1'],
  ['price in €', 'price in ?'],
  ['\u0000', '?'],
  ['x'.repeat(20_000), `${'x'.repeat(100)}...`],
])('a field named %j', async (name, named) => {
  expect(await drop({ [name]: 1 })).toBe(named)
})

test('a thousand fields', async () => {
  const fields = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`field${at}`, 1]))
  const named = await drop(fields)
  expect(named).toMatch(/^field0, field1, .*, field31, and 968 more$/)
})
