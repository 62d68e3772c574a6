// B5: an error that a backend says in the middle of a translated stream reaches the client as what it is, an overload or a
// limit, in the client's own format and the backend's words: the official clients go by its type.
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { createHttpBackend } from '../support/http-backend.ts'

const anthropicStream = [
  {
    type: 'message_start',
    message: { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], usage: {} },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
  { type: 'error', error: { type: 'overloaded_error', message: 'Too many at once' } },
]
const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' }
const openAiStream = [
  { ...chunk, choices: [{ index: 0, delta: { role: 'assistant', content: 'Hi' } }] },
  { error: { message: 'Too many at once', type: 'requests', param: null, code: 'rate_limit_exceeded' } },
]

test.each([
  ['Anthropic', 'chat/completions', { type: 'server_error', message: 'Too many at once' }],
  ['OpenAI', 'messages', { type: 'rate_limit_error', message: 'Too many at once' }],
])('of %s to %s', async (provider, operation, expected) => {
  const backend = await createHttpBackend((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (provider === 'OpenAI') for (const event of openAiStream) response.write(`data: ${JSON.stringify(event)}\n\n`)
    else {
      for (const event of anthropicStream) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    }
    response.end()
  })
  onTestFinished(() => backend.close())
  const gateway = await startGateway({
    manifests: `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: m }
spec: { modelName: m, modelProvider: ${provider}, modelType: LLM, endpoint: '${backend.url}/v1' }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: m }
spec: { path: /m, modelName: m, authentication: false }`,
  })
  onTestFinished(() => gateway.stop())
  const response = await fetch(`${gateway.url}/m/${operation}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  let text = ''
  await expect(async () => {
    for await (const bytes of response.body ?? []) text += Buffer.from(bytes).toString()
  }).rejects.toThrow()
  expect(text).toContain('"Hi"')
  const last: unknown = JSON.parse(/data: (.*)\n\n$/.exec(text)?.[1] ?? '')
  expect(last).toMatchObject({ error: expected })
  expect(text.includes('event: error\n')).toBe(operation === 'messages')
})
