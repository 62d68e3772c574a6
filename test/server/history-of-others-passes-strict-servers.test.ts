// A conversation that Anthropic or Google has answered goes on at a server that refuses what it doesn't know: what our own
// answers have left in it is taken out and named, and all else passes to the byte.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayManifests, startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'

const providers = ['OpenAI', 'Mistral', 'Groq', 'VLLM', 'DeepSeek'] as const

let backend: HttpBackend
let gateway: TestGateway
beforeAll(async () => {
  backend = await createHttpBackend(json(200, { id: 'x', choices: [] }))
  const models = providers.map(
    (provider) => `apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${provider.toLowerCase()} }
spec:
  modelName: ${provider}
  modelProvider: ${provider}
  modelType: LLM
  endpoint: ${backend.url}
  credentials: { type: APIKey, secretRef: { name: upstream, key: token } }
`,
  )
  gateway = await startGateway({ manifests: gatewayManifests(backend.url, models.join('---\n')) })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

async function send(path: string, body: object) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${testKey}` }
  const response = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(response.status, await response.text()).toBe(200)
  return { dropped: response.headers.get('x-sluice-dropped'), text: backend.requests.at(-1)?.text ?? '' }
}

const call = { id: 'toolu_01A09q90qw90lq917835lq9', type: 'function', function: { name: 'f', arguments: '{}' } }
const plain = { role: 'assistant', content: null, tool_calls: [call] }
const signed = { ...call, extra_content: { google: { thought_signature: 'R1NJ' } } }
const result = { role: 'tool', tool_call_id: call.id, content: '"reasoning_content" is a name' }
const chat = (model: string, answer: object) => ({ model, messages: [{ role: 'user', content: 'q' }, answer, result] })

test.each(['OpenAI', 'Groq'])('%s gets neither reasoning nor the proofs of others', async (model) => {
  const thought = { reasoning_content: 'Hm.', thinking_blocks: [{ type: 'thinking', thinking: 'Hm.', signature: 'E' }] }
  const { dropped, text } = await send('/v1/chat/completions', chat(model, { ...plain, ...thought }))
  expect(dropped).toBe('messages[1].reasoning_content')
  expect(JSON.parse(text)).toEqual(chat(model, plain))
  const called = await send('/v1/chat/completions', chat(model, { ...plain, tool_calls: [signed] }))
  expect(called.dropped).toBe('messages[1].tool_calls[0].extra_content')
  expect(JSON.parse(called.text)).toEqual(chat(model, plain))
})

test('Mistral gets ids of calls as it takes them, too, the same for call and result', async () => {
  const { dropped, text } = await send('/v1/chat/completions', chat('Mistral', plain))
  const { messages } = JSON.parse(text)
  expect(dropped).toBeNull()
  expect(messages[1].tool_calls[0].id).toMatch(/^[A-Za-z0-9]{9}$/)
  expect(messages[2].tool_call_id).toBe(messages[1].tool_calls[0].id)
  const thought = await send('/v1/chat/completions', chat('Mistral', { ...plain, reasoning_content: 'Hm.' }))
  expect(thought.dropped).toBe('messages[1].reasoning_content')
})

test('what is the server’s own passes to the byte', async () => {
  for (const [model, answer] of [
    ['VLLM', { ...plain, reasoning_content: 'Hm.', tool_calls: [signed] }],
    ['DeepSeek', { ...plain, reasoning_content: 'Hm.' }],
    ['OpenAI', plain],
    ['Mistral', { ...plain, tool_calls: [] }],
  ] as const) {
    const own =
      model === 'Mistral' ? { model, messages: [{ role: 'user', content: 'q' }, answer] } : chat(model, answer)
    expect(await send('/v1/chat/completions', own)).toEqual({ dropped: null, text: JSON.stringify(own) })
  }
})

test('items of reasoning that we have made ourselves are nobody else’s', async () => {
  const ask = (...items: readonly object[]) => ({ model: 'OpenAI', input: [{ role: 'user', content: 'q' }, ...items] })
  const output = { type: 'function_call_output', call_id: call.id, output: 'r' }
  const sealed = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sluice.e30=' }
  const unsigned = { type: 'reasoning', id: `rs_${'0a'.repeat(16)}0`, summary: [], content: [] }
  const { dropped, text } = await send('/v1/responses', ask(sealed, unsigned, output))
  expect(dropped).toBe('input[1]')
  expect(JSON.parse(text)).toEqual(ask(output))
  const own = ask({ type: 'reasoning', id: `rs_${'0a'.repeat(25)}`, summary: [], encrypted_content: 'gAAAA' }, output)
  expect(await send('/v1/responses', own)).toEqual({ dropped: null, text: JSON.stringify(own) })
})
