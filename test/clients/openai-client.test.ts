// The official `openai` client, unchanged, against a running gateway: with `baseURL` at the gateway's /v1 and at a
// model's own path.
import OpenAI, {
  APIConnectionError,
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const key = 'sk-team-a'
const narrowKey = 'sk-team-b'

const manifests = `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { a: ${key}, b: ${narrowKey} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: teams }
spec:
  apiKeys:
    - { consumer: team-a, secretRef: { name: keys, key: a } }
    - { consumer: team-b, secretRef: { name: keys, key: b } }
  consumers:
    - { name: team-b, models: ["embed-*"] }
---
apiVersion: llm.example.com/v1
kind: LLMModelConfig
metadata: { name: gemma }
spec:
  modelName: gemma-2b-it
  modelProvider: HuggingFace
  inferenceImage: registry.example/gemma:v1
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: embed }
spec:
  modelName: embed-small
  modelProvider: VLLM
  modelType: Embedding
  endpoint: http://embed.default.svc.cluster.local/v1
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: embed-large }
spec:
  modelName: org/embed-large
  modelProvider: VLLM
  modelType: Embedding
  endpoint: http://embed.default.svc.cluster.local/v1
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: gone }
spec:
  modelName: gone
  modelProvider: VLLM
  modelType: LLM
  endpoint: http://127.0.0.1:1/v1
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: scarce }
spec:
  path: /scarce
  modelName: gemma-2b-it-scarce
  rateLimit: { requestsPerHour: 1 }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: scarce }
spec:
  modelName: gemma-2b-it-scarce
  modelProvider: VLLM
  modelType: LLM
  endpoint: http://gemma.default.svc.cluster.local:8000/v1
`

const tools: OpenAI.Chat.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
]
const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: 'user', content: 'What is the weather in Oslo? 🌧️' }]

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ manifests, settings: { simulate: true } })
})
afterAll(() => gateway.stop())

const createClient = (path: string, apiKey = key) =>
  new OpenAI({ apiKey, baseURL: `${gateway.url}${path}`, maxRetries: 0 })

describe.each([
  ['the shared surface', '/v1'],
  ['the model’s own path', '/v1/gemma-2b-it'],
])('openai client at %s', (_name, path) => {
  test('chat', async () => {
    const answer = await createClient(path).chat.completions.create({ model: 'gemma-2b-it', messages })
    expect(answer.choices[0]?.message.content).toBeTruthy()
    expect(answer.model).toBe('gemma-2b-it')
    expect(answer.usage?.total_tokens).toBeGreaterThan(0)
  })

  test('stream with usage, ended by its own end', async () => {
    const stream = await createClient(path).chat.completions.create({
      model: 'gemma-2b-it',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let finishReason: string | null = null
    let usage: OpenAI.CompletionUsage | null | undefined = null
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      finishReason ??= chunk.choices[0]?.finish_reason ?? null
      usage = chunk.usage ?? usage
    }
    expect(text).not.toBe('')
    expect(finishReason).toBe('stop')
    expect(usage?.completion_tokens).toBeGreaterThan(0)
  })

  test('tools, unary and streamed', async () => {
    const client = createClient(path)
    const answer = await client.chat.completions.create({
      model: 'gemma-2b-it',
      messages,
      tools,
      tool_choice: 'required',
    })
    const call = answer.choices[0]?.message.tool_calls?.[0]
    expect(call?.type === 'function' ? JSON.parse(call.function.arguments) : null).toHaveProperty('city')
    const runner = client.chat.completions.stream({ model: 'gemma-2b-it', messages, tools, tool_choice: 'required' })
    const final = await runner.finalChatCompletion()
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'get_weather' } })
  })

  test('legacy completions', async () => {
    const answer = await createClient(path).completions.create({ model: 'gemma-2b-it', prompt: 'Once upon a time' })
    expect(answer.choices[0]?.text).toBeTruthy()
  })

  test('models list', async () => {
    const ids = (await createClient(path).models.list()).data.map(({ id }) => id)
    expect(ids).toContain('gemma-2b-it')
  })

  test('one model by its id', async () => {
    const client = createClient(path)
    expect((await client.models.retrieve('gemma-2b-it')).id).toBe('gemma-2b-it')
    await expect(client.models.retrieve('nope')).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
  })
})

test('embeddings, as base64 (the client’s default) and as numbers', async () => {
  const client = createClient('/v1')
  const [base64, numbers] = await Promise.all([
    client.embeddings.create({ model: 'embed-small', input: ['one', 'two'] }),
    client.embeddings.create({ model: 'embed-small', input: ['one', 'two'], encoding_format: 'float' }),
  ])
  expect(base64.data).toHaveLength(2)
  expect(base64.data[0]?.embedding.length).toBe(numbers.data[0]?.embedding.length)
})

test('the responses API, unary and streamed', async () => {
  const client = createClient('/v1')
  const answer = await client.responses.create({ model: 'gemma-2b-it', input: 'Say hello' })
  expect(answer.output_text).toBeTruthy()
  const types: string[] = []
  for await (const event of await client.responses.create({ model: 'gemma-2b-it', input: 'Say hello', stream: true })) {
    types.push(event.type)
  }
  expect(types.at(-1)).toBe('response.completed')
})

test('one model by id, and only what the key may use', async () => {
  expect((await createClient('/v1').models.retrieve('gemma-2b-it')).id).toBe('gemma-2b-it')
  // The client writes the slash as %2F.
  expect((await createClient('/v1').models.retrieve('org/embed-large')).id).toBe('org/embed-large')
  const narrow = createClient('/v1', narrowKey)
  expect((await narrow.models.list()).data.map(({ id }) => id)).toEqual(['embed-small'])
  await expect(narrow.models.retrieve('gemma-2b-it')).rejects.toBeInstanceOf(NotFoundError)
})

describe('errors map to the client’s classes', () => {
  const chat = (client: OpenAI, model = 'gemma-2b-it') => client.chat.completions.create({ model, messages })
  const code = { asymmetricMatch: (value: unknown) => typeof value === 'string' && value !== '' }

  test('401', async () => {
    const error = await chat(createClient('/v1', 'sk-wrong')).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ code: 'invalid_api_key', requestID: code })
  })

  test('403', async () => {
    await expect(chat(createClient('/v1', narrowKey))).rejects.toBeInstanceOf(PermissionDeniedError)
    await expect(chat(createClient('/v1', narrowKey))).rejects.toMatchObject({ code: 'model_not_allowed' })
  })

  test('404', async () => {
    await expect(chat(createClient('/v1'), 'nope')).rejects.toBeInstanceOf(NotFoundError)
    await expect(chat(createClient('/v1'), 'nope')).rejects.toMatchObject({ code: 'model_not_found', param: 'model' })
  })

  test('400 from the backend passes through', async () => {
    const wrong = createClient('/v1').chat.completions.create({ model: 'gemma-2b-it', messages: [] })
    await expect(wrong).rejects.toBeInstanceOf(BadRequestError)
  })

  test('429 with retry-after', async () => {
    const client = createClient('/scarce')
    await chat(client, 'gemma-2b-it-scarce')
    const error = await chat(client, 'gemma-2b-it-scarce').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error instanceof APIError ? Number(error.headers?.get('retry-after')) : 0).toBeGreaterThanOrEqual(1)
  })

  test('502 where nothing answers', async () => {
    const error = await chat(createClient('/v1'), 'gone').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(InternalServerError)
    expect(error).toMatchObject({ status: 502, code: 'upstream_error' })
    expect(error).not.toBeInstanceOf(APIConnectionError)
  })
})
