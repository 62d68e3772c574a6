// The official `openai` client over backends that speak neither OpenAI's format nor its streams: Bedrock with signed
// requests and binary frames, Cohere with events of its own. Real sockets, the backends' bytes from fixtures.
import { readFileSync } from 'node:fs'
import { EventStreamCodec } from '@smithy/eventstream-codec'
import OpenAI, { APIError, BadRequestError, RateLimitError } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { computeAwsSignature, readAuthorization } from '../support/aws-signature.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import {
  createHttpBackend,
  type HttpBackend,
  type HttpBackendHandler,
  json,
  type SeenRequest,
} from '../support/http-backend.ts'

const secretAccessKey = 'canary-aws-secret/+aG91c2U='
const modelId =
  'arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0'

const manifests = (bedrock: string, cohere: string) => `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData:
  client: sk-client
  cohere: canary-cohere-key
  aws: '{"accessKeyId": "AKIDCANARY", "secretAccessKey": "${secretAccessKey}", "sessionToken": "canary-session", "region": "eu-central-1"}'
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: policy }
spec:
  apiKeys: [{ consumer: tester, secretRef: { name: keys, key: client } }]
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: claude }
spec:
  modelName: claude
  upstreamModel: "${modelId}"
  modelProvider: AWSBedrock
  modelType: LLM
  endpoint: ${bedrock}
  credentials: { type: AWS, secretRef: { name: keys, key: aws } }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: titan }
spec:
  modelName: titan
  upstreamModel: amazon.titan-embed-text-v2:0
  modelProvider: AWSBedrock
  modelType: Embedding
  endpoint: ${bedrock}
  credentials: { type: AWS, secretRef: { name: keys, key: aws } }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: command }
spec:
  modelName: command
  upstreamModel: command-a-03-2025
  modelProvider: Cohere
  modelType: LLM
  endpoint: ${cohere}/v2
  credentials: { secretRef: { name: keys, key: cohere } }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: embed }
spec:
  modelName: embed
  upstreamModel: embed-v4.0
  modelProvider: Cohere
  modelType: Embedding
  endpoint: ${cohere}/v2
  parameters: { input_type: classification }
  credentials: { secretRef: { name: keys, key: cohere } }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: rerank }
spec:
  modelName: rerank
  upstreamModel: rerank-v3.5
  modelProvider: Cohere
  modelType: Rerank
  endpoint: ${cohere}/v2
  credentials: { secretRef: { name: keys, key: cohere } }
`

let bedrock: HttpBackend
let cohere: HttpBackend
let gateway: TestGateway
let client: OpenAI
let signatureProblems: string[]

beforeAll(async () => {
  bedrock = await createHttpBackend()
  cohere = await createHttpBackend()
  gateway = await startGateway({ manifests: manifests(bedrock.url, cohere.url) })
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'sk-client', maxRetries: 0 })
})

afterAll(async () => {
  await gateway?.stop()
  await bedrock?.close()
  await cohere?.close()
})

beforeEach(() => {
  signatureProblems = []
})

const codec = new EventStreamCodec(
  (input) => Buffer.from(typeof input === 'string' ? input : Uint8Array.from(input)).toString('utf8'),
  (input) => new Uint8Array(Buffer.from(input)),
)

function frame(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }] as const)
  return Buffer.from(codec.encode({ headers: Object.fromEntries(typed), body: new Uint8Array(Buffer.from(payload)) }))
}

function readFixture(provider: string, name: string): string {
  return readFileSync(new URL(`../providers/${provider}/fixtures/${name}`, import.meta.url), 'utf8')
}

/** Answers a signed request; any other with what AWS says to it. */
function signed(handler: HttpBackendHandler): HttpBackendHandler {
  return (request, response) => {
    const problem = findSignatureProblem(request)
    if (problem === null) return handler(request, response)
    signatureProblems.push(problem)
    const message = 'The request signature we calculated does not match the signature you provided.'
    return json(403, { message }, { 'x-amzn-errortype': 'InvalidSignatureException' })(request, response)
  }
}

function findSignatureProblem({ method, url, headers, body }: SeenRequest): string | null {
  const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  const { credential, names, signature } = readAuthorization(flat.authorization ?? '')
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  if (credential !== `AKIDCANARY/${day}/eu-central-1/bedrock/aws4_request`) return `credential ${credential}`
  if (flat['x-amz-security-token'] !== 'canary-session') return 'session token'
  if (!names.includes('host') || !names.includes('x-amz-security-token')) return `signed ${names}`
  const scope = { service: 'bedrock', region: 'eu-central-1', secretAccessKey }
  const expected = computeAwsSignature({ method, target: url, headers: flat, body }, names, scope)
  return signature === expected ? null : `${signature} is not ${expected}`
}

function frames(parts: readonly Buffer[]): HttpBackendHandler {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
    for (const part of parts) response.write(part)
    response.end()
  }
}

function fixtureFrames(name: string): Buffer[] {
  const lines = readFixture('bedrock', name).trimEnd().split('\n')
  return lines.map((line) => {
    const space = line.indexOf(' ')
    const headers = {
      ':event-type': line.slice(0, space),
      ':content-type': 'application/json',
      ':message-type': 'event',
    }
    return frame(headers, line.slice(space + 1))
  })
}

const messages = [{ role: 'user' as const, content: 'Weather in Oslo, and the time?' }]
const tools = ['weather', 'now'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object', properties: {} } },
}))

describe('Bedrock', () => {
  test('a whole answer with thinking and parallel tools, signed', async () => {
    bedrock.setHandler(signed(json(200, JSON.parse(readFixture('bedrock', 'parallel-tools.answer.json')))))
    const answer = await client.chat.completions.create({ model: 'claude', messages, tools })
    expect(signatureProblems).toEqual([])
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: 'Let me look at both.',
        reasoning_content: 'Two cities, two calls.',
        tool_calls: [
          { type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo","days":3}' } },
          { type: 'function', function: { name: 'now', arguments: '{}' } },
        ],
      },
    })
    expect(answer.usage).toMatchObject({ prompt_tokens: 694, completion_tokens: 110, total_tokens: 804 })
    const seen = await bedrock.nextRequest()
    expect(seen.url).toBe(`/model/${encodeURIComponent(modelId)}/converse`)
    expect(seen.headers.accept).toBe('application/json')
    expect(seen.json()).toMatchObject({
      messages: [{ role: 'user', content: [{ text: 'Weather in Oslo, and the time?' }] }],
      toolConfig: { tools: [{ toolSpec: { name: 'weather' } }, { toolSpec: { name: 'now' } }] },
    })
  })

  test('B1: a stream of binary frames, byte by byte, is a stream of chunks', async () => {
    const bytes = Buffer.concat(fixtureFrames('thinking-and-tools.stream.jsonl'))
    bedrock.setHandler(signed(frames(Array.from(bytes, (byte) => Buffer.of(byte)))))
    const stream = client.chat.completions.stream({
      model: 'claude',
      messages,
      tools,
      stream_options: { include_usage: true },
    })
    const answer = await stream.finalChatCompletion()
    expect(signatureProblems).toEqual([])
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Let me look at both.',
        tool_calls: [
          { function: { name: 'weather', arguments: '{"city": "Oslo", "days": 3}' } },
          { function: { name: 'now', arguments: '{}' } },
        ],
      },
    })
    expect(answer.usage).toMatchObject({ prompt_tokens: 694, completion_tokens: 110 })
    expect((await bedrock.nextRequest()).headers.accept).toBe('application/vnd.amazon.eventstream')
  })

  test('errors keep status and words; a refused signature is never the caller’s', async () => {
    const headers = { 'x-amzn-errortype': 'ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/' }
    bedrock.setHandler(signed(json(429, { message: 'Too many requests, please wait.' }, headers)))
    const throttled = await client.chat.completions
      .create({ model: 'claude', messages })
      .catch((error: unknown) => error)
    expect(throttled).toBeInstanceOf(RateLimitError)
    expect(throttled).toMatchObject({
      status: 429,
      code: 'ThrottlingException',
      message: expect.stringContaining('please wait'),
    })
    bedrock.setHandler(json(403, { message: 'arn:aws:iam::123456789012:user/canary is not authorized' }))
    const refused = await client.chat.completions.create({ model: 'claude', messages }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ status: 502, code: 'upstream_error' })
    expect(String(refused)).not.toContain('canary')
  })

  test.each([
    ['an exception frame', false],
    ['no frame that says why it stopped', true],
  ])('B5: a stream that fails after its first words throws: %s', async (_name, isCut) => {
    const exception = frame(
      {
        ':message-type': 'exception',
        ':exception-type': 'modelStreamErrorException',
        ':content-type': 'application/json',
      },
      '{"message":"Model Stream Error","originalStatusCode":500}',
    )
    const begun = fixtureFrames('text.stream.jsonl').slice(0, 3)
    bedrock.setHandler(signed(frames(isCut ? begun : [...begun, exception])))
    let said = ''
    const reading = (async () => {
      const stream = await client.chat.completions.create({ model: 'claude', messages, stream: true })
      for await (const chunk of stream) said += chunk.choices[0]?.delta.content ?? ''
    })()
    await expect(reading).rejects.toThrow(APIError)
    expect(said).toBe('Bonjour, ')
  })

  test('a damaged frame ends the stream as broken', async () => {
    const parts = fixtureFrames('text.stream.jsonl')
    const damaged = Buffer.from(parts[3] ?? '')
    damaged[40] = (damaged[40] ?? 0) ^ 1
    bedrock.setHandler(signed(frames([...parts.slice(0, 3), damaged, ...parts.slice(4)])))
    const reading = (async () => {
      const stream = await client.chat.completions.create({ model: 'claude', messages, stream: true })
      for await (const _chunk of stream);
    })()
    await expect(reading).rejects.toThrow(APIError)
  })

  test('what it can’t carry is refused by name before anything is sent', async () => {
    const count = bedrock.requests.length
    const asked = client.chat.completions.create({ model: 'claude', messages, logit_bias: { 50256: -100 } })
    await expect(asked).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter', param: 'logit_bias' })
    expect(bedrock.requests.length).toBe(count)
  })

  test('embeddings of Titan, in the client’s own encoding', async () => {
    const embedding = [0.25, -0.5, 1]
    bedrock.setHandler(signed(json(200, { embedding, embeddingsByType: { float: embedding }, inputTextTokenCount: 3 })))
    const answer = await client.embeddings.create({ model: 'titan', input: 'Hello', dimensions: 256 })
    expect(signatureProblems).toEqual([])
    expect(answer.data[0]?.embedding).toEqual(embedding)
    expect(answer.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 })
    const several = client.embeddings.create({ model: 'titan', input: ['a', 'b'] })
    await expect(several).rejects.toThrow(BadRequestError)
  })
})

const events =
  (name: string): HttpBackendHandler =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(readFixture('cohere', name))
  }

describe('Cohere', () => {
  test('a whole answer with a plan and parallel tools', async () => {
    cohere.setHandler(json(200, JSON.parse(readFixture('cohere', 'tools.answer.json'))))
    const answer = await client.chat.completions.create({ model: 'command', messages, tools, tool_choice: 'required' })
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        reasoning_content: 'I will look up the weather, and the time.',
        tool_calls: [
          { id: 'weather_dqgshstja6p9', function: { name: 'weather', arguments: '{"city":"Oslo","days":3}' } },
          { id: 'now_dcxfx4myvx68', function: { name: 'now', arguments: '{}' } },
        ],
      },
    })
    expect(answer.usage).toMatchObject({ prompt_tokens: 1549, prompt_tokens_details: { cached_tokens: 992 } })
    const seen = await cohere.nextRequest()
    expect(seen.url).toBe('/v2/chat')
    expect(seen.headers.authorization).toBe('Bearer canary-cohere-key')
    expect(seen.json()).toMatchObject({ model: 'command-a-03-2025', stream: false, tool_choice: 'REQUIRED' })
  })

  test('a stream of its events', async () => {
    cohere.setHandler(events('text.stream.sse'))
    const stream = client.chat.completions.stream({ model: 'command', messages })
    const answer = await stream.finalChatCompletion()
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'Bonjour, le café 😀 est prêt.' },
    })
  })

  test('B5: a stream that says it failed throws; an error keeps its words', async () => {
    cohere.setHandler(events('failed.stream.sse'))
    const reading = client.chat.completions.stream({ model: 'command', messages }).finalChatCompletion()
    await expect(reading).rejects.toThrow(APIError)
    cohere.setHandler(json(400, { message: 'too many tokens: size limit exceeded by 11326 tokens' }))
    const asked = client.chat.completions.create({ model: 'command', messages })
    await expect(asked).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' })
  })

  test('embeddings, of the type that the model’s object says, and rerank', async () => {
    const float = [
      [0.5, 1],
      [2, -4],
    ]
    cohere.setHandler(json(200, { id: 'x', embeddings: { float }, meta: { billed_units: { input_tokens: 10 } } }))
    const answer = await client.embeddings.create({ model: 'embed', input: ['a', 'b'] })
    expect(answer.data.map(({ embedding }) => embedding)).toEqual(float)
    expect(answer.usage.prompt_tokens).toBe(10)
    const seen = cohere.requests.at(-1)
    expect(seen?.url).toBe('/v2/embed')
    expect(seen?.json()).toMatchObject({
      model: 'embed-v4.0',
      input_type: 'classification',
      embedding_types: ['float'],
    })
    cohere.setHandler(json(200, { id: 'b', results: [{ index: 1, relevance_score: 0.5 }], meta: {} }))
    const ranked = await fetch(`${gateway.url}/v1/rerank`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-client', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'rerank', query: 'q', documents: ['a', 'b'], top_n: 1 }),
    })
    expect(await ranked.json()).toMatchObject({ results: [{ index: 1, relevance_score: 0.5 }] })
    expect(cohere.requests.at(-1)?.json()).toEqual({
      model: 'rerank-v3.5',
      query: 'q',
      documents: ['a', 'b'],
      top_n: 1,
    })
  })
})

test('C: no credential of ours is in an answer, the log or the metrics', async () => {
  const told = [
    gateway.readLogText(),
    await gateway.readMetrics(),
    await (await fetch(`${gateway.adminUrl}/config`)).text(),
  ]
  for (const text of told) {
    expect(text).not.toContain(secretAccessKey)
    expect(text).not.toContain('canary-session')
    expect(text).not.toContain('canary-cohere-key')
  }
})
