// The official `@anthropic-ai/sdk` client, unchanged, against a running gateway: with `baseURL` at the gateway and at a
// model's own path; bytes that pass to Anthropic, and the same calls onto backends that speak OpenAI's API.
import { readFileSync } from 'node:fs'
import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  OverloadedError,
  PermissionDeniedError,
  RateLimitError,
} from '@anthropic-ai/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json, type SeenRequest } from '../support/http-backend.ts'

const key = 'sk-team-a'
const narrowKey = 'sk-team-b'
const upstreamKey = 'sk-ant-upstream-canary'

const renderManifests = (endpoint: string) => `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { a: ${key}, b: ${narrowKey}, upstream: ${upstreamKey} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: teams }
spec:
  apiKeys:
    - { consumer: team-a, secretRef: { name: keys, key: a } }
    - { consumer: team-b, secretRef: { name: keys, key: b } }
  consumers:
    - { name: team-b, models: ["other-*"] }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: claude }
spec:
  modelName: claude
  modelProvider: Anthropic
  modelType: LLM
  upstreamModel: claude-sonnet-5
  endpoint: ${endpoint}/v1
  credentials: { type: APIKey, secretRef: { name: keys, key: upstream } }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: tuned }
spec:
  modelName: tuned
  modelProvider: Anthropic
  modelType: LLM
  upstreamModel: claude-sonnet-4-5
  endpoint: ${endpoint}/v1
  parameters: { maxTokens: 1000, topK: 40, stop: END, seed: 1 }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: gpt }
spec:
  modelName: gpt
  modelProvider: OpenAI
  modelType: LLM
  endpoint: ${endpoint}/v1
  parameters: { maxTokens: 64, stop: END }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: simulated }
spec:
  modelName: simulated
  modelProvider: Anthropic
  modelType: LLM
  endpoint: http://claude.default.svc.cluster.local/v1
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: simulated-custom }
spec:
  modelName: simulated-custom
  modelProvider: Custom
  modelType: LLM
  endpoint: http://custom.default.svc.cluster.local/v1
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: scarce }
spec:
  path: /scarce
  backends: [{ modelRef: { name: claude, kind: AIModel } }]
  rateLimit: { requestsPerHour: 1 }
`

let backend: HttpBackend
let gateway: TestGateway
beforeAll(async () => {
  backend = await createHttpBackend()
  gateway = await startGateway({ manifests: renderManifests(backend.url), settings: { simulate: true } })
})
beforeEach(() => backend.setHandler(json(500, {})))
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

const createClient = (path = '', apiKey = key) =>
  new Anthropic({ apiKey, baseURL: `${gateway.url}${path}`, maxRetries: 0 })

const hello = { max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hello' }] }
const readFixture = (name: string) =>
  readFileSync(new URL(`../providers/anthropic/fixtures/${name}`, import.meta.url), 'utf8')

function answerStream(name: string): void {
  backend.setHandler((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': 'req_backend' })
    response.end(readFixture(name))
  })
}

const catchError = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  )

describe.each([
  ['the shared surface', ''],
  ['the model’s own path', '/v1/claude'],
])('bytes pass to Anthropic from %s', (_name, path) => {
  test('unary, with our credential and the model’s own name', async () => {
    const answer = readFixture('answer.json')
    backend.setHandler((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_backend' })
      response.end(answer)
    })
    const asked = {
      ...hello,
      model: 'claude',
      stop_sequences: ['X'],
      thinking: { type: 'adaptive' as const },
      container: null,
    }
    const { data, response, request_id } = await createClient(path).messages.create(asked).withResponse()
    expect(data).toMatchObject(JSON.parse(answer))
    expect(request_id).toBe('req_backend')
    expect(response.headers.get('x-request-id')).not.toBe('req_backend')
    const seen = backend.requests.at(-1)
    expect(seen?.url).toBe('/v1/messages')
    expect(seen?.headers).toMatchObject({ 'x-api-key': upstreamKey, 'anthropic-version': expect.stringMatching(/^20/) })
    expect(seen?.headers).not.toHaveProperty('authorization')
    expect(seen?.text).toBe(JSON.stringify({ ...asked, model: 'claude-sonnet-5' }))
  })

  test('B1: a stream, to the byte', async () => {
    answerStream('thinking-tools.sse')
    const response = await fetch(`${gateway.url}${path}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ ...hello, model: 'claude', stream: true }),
    })
    expect(await response.text()).toBe(readFixture('thinking-tools.sse'))
    const final = await createClient(path)
      .messages.stream({ ...hello, model: 'claude' })
      .finalMessage()
    expect(final.content.map(({ type }) => type)).toEqual([
      'thinking',
      'redacted_thinking',
      'text',
      'tool_use',
      'tool_use',
    ])
    expect(final.usage.output_tokens).toBe(143)
  })

  test('the count of tokens', async () => {
    backend.setHandler(json(200, { input_tokens: 14 }))
    const count = await createClient(path).messages.countTokens({ model: 'claude', messages: hello.messages })
    expect(count.input_tokens).toBe(14)
    expect(backend.requests.at(-1)?.url).toBe('/v1/messages/count_tokens')
  })

  test('the backend’s errors in its own words', async () => {
    const envelope = (type: string) => ({ type: 'error', error: { type, message: 'No.' }, request_id: 'req_backend' })
    const ask = () => catchError(createClient(path).messages.create({ ...hello, model: 'claude' }))
    backend.setHandler(json(529, envelope('overloaded_error')))
    const overloaded = await ask()
    expect(overloaded).toBeInstanceOf(OverloadedError)
    expect(overloaded).toMatchObject({ type: 'overloaded_error', error: { request_id: 'req_backend' } })
    backend.setHandler(json(400, envelope('invalid_request_error')))
    expect(await ask()).toBeInstanceOf(BadRequestError)
  })
})

test('B4: an error in a stream reaches the client, and no clean end', async () => {
  answerStream('overloaded.sse')
  const stream = await createClient().messages.create({ ...hello, model: 'claude', stream: true })
  let text = ''
  const error = await catchError(
    (async () => {
      for await (const event of stream) {
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text
      }
    })(),
  )
  expect(text).toBe('Half')
  expect(error).toBeInstanceOf(APIError)
  expect(error).toMatchObject({ type: 'overloaded_error' })
})

test('B4: the words of an end inside a text are no end', async () => {
  const [head = ''] = readFixture('overloaded.sse').split('event: error')
  const text = 'event: message_stop {"type":"message_stop"}'
  const event = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }
  backend.setHandler((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`${head}event: content_block_delta\ndata: ${JSON.stringify(event)}\n\n`, () => response.destroy())
  })
  const asked = { ...hello, model: 'claude' }
  expect(await catchError(createClient().messages.stream(asked).finalMessage())).toMatchObject({ type: 'api_error' })
})

test('defaults go by Anthropic’s names; what the client’s version of the API refuses is left out and named', async () => {
  backend.setHandler(json(200, JSON.parse(readFixture('answer.json'))))
  const post = async (version: string) => {
    const response = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': version },
      body: JSON.stringify({ model: 'tuned', messages: hello.messages }),
    })
    return { dropped: response.headers.get('x-sluice-dropped'), body: backend.requests.at(-1)?.json() }
  }
  const asked = { model: 'claude-sonnet-4-5', messages: hello.messages, max_tokens: 1000, stop_sequences: ['END'] }
  expect(await post('2023-06-01')).toEqual({ dropped: null, body: { ...asked, top_k: 40 } })
  expect(await post('2026-10-21')).toEqual({ dropped: 'top_k', body: asked })
})

test('D2: a list of other models is refused', async () => {
  const asked = { ...hello, model: 'claude', fallbacks: [{ model: 'other' }] }
  expect(await catchError(createClient().messages.create(asked))).toMatchObject({
    status: 400,
    error: { error: { code: 'unsupported_parameter' } },
  })
})

test('a bare path of a model is Anthropic’s to Anthropic’s clients, chat to others', async () => {
  backend.setHandler(json(200, JSON.parse(readFixture('answer.json'))))
  const post = (headers: Record<string, string>) =>
    fetch(`${gateway.url}/v1/claude`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(hello),
    }).then((response) => response.json())
  expect(await post({ 'anthropic-version': '2023-06-01' })).toMatchObject({ type: 'message' })
  expect(await post({})).toMatchObject({ object: 'chat.completion' })
})

describe('onto a backend that speaks OpenAI’s API', () => {
  const tools: Anthropic.Tool[] = [
    {
      name: 'get_weather',
      description: 'Weather of a city',
      input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  ]
  const created = 1_760_000_000

  test('a conversation with tools, images and a system prompt', async () => {
    backend.setHandler(
      json(200, {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created,
        model: 'gpt-5',
        choices: [
          {
            index: 0,
            message: {
              role: 'assistant',
              content: 'Looking.',
              refusal: null,
              tool_calls: [
                { id: 'call_9', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Bern"}' } },
              ],
            },
            logprobs: null,
            finish_reason: 'tool_calls',
          },
        ],
        usage: {
          prompt_tokens: 120,
          completion_tokens: 30,
          total_tokens: 150,
          prompt_tokens_details: { cached_tokens: 100 },
          completion_tokens_details: { reasoning_tokens: 12 },
        },
      }),
    )
    const answer = await createClient().messages.create({
      model: 'gpt',
      max_tokens: 200,
      system: 'Be brief.',
      tools,
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Which city is this?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'call_8', name: 'get_weather', input: { city: 'X' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_8', content: 'Unknown', is_error: true }] },
      ],
    })
    expect(answer).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'gpt-5',
      content: [
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', id: 'call_9', name: 'get_weather', input: { city: 'Bern' } },
      ],
      stop_reason: 'tool_use',
      usage: {
        input_tokens: 20,
        cache_read_input_tokens: 100,
        output_tokens: 30,
        output_tokens_details: { thinking_tokens: 12 },
      },
    })
    const seen = backend.requests.at(-1)
    expect(seen?.url).toBe('/v1/chat/completions')
    expect(seen?.headers).not.toHaveProperty('anthropic-version')
    expect(readMessages(seen).map(({ role }) => role)).toEqual([
      expect.stringMatching(/system|developer/),
      'user',
      'assistant',
      'tool',
    ])
    expect(seen?.json()).toMatchObject({ tool_choice: 'required', parallel_tool_calls: false, stop: ['END'] })
  })

  test('a stream', async () => {
    const chunk = (delta: object, finish: string | null = null) => ({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created,
      model: 'gpt-5',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      usage: null,
    })
    const call = (index: number, fields: object) => chunk({ tool_calls: [{ index, ...fields }] })
    const chunks = [
      chunk({ role: 'assistant', content: '', refusal: null }),
      chunk({ content: 'Look' }),
      chunk({ content: 'ing.' }),
      call(0, { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '' } }),
      call(0, { function: { arguments: '{"city":' } }),
      call(0, { function: { arguments: '"Bern"}' } }),
      call(1, { id: 'call_2', type: 'function', function: { name: 'get_weather', arguments: '' } }),
      call(1, { function: { arguments: '{"city":"Rome"}' } }),
      chunk({}, 'tool_calls'),
      {
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created,
        model: 'gpt-5',
        choices: [],
        usage: { prompt_tokens: 50, completion_tokens: 20, total_tokens: 70 },
      },
    ]
    backend.setHandler((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      for (const data of chunks) response.write(`data: ${JSON.stringify(data)}\n\n`)
      response.end('data: [DONE]\n\n')
    })
    const stream = createClient('/v1/gpt').messages.stream({ ...hello, model: 'gpt', tools })
    const texts: string[] = []
    stream.on('text', (text) => texts.push(text))
    const final = await stream.finalMessage()
    expect(texts).toEqual(['Look', 'ing.'])
    expect(final).toMatchObject({
      content: [
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', id: 'call_1', input: { city: 'Bern' } },
        { type: 'tool_use', id: 'call_2', input: { city: 'Rome' } },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 50, output_tokens: 20 },
    })
  })

  test('the backend’s errors become Anthropic’s', async () => {
    const message = "This model's maximum context length is 128000 tokens."
    const error = { message, type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' }
    backend.setHandler(json(400, { error }))
    const thrown = await catchError(createClient().messages.create({ ...hello, model: 'gpt' }))
    expect(thrown).toBeInstanceOf(BadRequestError)
    expect(thrown).toMatchObject({ type: 'invalid_request_error', apiMessage: message })
  })

  test('what it has not is refused by name, or left out where the client says so', async () => {
    const asked = { ...hello, model: 'gpt', context_management: { edits: [] } }
    const thrown = await catchError(createClient().messages.create(asked))
    expect(thrown).toBeInstanceOf(BadRequestError)
    expect(thrown).toMatchObject({
      error: { error: { type: 'invalid_request_error', code: 'unsupported_parameter', message: /context_management/ } },
    })
    const webSearch = { type: 'web_search_20250305' as const, name: 'web_search' as const }
    const refused = await catchError(createClient().messages.create({ ...hello, model: 'gpt', tools: [webSearch] }))
    expect(refused).toMatchObject({ status: 400, apiMessage: expect.stringContaining('tools[0].type') })
    backend.setHandler(
      json(200, {
        id: 'c',
        object: 'chat.completion',
        created,
        model: 'gpt-5',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
      }),
    )
    const { response } = await createClient()
      .messages.create(asked, { headers: { 'x-sluice-unsupported-parameters': 'drop' } })
      .withResponse()
    expect(response.headers.get('x-sluice-dropped')).toBe('context_management')
  })

  test('the count of tokens is not offered, and says so', async () => {
    const thrown = await catchError(createClient().messages.countTokens({ model: 'gpt', messages: hello.messages }))
    expect(thrown).toBeInstanceOf(BadRequestError)
    expect(thrown).toMatchObject({ apiMessage: expect.stringContaining('messages/count_tokens') })
  })
})

describe.each(['simulated', 'simulated-custom'])('the simulator behind %s', (model) => {
  test('unary, streamed, with tools', async () => {
    const client = createClient()
    const answer = await client.messages.create({ ...hello, model })
    expect(answer).toMatchObject({ type: 'message', stop_reason: 'end_turn', content: [{ type: 'text' }] })
    const final = await client.messages
      .stream({
        ...hello,
        model,
        tools: [
          { name: 'f', input_schema: { type: 'object', properties: { x: { type: 'string' } }, required: ['x'] } },
        ],
        tool_choice: { type: 'any' },
      })
      .finalMessage()
    expect(final.stop_reason).toBe('tool_use')
    expect(final.content.at(-1)).toMatchObject({ type: 'tool_use', name: 'f', input: { x: expect.anything() } })
    expect(final.usage.output_tokens).toBeGreaterThan(0)
  })
})

describe('models', () => {
  test('by pages, as Anthropic lists them', async () => {
    const client = createClient()
    const ids: string[] = []
    for await (const model of client.models.list({ limit: 1 })) {
      expect(model).toMatchObject({ type: 'model', created_at: expect.stringMatching(/^\d{4}-.*Z$/) })
      ids.push(model.id)
    }
    expect(ids.toSorted()).toEqual(['claude', 'gpt', 'simulated', 'simulated-custom', 'tuned'])
    const [first = '', second = ''] = ids
    const before = await client.models.list({ before_id: second })
    expect({ ids: before.data.map(({ id }) => id), more: before.has_more }).toEqual({ ids: [first], more: false })
    expect(await catchError(Promise.resolve(client.models.list({ limit: 0 })))).toBeInstanceOf(BadRequestError)
  })

  test('one by its id', async () => {
    expect(await createClient().models.retrieve('claude')).toMatchObject({ id: 'claude', display_name: 'claude' })
    expect(await catchError(createClient().models.retrieve('nope'))).toBeInstanceOf(NotFoundError)
  })
})

describe('our own errors map to the client’s classes', () => {
  const ask = (client: Anthropic, model = 'claude') => catchError(client.messages.create({ ...hello, model }))

  test('E11: each with Anthropic’s type, our code and a request id to quote', async () => {
    const unknown = await ask(createClient('', 'sk-wrong'))
    expect(unknown).toBeInstanceOf(AuthenticationError)
    expect(unknown).toMatchObject({ type: 'authentication_error', error: { error: { code: 'invalid_api_key' } } })
    const { requestID, error } = unknown instanceof APIError ? unknown : {}
    expect(requestID).toMatch(/^[\w-]{10,}$/)
    expect(error).toMatchObject({ request_id: requestID })

    expect(await ask(createClient('', narrowKey))).toBeInstanceOf(PermissionDeniedError)
    expect(await ask(createClient(), 'nope')).toBeInstanceOf(NotFoundError)
    expect(await ask(createClient('/nowhere'))).toMatchObject({ status: 404, type: 'not_found_error' })
    const wrong = await catchError(createClient().messages.create({ ...hello, model: 'gpt', max_tokens: 0 }))
    expect(wrong).toBeInstanceOf(BadRequestError)
  })

  test('E11: 429 with retry-after', async () => {
    backend.setHandler(json(200, JSON.parse(readFixture('answer.json'))))
    expect(await ask(createClient('/scarce'))).toBeNull()
    const error = await ask(createClient('/scarce'))
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error instanceof APIError ? Number(error.headers?.get('retry-after')) : 0).toBeGreaterThanOrEqual(1)
  })

  test('502 where the backend refuses our credential, without its words', async () => {
    backend.setHandler(json(401, { type: 'error', error: { type: 'authentication_error', message: upstreamKey } }))
    const error = await ask(createClient())
    expect(error).toBeInstanceOf(InternalServerError)
    expect(JSON.stringify(error)).not.toContain(upstreamKey)
    expect(error).toMatchObject({ status: 502, type: 'api_error' })
  })
})

function readMessages(request: SeenRequest | undefined): readonly Readonly<{ role: string }>[] {
  const body: Readonly<{ messages: readonly Readonly<{ role: string }>[] }> = JSON.parse(
    request?.text ?? '{"messages":[]}',
  )
  return body.messages
}
