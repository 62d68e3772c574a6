// A conversation in Anthropic's words may have been answered by others before: what they thought has no signature that
// Anthropic would take, and must not make it refuse the whole. All that it wrote itself passes to the byte.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayManifests, startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'

let backend: HttpBackend
let gateway: TestGateway
beforeAll(async () => {
  backend = await createHttpBackend(json(200, { type: 'message', content: [], stop_reason: 'end_turn' }))
  const model = (name: string) => `apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${name}
  modelProvider: Anthropic
  modelType: LLM
  endpoint: ${backend.url}
  credentials: { type: APIKey, secretRef: { name: upstream, key: token } }
`
  gateway = await startGateway({
    manifests: gatewayManifests(backend.url, [model('claude'), model('kimi')].join('---\n')),
  })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

async function send(body: string, path = '/v1/messages') {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${testKey}` }
  const response = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body })
  expect(response.status).toBe(200)
  await response.text()
  return { dropped: response.headers.get('x-sluice-dropped'), text: backend.requests.at(-1)?.text ?? '' }
}

const write = (answers: readonly (readonly object[])[], space = '') => {
  const messages = answers.flatMap((content, at) => [
    { role: 'user', content: `q${at}` },
    { role: 'assistant', content },
  ])
  const body = { model: 'claude', max_tokens: 9, messages: [...messages, { role: 'user', content: 'and now?' }] }
  return JSON.stringify(body).replaceAll('"signature":', `"signature":${space}`)
}
const thinking = (signature: string) => ({ type: 'thinking', thinking: 'Hm.', signature })
const text = { type: 'text', text: 'a' }
const call = { type: 'tool_use', id: 't', name: 'f', input: { id: 1 } }

test.each(['', 'gemini:R1NJ', 'gemini-text:R1NJ'])('a signature "%s" is not Anthropic’s', async (signature) => {
  for (const space of ['', ' ']) {
    const { dropped, text: sent } = await send(write([[text], [thinking(signature), call]], space))
    expect(dropped).toBe('messages[3].content[0]')
    expect(JSON.parse(sent).messages[3]).toEqual({ role: 'assistant', content: [call] })
    expect(sent).not.toContain('thinking')
  }
})

test('an answer of nothing else goes as a whole; what Anthropic wrote stays', async () => {
  const { text: sent } = await send(write([[thinking('')], [thinking('EqQB'), text]]))
  expect(JSON.parse(sent).messages).toEqual([
    { role: 'user', content: 'q0' },
    { role: 'user', content: 'q1' },
    { role: 'assistant', content: [thinking('EqQB'), text] },
    { role: 'user', content: 'and now?' },
  ])
})

test('where all of it is Anthropic’s, or only talks of signatures, the bytes pass', async () => {
  const own = write([[thinking('EqQB'), call]])
  expect(await send(own)).toEqual({ dropped: null, text: own })
  const talk =
    '{"model":"claude","max_tokens":9,"messages":[{"role":"user","content":[ {"type":"x","signature":""} ]}]}'
  expect(await send(talk)).toEqual({ dropped: null, text: talk })
  const other = write([[thinking(''), call]]).replace('"model":"claude"', '"model":"kimi"')
  expect(await send(other)).toEqual({ dropped: null, text: other })
  const counted = await send(write([[thinking(''), text]]), '/v1/messages/count_tokens')
  expect(counted.dropped).toBe('messages[1].content[0]')
})
