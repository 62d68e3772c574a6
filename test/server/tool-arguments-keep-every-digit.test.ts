// Ids are often whole numbers that no double holds: a tool must be called with the id that the model wrote, and the model
// must read it again as it wrote it, whichever way it is translated.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayManifests, startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend } from '../support/http-backend.ts'

const id = '1234567890123456789'
const input = `{"id":${id}}`
const calls: Readonly<Record<string, string>> = {
  anthropic: `{"type":"message","content":[{"type":"tool_use","id":"t","name":"f","input":${input}}],"stop_reason":"tool_use"}`,
  gemini: `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":${input}}}]},"finishReason":"STOP"}]}`,
  bedrock: `{"output":{"message":{"content":[{"toolUse":{"toolUseId":"t","name":"f","input":${input}}}]}},"stopReason":"tool_use"}`,
}

let backend: HttpBackend
let gateway: TestGateway
beforeAll(async () => {
  backend = await createHttpBackend(({ url }, response) => {
    const answer = Object.entries(calls).find(([name]) => url.includes(name))?.[1] ?? ''
    const isStream = url.includes('streamGenerateContent')
    response.setHeader('content-type', isStream ? 'text/event-stream' : 'application/json')
    response.end(isStream ? `data: ${answer}\r\n\r\n` : answer)
  })
  const model = (name: string, provider: string) => `apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${name}
  modelProvider: ${provider}
  modelType: LLM
  endpoint: ${backend.url}/${name}
  credentials: { type: APIKey, secretRef: { name: upstream, key: token } }
`
  const models = [model('anthropic', 'Anthropic'), model('gemini', 'GoogleGemini'), model('bedrock', 'AWSBedrock')]
  gateway = await startGateway({ manifests: gatewayManifests(backend.url, models.join('---\n')) })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

async function post(path: string, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${testKey}` }
  const response = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return text
}

const question = '"messages":[{"role":"user","content":"q"}]'
const escaped = JSON.stringify(input)

test.each(['anthropic', 'gemini', 'bedrock'])('from %s to the client', async (model) => {
  expect(await post('/v1/chat/completions', `{"model":"${model}",${question}}`)).toContain(`"arguments":${escaped}`)
})

test.each(['gemini', 'bedrock'])('from %s to a client of messages', async (model) => {
  expect(await post('/v1/messages', `{"model":"${model}","max_tokens":9,${question}}`)).toContain(`"input":${input}`)
})

test('in a stream of whole calls', async () => {
  const stream = await post('/v1/chat/completions', `{"model":"gemini","stream":true,${question}}`)
  expect(stream).toContain(`"arguments":${escaped}`)
})

test.each(['anthropic', 'gemini', 'bedrock'])('from the client back to %s', async (model) => {
  const call = `{"id":"t","type":"function","function":{"name":"f","arguments":${escaped}}}`
  const turns = `{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[${call}]}`
  const result = '{"role":"tool","tool_call_id":"t","content":"r"}'
  await post('/v1/chat/completions', `{"model":"${model}","messages":[${turns},${result}]}`)
  expect(backend.requests.at(-1)?.text).toContain(input)
})

test('from a client of messages to an OpenAI-shaped server', async () => {
  const call = `{"type":"tool_use","id":"t","name":"f","input":${input}}`
  const turns = `{"role":"user","content":"q"},{"role":"assistant","content":[${call}]}`
  const result = '{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]}'
  const body = `{"model":"m1","max_tokens":9,"messages":[${turns},${result}]}`
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${testKey}` }
  await fetch(`${gateway.url}/v1/messages`, { method: 'POST', headers, body })
  expect(backend.requests.at(-1)?.text).toContain(`"arguments":${escaped}`)
})

test.each(['{"x":', '[1]', 'null', '1'])('arguments that are no object (%s) are the request’s fault', async (text) => {
  const call = { id: 't', type: 'function', function: { name: 'f', arguments: text } }
  const messages = [
    { role: 'user', content: 'q' },
    { role: 'assistant', tool_calls: [call] },
    { role: 'tool', tool_call_id: 't', content: 'r' },
  ]
  for (const model of ['anthropic', 'gemini', 'bedrock']) {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${testKey}` }
    const body = JSON.stringify({ model, messages })
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body })
    expect(response.status, model).toBe(400)
  }
})
