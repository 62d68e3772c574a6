// The official openai client talks to Gemini and to Vertex AI through the gateway: the backends are scripted, to the byte.
import { readFileSync } from 'node:fs'
import OpenAI, { APIError } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { gatewayManifests, startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, type HttpBackendHandler, json } from '../support/http-backend.ts'
import { createKeyFile, createTokenEndpoint, serviceAccountPem, type TokenEndpoint } from '../support/token-endpoint.ts'

const readFixture = (name: string) => readFileSync(new URL(`../providers/google/fixtures/${name}`, import.meta.url))

const answerWith =
  (name: string, status = 200): HttpBackendHandler =>
  (_request, response) => {
    const type = name.endsWith('.sse') ? 'text/event-stream' : 'application/json; charset=UTF-8'
    response.writeHead(status, { 'content-type': type })
    response.end(readFixture(name))
  }

let google: HttpBackend
let issuer: TokenEndpoint
let gateway: TestGateway
let client: OpenAI

beforeAll(async () => {
  google = await createHttpBackend()
  issuer = await createTokenEndpoint()
  const model = (name: string, provider: string, type: string, endpoint: string, secret: string) => `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${name}
  modelProvider: ${provider}
  modelType: LLM
  upstreamModel: gemini-2.5-pro
  endpoint: ${endpoint}
  credentials: { type: ${type}, secretRef: { name: google, key: ${secret} } }
`
  const keyFile = createKeyFile(issuer.tokenUrl)
  const manifests = [
    `
apiVersion: v1
kind: Secret
metadata: { name: google }
stringData:
  key: AIza-canary-31c7
  account: ${JSON.stringify(keyFile)}
  revoked: ${JSON.stringify(createKeyFile(issuer.tokenUrl, { private_key_id: 'other' }))}
  broken: ${JSON.stringify(keyFile.replace('BEGIN PRIVATE KEY', 'BEGIN NOTHING'))}
`,
    model('gemini', 'GoogleGemini', 'APIKey', `${google.url}/v1beta`, 'key'),
    model('express', 'GoogleVertexAI', 'APIKey', `${google.url}/v1`, 'key'),
    model('vertex', 'GoogleVertexAI', 'GCP', `${google.url}/v1`, 'account'),
    model('regional', 'GoogleVertexAI', 'GCP', `${google.url}/v1/projects/p-1/locations/europe-west4`, 'revoked'),
    model('broken', 'GoogleVertexAI', 'GCP', `${google.url}/v1`, 'broken'),
    model('claude', 'GoogleVertexAI', 'GCP', `${google.url}/v1`, 'account').replace(
      'gemini-2.5-pro',
      'publishers/anthropic/models/claude-sonnet-4',
    ),
  ]
  gateway = await startGateway({ manifests: gatewayManifests(google.url, manifests.join('\n---')) })
  client = new OpenAI({ apiKey: testKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})

afterAll(async () => {
  await gateway.stop()
  await Promise.all([google.close(), issuer.close()])
})

beforeEach(() => issuer.restore())

const messages = [{ role: 'user', content: 'Hi' }] as const
const lastRequest = () => {
  const request = google.requests.at(-1)
  if (request === undefined) throw new Error('nothing was sent')
  return request
}

test('Gemini, unary: thoughts, text, every kind of token', async () => {
  google.setHandler(answerWith('gemini-answer.json'))
  const answer = await client.chat.completions.create({
    model: 'gemini',
    messages: [...messages],
    reasoning_effort: 'low',
  })
  const { url, headers, text } = lastRequest()
  expect(url).toBe('/v1beta/models/gemini-2.5-pro:generateContent')
  expect(headers).toMatchObject({ 'x-goog-api-key': 'AIza-canary-31c7', 'content-type': 'application/json' })
  expect(headers).not.toHaveProperty('authorization')
  expect(JSON.parse(text)).toEqual({
    contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
    generationConfig: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2_048 } },
  })
  expect(answer.choices).toMatchObject([
    {
      index: 0,
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'Paris.', reasoning_content: '**Plan**\n\nAnswer in one word.' },
    },
  ])
  expect(answer.usage).toMatchObject({
    prompt_tokens: 49,
    completion_tokens: 139,
    total_tokens: 188,
    prompt_tokens_details: { cached_tokens: 32 },
    completion_tokens_details: { reasoning_tokens: 136 },
  })
})

test('Gemini, streamed: parallel calls, whose ids and signatures come back with their results', async () => {
  google.setHandler(answerWith('gemini-thinking-tools.sse'))
  const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
  const tools = [{ type: 'function', function: { name: 'get_weather', parameters } } as const]
  const stream = client.chat.completions.stream({ model: 'gemini', messages: [...messages], tools })
  const answer = await stream.finalChatCompletion()
  expect(lastRequest().url).toBe('/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse')
  const [choice] = answer.choices
  expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { content: 'I look that up.' } })
  expect(choice?.message.tool_calls).toMatchObject([
    { id: 'x4gk2p0q', function: { name: 'get_weather', arguments: '{"city":"Paris","days":2}' } },
    { id: 'b81mzt5d', function: { name: 'get_weather', arguments: '{"city":"Zürich"}' } },
  ])
  if (choice === undefined) return
  google.setHandler(answerWith('gemini-answer.json'))
  await client.chat.completions.create({
    model: 'gemini',
    messages: [
      ...messages,
      choice.message,
      { role: 'tool', tool_call_id: 'b81mzt5d', content: '19' },
      { role: 'tool', tool_call_id: 'x4gk2p0q', content: '21' },
    ],
    tools,
  })
  const { contents } = JSON.parse(lastRequest().text)
  const sent = contents[1].parts.filter((part: object) => 'functionCall' in part)
  expect(sent).toEqual([
    {
      functionCall: { id: 'x4gk2p0q', name: 'get_weather', args: { city: 'Paris', days: 2 } },
      thoughtSignature: 'EvkBCvYBAdHtim9W0kq2b7hY3m1pLr8tUvXzA4cEgIkMoQsUwYa0c2e4g6i8k+m/o1q3s5u7w9y=',
    },
    { functionCall: { id: 'b81mzt5d', name: 'get_weather', args: { city: 'Zürich' } } },
  ])
  expect(contents[2].parts).toMatchObject([
    { functionResponse: { id: 'x4gk2p0q', response: { output: '21' } } },
    { functionResponse: { id: 'b81mzt5d', response: { output: '19' } } },
  ])
})

test('Vertex AI with a key (express mode) names no project', async () => {
  google.setHandler(answerWith('vertex-logprobs.json'))
  const answer = await client.chat.completions.create({
    model: 'express',
    messages: [...messages],
    logprobs: true,
    top_logprobs: 2,
  })
  expect(lastRequest()).toMatchObject({ url: '/v1/publishers/google/models/gemini-2.5-pro:generateContent' })
  expect(lastRequest().headers['x-goog-api-key']).toBe('AIza-canary-31c7')
  expect(answer.choices[0]?.logprobs?.content?.map(({ token }) => token)).toEqual(['Yes', '.'])
})

describe('Vertex AI as a service account', () => {
  test('a burst of a hundred first requests fetches one token; the project is the key file’s', async () => {
    google.setHandler(answerWith('vertex-text.sse'))
    const ask = async () => {
      const stream = await client.chat.completions.create({ model: 'vertex', messages: [...messages], stream: true })
      let said = ''
      for await (const chunk of stream) said += chunk.choices[0]?.delta.content ?? ''
      return said
    }
    const answers = await Promise.all(Array.from({ length: 100 }, ask))
    expect(new Set(answers)).toEqual(new Set(['The tide turns twice a day.']))
    expect(issuer.requests).toHaveLength(1)
    expect(lastRequest().headers.authorization).toBe('Bearer token-1')
    expect(lastRequest().headers).not.toHaveProperty('x-goog-api-key')
    expect(lastRequest().url).toBe(
      '/v1/projects/acme-models-42/locations/global/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    )
  })

  test('a token that was revoked: another is fetched, once, and the client sees nothing of it', async () => {
    google.setHandler(answerWith('vertex-logprobs.json'))
    await client.chat.completions.create({ model: 'regional', messages: [...messages] })
    const revoked = lastRequest().headers.authorization
    expect(lastRequest().url).toContain('/v1/projects/p-1/locations/europe-west4/publishers/google/models/')
    const fetched = issuer.requests.length
    const unauthenticated = { error: { code: 401, message: `no: ${revoked}`, status: 'UNAUTHENTICATED' } }
    google.setHandler((request, response) => {
      const isRevoked = request.headers.authorization === revoked
      return (isRevoked ? json(401, unauthenticated) : answerWith('vertex-logprobs.json'))(request, response)
    })
    const ask = () => client.chat.completions.create({ model: 'regional', messages: [...messages] })
    const answers = await Promise.all(Array.from({ length: 20 }, ask))
    expect(answers.map(({ choices }) => choices[0]?.message.content)).toEqual(Array(20).fill('Yes.'))
    expect(issuer.requests).toHaveLength(fetched + 1)
    // A backend that refuses every token is a 502, without its words, and makes no stampede.
    google.setHandler(json(401, unauthenticated))
    const error: unknown = await ask().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ status: 502, code: 'upstream_error' })
    expect(String(error)).not.toContain('token-')
    expect(issuer.requests).toHaveLength(fetched + 1)
  })

  test('a broken key and another publisher’s model are told by the objects, and nothing is sent', async () => {
    const config = await (await fetch(`${gateway.adminUrl}/config`)).text()
    expect(config).toContain('is no GCP credential: private_key is no RSA key in PEM')
    expect(config).toContain('models of publishers/anthropic have a format of their own')
    expect(config).not.toContain(serviceAccountPem.slice(30, 60))
    const sent = google.requests.length
    const error: unknown = await client.chat.completions
      .create({ model: 'broken', messages: [...messages] })
      .catch((e) => e)
    expect(error).toMatchObject({ status: 503 })
    expect(google.requests).toHaveLength(sent)
  })
})

describe('errors', () => {
  const ask = async (handler: HttpBackendHandler) => {
    google.setHandler(handler)
    const error: unknown = await client.chat.completions
      .create({ model: 'gemini', messages: [...messages] })
      .catch((e) => e)
    if (!(error instanceof APIError)) throw new Error(`no error of the API: ${String(error)}`)
    return error
  }

  test('of the client’s making come in its own envelope', async () => {
    const error = await ask(answerWith('error-invalid-argument.json', 400))
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error' })
    expect(error.message).toContain('Function calling with a response mime type')
  })

  test('a context that is too long has OpenAI’s code', async () => {
    expect(await ask(answerWith('error-context-gemini.json', 400))).toMatchObject({ code: 'context_length_exceeded' })
  })

  test('a quota that is used up says when to come back', async () => {
    const error = await ask(answerWith('error-quota.json', 429))
    expect(error).toMatchObject({ status: 429, code: 'RESOURCE_EXHAUSTED' })
    expect(error.headers?.get('retry-after')).toBe('35')
  })

  test('a key that Google refuses with 400 is not the caller’s', async () => {
    const error = await ask(answerWith('error-key.json', 400))
    expect(error).toMatchObject({ status: 502, code: 'upstream_error' })
    expect(error.message).not.toContain('API key')
  })

  test('a call that the model could not write is a 502 that says so', async () => {
    const failed = { candidates: [{ content: {}, finishReason: 'MALFORMED_FUNCTION_CALL', index: 0 }] }
    expect(await ask(json(200, failed))).toMatchObject({ status: 502 })
  })
})

test('what Gemini has no word for is refused by name', async () => {
  const error: unknown = await client.chat.completions
    .create({ model: 'gemini', messages: [...messages], logit_bias: { '1': 5 } })
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ status: 400, code: 'unsupported_parameter', param: 'logit_bias' })
})

test('B4 a stream that ends before its last candidate has stopped is an error to the client', async () => {
  const bytes = readFixture('gemini-text.sse')
  google.setHandler((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(bytes.subarray(0, bytes.lastIndexOf('data: ')))
  })
  const stream = await client.chat.completions.create({ model: 'gemini', messages: [...messages], stream: true })
  const read = async () => {
    for await (const _chunk of stream);
  }
  await expect(read()).rejects.toThrow()
})

test('embeddings, as base64 where the client wants them so', async () => {
  google.setHandler(answerWith('gemini-embeddings.json'))
  const { data, usage } = await client.embeddings.create({ model: 'gemini', input: ['a', 'b'] })
  expect(data.map(({ embedding }) => embedding)).toEqual([
    [0.5, -0.25, 1],
    [-0.125, 0.75, 0],
  ])
  expect(usage.prompt_tokens).toBe(12)
})

test('no log line and no metric has anything of a credential in it', async () => {
  const said = gateway.readLogText() + (await gateway.readMetrics())
  expect(said).not.toMatch(/AIza-canary|token-\d|PRIVATE KEY|eyJ/)
})
