// B4, B5 and issue 5, translation: the official openai client's Responses API, whole and streamed, over an Anthropic
// backend: the tool loop with its signatures, errors in both places, and what would need stored responses.
import { readFileSync } from 'node:fs'
import OpenAI, { APIError, BadRequestError, NotFoundError } from 'openai'
import type { ResponseInput, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readResponsesStream, type StreamEvent } from '../dialects/openai-responses/read-responses-stream.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, type HttpBackendHandler, json } from '../support/http-backend.ts'

const key = 'sk-responses-tester'
const readFixture = (name: string) =>
  readFileSync(new URL(`../providers/anthropic/fixtures/${name}`, import.meta.url), 'utf8')

const manifests = (url: string) => `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { key: ${key}, upstream: sk-upstream }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: policy }
spec: { apiKeys: [{ consumer: tester, secretRef: { name: keys, key: key } }] }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: claude }
spec:
  modelName: claude
  modelProvider: Anthropic
  modelType: LLM
  endpoint: ${url}/v1
  credentials: { type: APIKey, secretRef: { name: keys, key: upstream } }
`

const tools: OpenAI.Responses.FunctionTool[] = [
  {
    type: 'function',
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' }, unit: { type: 'string' } } },
    strict: null,
  },
  { type: 'function', name: 'now', parameters: null, strict: null },
]
const asked = { model: 'claude', input: 'Weather in Zürich?', tools, reasoning: { summary: 'auto' } } as const

/** In pieces of this many bytes. */
function stream(text: string, pieceBytes = 97): HttpBackendHandler {
  return async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      response.write(bytes.subarray(at, at + pieceBytes))
      await new Promise((resolve) => setImmediate(resolve))
    }
    response.end()
  }
}

let backend: HttpBackend
let gateway: TestGateway
let client: OpenAI
beforeAll(async () => {
  backend = await createHttpBackend()
  gateway = await startGateway({ manifests: manifests(backend.url) })
  client = new OpenAI({ apiKey: key, baseURL: `${gateway.url}/v1`, maxRetries: 0, logLevel: 'off' })
})
afterAll(async () => {
  await gateway?.stop()
  await backend?.close()
})

test('a whole answer: reasoning, text, calls, usage', async () => {
  backend.setHandler(json(200, JSON.parse(readFixture('answer.json'))))
  const response = await client.responses.create(asked)
  expect(response.status).toBe('completed')
  expect(response.output_text).toBe("I'll look both up.")
  expect(response.output.map(({ type }) => type)).toEqual([
    'reasoning',
    'reasoning',
    'message',
    'function_call',
    'function_call',
  ])
  expect(response.usage).toMatchObject({
    input_tokens: 471,
    input_tokens_details: { cached_tokens: 300, cache_write_tokens: 100 },
    output_tokens: 143,
    output_tokens_details: { reasoning_tokens: 58 },
  })
  expect(backend.requests.at(-1)?.url).toBe('/v1/messages')
})

test('the tool loop: what the model thought and called comes back to it as it said it', async () => {
  backend.setHandler(stream(readFixture('thinking-tools.sse')))
  const first = await client.responses.stream(asked).finalResponse()
  const calls = first.output.filter((item) => item.type === 'function_call')
  expect(calls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([
    ['get_weather', { city: 'Zürich', unit: 'C' }],
    ['now', {}],
  ])
  backend.setHandler(stream(readFixture('text.sse'), 1))
  const input: ResponseInput = [
    { role: 'user', content: asked.input },
    ...first.output.filter((item) => item.type === 'reasoning' || item.type === 'message'),
    ...calls,
    ...calls.map((call) => ({ type: 'function_call_output' as const, call_id: call.call_id, output: '21 °C' })),
  ]
  const second = await client.responses.stream({ ...asked, input }).finalResponse()
  expect(second.output_text).toBe('Grüße aus 東京 👩‍🚀:\n"ok"')
  expect(backend.requests.at(-1)?.json()).toMatchObject({
    messages: [
      { role: 'user' },
      {
        role: 'assistant',
        content: [
          {
            type: 'thinking',
            thinking: 'Two cities, two calls.',
            signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk=',
          },
          { type: 'redacted_thinking', data: expect.stringMatching(/^EmwKAhgB/) },
          { type: 'text', text: "I'll look both up." },
          { type: 'tool_use', id: calls[0]?.call_id, name: 'get_weather', input: { city: 'Zürich', unit: 'C' } },
          { type: 'tool_use', id: calls[1]?.call_id, name: 'now', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: calls[0]?.call_id },
          { type: 'tool_result', tool_use_id: calls[1]?.call_id },
        ],
      },
    ],
  })
})

test.each(['text.sse', 'thinking-tools.sse'])('%s: the stream is well-formed to the byte', async (name) => {
  backend.setHandler(stream(readFixture(name)))
  const answer = await post({ ...asked, stream: true })
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(readResponsesStream(await answer.text()).at(-1)?.type).toBe('response.completed')
})

test('an answer by a schema is parsed by the client', async () => {
  const message = JSON.parse(readFixture('answer.json'))
  backend.setHandler(json(200, { ...message, content: [{ type: 'text', text: '{"a":1}' }], stop_reason: 'end_turn' }))
  const schema = {
    type: 'object',
    properties: { a: { type: 'integer' } },
    required: ['a'],
    additionalProperties: false,
  }
  const format = { type: 'json_schema', name: 'out', schema, strict: true } as const
  const parsed = await client.responses.parse({ model: 'claude', input: 'Q', text: { format } })
  expect(parsed.output_parsed).toEqual({ a: 1 })
  expect(backend.requests.at(-1)?.json()).toMatchObject({ output_config: { format: { type: 'json_schema', schema } } })
})

describe('errors', () => {
  test('of the backend, before the stream has begun: its status and words', async () => {
    const body = { type: 'error', error: { type: 'invalid_request_error', message: 'max_tokens: too many' } }
    backend.setHandler(json(400, body))
    const error = await client.responses.create({ ...asked, stream: true }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining('max_tokens: too many') })
  })

  test.each([
    ['an error event of the backend', readFixture('overloaded.sse'), 'Overloaded'],
    ['a cut', readFixture('text.sse').split('event: content_block_stop')[0] ?? '', 'ended its response too early'],
  ])('in the middle, by %s: a failed response, then an error that the client throws', async (_, text, message) => {
    backend.setHandler(stream(text))
    const events: ResponseStreamEvent[] = []
    const read = async () => {
      for await (const event of await client.responses.create({ ...asked, stream: true })) events.push(event)
    }
    const thrown = await read().catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(APIError)
    expect(String(thrown)).toContain(message)
    expect(events.at(-1)).toMatchObject({ type: 'response.failed', response: { status: 'failed' } })
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_event, at) => at))
  })
})

describe('what would need stored responses', () => {
  test.each([
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['conversation', { conversation: 'conv_1' }],
    ['background', { background: true }],
    ['input[0]', { input: [{ type: 'item_reference', id: 'rs_1' }] }],
  ])('%s is refused by name', async (param, more) => {
    const before = backend.requests.length
    const { status, body } = await readAnswer(await post({ ...asked, ...more }))
    expect([status, body]).toMatchObject([400, { error: { code: 'unsupported_parameter', param } }])
    expect(backend.requests).toHaveLength(before)
  })

  test.each([
    ['GET', 'responses/resp_1'],
    ['DELETE', 'responses/resp_1'],
    ['POST', 'responses/resp_1/cancel'],
    ['GET', 'responses/resp_1/input_items'],
  ])('%s /v1/%s finds nothing', async (method, path) => {
    const headers = { authorization: `Bearer ${key}` }
    const { status, body } = await readAnswer(await fetch(`${gateway.url}/v1/${path}`, { method, headers }))
    expect([status, body]).toMatchObject([404, { error: { type: 'invalid_request_error' } }])
  })

  test('the official client says so', async () => {
    await expect(client.responses.retrieve('resp_1')).rejects.toBeInstanceOf(NotFoundError)
  })

  test('`store: true` is refused, or dropped where the request says so', async () => {
    backend.setHandler(json(200, JSON.parse(readFixture('answer.json'))))
    const refused = await readAnswer(await post({ ...asked, store: true }))
    expect(refused).toMatchObject({ status: 400, body: { error: { param: 'store' } } })
    const dropped = await post({ ...asked, store: true }, { 'x-sluice-unsupported-parameters': 'drop' })
    expect(dropped.headers.get('x-sluice-dropped')).toBe('store')
    expect(await dropped.json()).toMatchObject({ status: 'completed', store: false })
  })
})

function post(body: unknown, more: Readonly<Record<string, string>> = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more }
  return fetch(`${gateway.url}/v1/responses`, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function readAnswer(answer: Response): Promise<Readonly<{ status: number; body: StreamEvent }>> {
  return { status: answer.status, body: (await answer.json()) as StreamEvent }
}
