// Unary answers, embeddings and errors of Gemini and Vertex AI.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { googleGemini } from '../../../src/providers/google/google-gemini.ts'
import { googleVertexAi } from '../../../src/providers/google/google-vertex-ai.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import { createCall } from './create-conversation.ts'

const readFixture = (name: string) => readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')
const decode = (answer: unknown) => googleGemini.chat?.decodeAnswer(answer, createCall())
const decodeFixture = (name: string) => decode(JSON.parse(readFixture(name)))

test('thoughts, a signed text, and every kind of token', () => {
  expect(decodeFixture('gemini-answer')).toEqual([
    { type: 'start', id: 'hello-1', model: 'gemini-3.7-flash', createdSeconds: null },
    { type: 'reasoning', choice: 0, text: '**Plan**\n\nAnswer in one word.' },
    { type: 'text', choice: 0, text: 'Paris.' },
    {
      type: 'reasoning-signature',
      choice: 0,
      signature: 'gemini-text:CpQBAdHtim+8Kx2jQw7rT5yU3iO9pA1sD6fG4hJ8kL0zXcVbNmQwErTyUiOpAsDfGhJkLzXcVbNm',
    },
    { type: 'stop', choice: 0, reason: 'stop', stopSequence: null },
    { type: 'usage', usage: { input: 42 + 7, output: 3 + 136, cachedInput: 32, cacheWriteInput: 0, reasoning: 136 } },
    { type: 'end' },
  ])
})

test('parallel calls', () => {
  expect(decodeFixture('gemini-tools')?.filter(({ type }) => type === 'tool-call' || type === 'stop')).toEqual([
    {
      type: 'tool-call',
      choice: 0,
      call: 0,
      id: 'q1',
      name: 'get_weather',
      signature: 'EvkBCvYBAdHtim9W0kq2b7hY3m1pLr8tUvXzA4cEgIkMoQsUwYa0c2e4g6i8k+m/o1q3s5u7w9y=',
    },
    { type: 'tool-call', choice: 0, call: 1, id: 'q2', name: 'get_weather', signature: null },
    { type: 'stop', choice: 0, reason: 'tool-calls', stopSequence: null },
  ])
})

test('log probabilities', () => {
  const bytes = (text: string) => [...Buffer.from(text)]
  const token = (text: string, logprob: number) => ({ token: text, logprob, bytes: bytes(text) })
  expect(decodeFixture('vertex-logprobs')?.filter(({ type }) => type === 'logprobs')).toEqual([
    {
      type: 'logprobs',
      choice: 0,
      content: [
        { ...token('Yes', -0.0124), top: [token('Yes', -0.0124), token('No', -4.4)] },
        { ...token('.', -0.05), top: [token('.', -0.05), token('!', -3.1)] },
      ],
    },
  ])
})

describe('G11 what is no answer of Gemini’s is refused', () => {
  test.each([
    [null],
    [[]],
    ['text'],
    [{}],
    [{ candidates: [] }],
    [{ candidates: [null] }],
    [{ candidates: [{ content: { parts: [{ text: 'half' }] } }] }],
    [{ candidates: [{ content: { parts: [{ functionCall: {} }] }, finishReason: 'STOP' }] }],
    [{ candidates: [{ content: { parts: [{ inlineData: { data: 'AA' } }] }, finishReason: 'STOP' }] }],
    [{ error: { code: 500, message: 'no' } }],
  ])('%j', (answer) => {
    expect(() => decode(answer)).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }))
  })
})

test.each([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['SPII', 'content-filter'],
  ['SOMETHING_NEW', 'content-filter'],
])('finish reason %s is %s', (finishReason, reason) => {
  const events = decode({ candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason }] })
  expect(events?.find(({ type }) => type === 'stop')).toMatchObject({ reason })
})

test.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'MALFORMED_RESPONSE'])(
  '%s is no clean end',
  (finishReason) => {
    expect(() => decode({ candidates: [{ content: {}, finishReason }] })).toThrow(
      expect.objectContaining({ code: 'upstream_error', publicText: expect.stringContaining(finishReason) }),
    )
  },
)

test.each([3e9, -1, 0.5, '1'])('a candidate that says it is number %s is the first', (index) => {
  const events = decode({ candidates: [{ index, content: { parts: [{ text: 'x' }] }, finishReason: 'STOP' }] })
  expect(events).toContainEqual({ type: 'text', choice: 0, text: 'x' })
})

describe('errors', () => {
  const decodeError = (status: number, body: string) => googleGemini.chat?.decodeError(status, body)

  test.each([
    ['error-invalid-argument', 400, 'INVALID_ARGUMENT', false],
    ['error-context-gemini', 400, 'INVALID_ARGUMENT', true],
    ['error-context-vertex', 400, 'INVALID_ARGUMENT', true],
    ['error-quota', 429, 'RESOURCE_EXHAUSTED', false],
  ])('%s', (name, status, code, isContextOverflow) => {
    const body = readFixture(name)
    const said: unknown = JSON.parse(body)
    const [first] = [said].flat()
    expect(first).toBeTypeOf('object')
    expect(decodeError(status, body)).toMatchObject({ status, code, param: null, isContextOverflow })
    expect(body).toContain(JSON.stringify(decodeError(status, body)?.message))
  })

  test('how long to wait is in the body', () => {
    expect(decodeError(429, readFixture('error-quota'))).toMatchObject({ retryAfterSeconds: 35 })
  })

  test('a refused key is ours, not the caller’s, though Google says 400', () => {
    const refuse = () => decodeError(400, readFixture('error-key'))
    expect(refuse).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test.each(['', '<html>502</html>', '[]', '{"error":"no"}'])('what is no error of Google’s: %j', (body) => {
    expect(decodeError(503, body)).toEqual({
      status: 503,
      message: 'The model server answered with status 503.',
      code: null,
      param: null,
      isContextOverflow: false,
    })
  })
})

describe('embeddings', () => {
  const embed = (provider: Provider, request: Record<string, unknown>, model = 'gemini-embedding-001') => {
    const encoded = provider.unary.embeddings?.encode({ model, ...request }, createCall({ model }))
    return { path: encoded?.path, body: JSON.parse(String(encoded?.body)), dropped: encoded?.dropped }
  }
  const answer = (provider: Provider, name: string, request: Record<string, unknown>) => {
    const decoded = provider.unary.embeddings?.decode(
      JSON.parse(readFixture(name)),
      request,
      createCall({ model: 'e' }),
    )
    return { text: JSON.parse(decoded?.text ?? ''), usage: decoded?.usage }
  }

  test('Gemini: one batch', () => {
    expect(embed(googleGemini, { input: ['a', 'b'], dimensions: 3, task_type: 'RETRIEVAL_QUERY', user: 'u' })).toEqual({
      path: '/models/gemini-embedding-001:batchEmbedContents',
      body: {
        requests: ['a', 'b'].map((text) => ({
          model: 'models/gemini-embedding-001',
          content: { parts: [{ text }] },
          taskType: 'RETRIEVAL_QUERY',
          outputDimensionality: 3,
        })),
      },
      dropped: ['user'],
    })
    expect(answer(googleGemini, 'gemini-embeddings', { input: ['a', 'b'] })).toEqual({
      text: {
        object: 'list',
        data: [
          { object: 'embedding', index: 0, embedding: [0.5, -0.25, 1] },
          { object: 'embedding', index: 1, embedding: [-0.125, 0.75, 0] },
        ],
        model: 'e',
        usage: { prompt_tokens: 12, total_tokens: 12 },
      },
      usage: { input: 12, output: 0, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 },
    })
  })

  test('Vertex AI: instances, and nothing cut in silence', () => {
    expect(embed(googleVertexAi, { input: 'a' })).toMatchObject({
      path: '/publishers/google/models/gemini-embedding-001:predict',
      body: { instances: [{ content: 'a' }], parameters: { autoTruncate: false } },
    })
    const { text, usage } = answer(googleVertexAi, 'vertex-predict', { input: ['a', 'b'], encoding_format: 'base64' })
    const vectors = text.data.map(({ embedding }: { embedding: string }) => {
      const bytes = Buffer.from(embedding, 'base64')
      return [bytes.readFloatLE(0), bytes.readFloatLE(4)]
    })
    expect(vectors).toEqual([
      [0.5, -0.25],
      [-0.125, 0.75],
    ])
    expect(usage).toMatchObject({ input: 12 })
  })

  test('fewer vectors than texts are no answer', () => {
    expect(() => answer(googleGemini, 'gemini-embeddings', { input: ['a', 'b', 'c'] })).toThrow(
      '2 embeddings of 3 texts',
    )
  })
})
