// Anthropic's client counts the tokens of a conversation with Gemini and with Vertex AI; nothing is charged for it.
import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayManifests, startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'

let google: HttpBackend
let gateway: TestGateway
let client: Anthropic

beforeAll(async () => {
  google = await createHttpBackend(json(200, { totalTokens: 31, cachedContentTokenCount: 4 }))
  const model = (name: string, provider: string, endpoint: string) => `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${name}
  modelProvider: ${provider}
  modelType: LLM
  upstreamModel: gemini-3-pro
  endpoint: ${google.url}${endpoint}
  credentials: { type: APIKey, secretRef: { name: upstream, key: token } }
  pricing: { input: '1', output: '1', currency: USD }
`
  const models = [model('gemini', 'GoogleGemini', '/v1beta'), model('vertex', 'GoogleVertexAI', '/v1')]
  gateway = await startGateway({ manifests: gatewayManifests(google.url, models.join('\n---')) })
  client = new Anthropic({ apiKey: testKey, baseURL: gateway.url, maxRetries: 0 })
})
afterAll(async () => {
  await gateway.stop()
  await google.close()
})

const counted = {
  systemInstruction: { parts: [{ text: 'Be brief.' }] },
  contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
  tools: [{ functionDeclarations: [{ name: 'now' }] }],
}

test.each([
  [
    'gemini',
    '/v1beta/models/gemini-3-pro:countTokens',
    { generateContentRequest: { model: 'models/gemini-3-pro', ...counted } },
  ],
  ['vertex', '/v1/publishers/google/models/gemini-3-pro:countTokens', counted],
])('%s', async (model, path, body) => {
  const answer = await client.messages.countTokens({
    model,
    system: 'Be brief.',
    messages: [{ role: 'user', content: 'Hi' }],
    tools: [{ name: 'now', input_schema: { type: 'object', properties: {} } }],
    tool_choice: { type: 'any' },
  })
  expect(answer).toEqual({ input_tokens: 31 })
  const request = google.requests.at(-1)
  expect(request?.url).toBe(path)
  expect(request?.json()).toEqual(body)
})

test('what is no count is a 502', async () => {
  google.setHandler(json(200, { candidates: [] }))
  const asked = client.messages.countTokens({ model: 'gemini', messages: [{ role: 'user', content: 'Hi' }] })
  await expect(asked).rejects.toMatchObject({ status: 502 })
})
