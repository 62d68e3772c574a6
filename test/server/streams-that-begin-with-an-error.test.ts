// B5: a stream that answers 200 and begins with an error has not begun: it is tried again on another target, or answered
// with the status it stands for, in the caller's own dialect. Once a real event has gone out there is no second answer.
import { describe, expect, test } from 'vitest'
import type { HttpBackendHandler } from '../support/http-backend.ts'
import { renderEvent } from '../support/http-bytes.ts'
import { until } from '../support/until.ts'
import { startRetryGateway } from './retry-gateway.ts'

/** Writes these pieces as they are, one by one, and ends. */
function stream(...pieces: readonly string[]): HttpBackendHandler {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const piece of pieces) response.write(piece)
    response.end()
  }
}

function event(type: string, fields: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}

const chatDelta = (content: string) => renderEvent({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })
const chatGood = [chatDelta('second'), renderEvent('[DONE]')]
const messageStart = event('message_start', { message: { id: 'msg_1', role: 'assistant', content: [] } })
const messagesGood = [
  messageStart,
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'second' } }),
  event('content_block_stop', { index: 0 }),
  event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } }),
  event('message_stop'),
]
const responsesGood = [
  event('response.created', { response: { id: 'resp_1' } }),
  event('response.output_text.delta', { delta: 'second' }),
  event('response.completed', { response: { id: 'resp_1', usage: { input_tokens: 1, output_tokens: 1 } } }),
]

type Case = Readonly<{
  path: string
  /** What comes before the error. */
  preamble: string
  error: string
  status: number
  good: readonly string[]
  body: unknown
}>

const chatError = (error: object) => renderEvent({ error })
const openAiBody = (type: string, code: string | null) => ({
  error: { message: 'Overloaded', type, param: null, code },
})

const cases: Readonly<Record<string, Case>> = {
  'chat: a 503 by its number': {
    path: '/v1/chat/completions',
    preamble: ': OPENROUTER PROCESSING\n\n',
    error: chatError({ message: 'Overloaded', type: 'x', code: 503 }),
    status: 503,
    good: chatGood,
    body: openAiBody('server_error', 'x'),
  },
  'chat: a rate limit by its type': {
    path: '/v1/chat/completions',
    preamble: '',
    error: chatError({ message: 'Overloaded', type: 'rate_limit_error', code: 'rate_limit_exceeded' }),
    status: 429,
    good: chatGood,
    body: openAiBody('rate_limit_error', 'rate_limit_exceeded'),
  },
  'messages: overloaded after message_start and a ping': {
    path: '/v1/messages',
    preamble: messageStart + event('ping'),
    error: event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
    status: 529,
    good: messagesGood,
    body: {
      type: 'error',
      error: { type: 'overloaded_error', message: 'Overloaded' },
      request_id: expect.any(String),
    },
  },
  'responses: failed after created and in_progress': {
    path: '/v1/responses',
    preamble: event('response.created', { response: {} }) + event('response.in_progress', { response: {} }),
    error: event('response.failed', { response: { error: { code: 'server_error', message: 'Overloaded' } } }),
    status: 500,
    good: responsesGood,
    body: openAiBody('server_error', 'server_error'),
  },
  'responses: a plain error event': {
    path: '/v1/responses',
    preamble: event('response.created', { response: {} }),
    error: event('error', { code: 'rate_limit_exceeded', message: 'Overloaded', param: null }),
    status: 429,
    good: responsesGood,
    body: openAiBody('rate_limit_error', 'rate_limit_exceeded'),
  },
}

describe.each(Object.entries(cases))('B5: %s', (_, { path, preamble, error, status, good, body }) => {
  const fields = { stream: true, max_tokens: 10, input: 'hi' }
  const models = [{ modelProvider: 'OpenAI' }, { modelProvider: 'OpenAI' }]
  const providers = path === '/v1/messages' ? models.map(() => ({ modelProvider: 'Anthropic' })) : models

  test('another target answers, and its answer is the only one', async () => {
    const { ask } = await startRetryGateway({
      targets: [stream(preamble + error), stream(...good)],
      retry: { attempts: 1, conditions: [status] },
      models: providers,
    })
    const response = await ask(fields, { path })
    expect([response.status, response.headers.get('x-sluice-attempts')]).toEqual([200, '2'])
    expect(await response.text()).toBe(good.join(''))
  })

  test('without a retry it is answered with its status, in JSON', async () => {
    const { ask, backends, log } = await startRetryGateway({
      targets: [stream(preamble + error), stream(...good)],
      retry: { attempts: 1, conditions: ['connect-failure'] },
      models: providers,
    })
    const response = await ask(fields, { path })
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/json; charset=utf-8'])
    expect(await response.json()).toEqual(body)
    expect(backends[1]?.requests).toHaveLength(0)
    await until(() => log.find((line) => line.status === status && line.code === 'upstream_error'), 'the log line')
  })

  test('after a real event it is an error event and a cut: never a second answer', async () => {
    const { ask, backends } = await startRetryGateway({
      targets: [stream(good.slice(0, -1).join('') + error), stream(...good)],
      retry: { attempts: 3, conditions: ['5xx', 429] },
      models: providers,
    })
    const response = await ask(fields, { path })
    expect(response.status).toBe(200)
    let text = ''
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
    })()
    // A failed response of the Responses API is that API's own whole end.
    if (!error.includes('response.failed')) await expect(reading).rejects.toThrow()
    else await reading
    expect(text.startsWith(good.slice(0, -1).join(''))).toBe(true)
    expect(text).toContain('Overloaded')
    expect(text.match(/second/g)).toHaveLength(1)
    expect(backends[1]?.requests).toHaveLength(0)
  })
})

test('B5: what an error in a stream says of our own credential stays here', async () => {
  const { ask } = await startRetryGateway({
    targets: [stream(chatError({ message: 'bad key upstream-canary-77b1', code: 'invalid_api_key' }))],
  })
  const response = await ask({ stream: true })
  expect(response.status).toBe(502)
  expect(await response.text()).not.toContain('canary')
})

test('B5: heartbeats before the first event do not make the stream wait for ever', async () => {
  const beating: HttpBackendHandler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': processing\n\n')
  }
  const { ask } = await startRetryGateway({ targets: [beating] })
  const startedAt = performance.now()
  const response = await ask({ stream: true })
  expect(response.status).toBe(200)
  expect(performance.now() - startedAt).toBeGreaterThan(9_000)
  const reader = response.body?.getReader()
  expect(Buffer.from((await reader?.read())?.value ?? '').toString()).toBe(': processing\n\n')
  await reader?.cancel()
}, 15_000)

describe('B5: across dialects', () => {
  const failing = stream(chatError({ message: 'Overloaded', code: 503 }))
  const models = [{ modelProvider: 'OpenAI' }, { modelProvider: 'Anthropic' }]
  const messagesAnswer = [
    event('message_start', {
      message: {
        id: 'msg_1',
        role: 'assistant',
        model: 'm',
        content: [],
        usage: { input_tokens: 3, output_tokens: 1 },
      },
    }),
    ...messagesGood.slice(1),
  ]

  test('an OpenAI-shaped target fails, an Anthropic one answers: one clean answer in the caller’s dialect', async () => {
    const { ask, backends } = await startRetryGateway({
      targets: [failing, stream(...messagesAnswer)],
      retry: { attempts: 1, conditions: ['5xx'] },
      models,
    })
    const response = await ask({ stream: true, logit_bias: undefined })
    expect([response.status, response.headers.get('x-sluice-attempts')]).toEqual([200, '2'])
    const text = await response.text()
    expect(text).toMatch(/\ndata: \[DONE\]\n\n$/)
    expect(text).not.toContain('Overloaded')
    expect(text).not.toContain('message_start')
    expect(text.match(/second/g)).toHaveLength(1)
    // The body was made anew for each of them.
    expect(backends[0]?.requests[0]?.json()).toMatchObject({ messages: [{ role: 'user', content: 'hi' }] })
    expect(backends[1]?.requests[0]?.url).toBe('/v1/messages')
    expect(backends[1]?.requests[0]?.json()).toMatchObject({ max_tokens: expect.any(Number) })
  })

  test('an Anthropic target that begins with an error falls over to an OpenAI-shaped one', async () => {
    const overloaded = stream(
      (messagesAnswer[0] ?? '') + event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
    )
    const { ask } = await startRetryGateway({
      targets: [overloaded, stream(...chatGood)],
      retry: { attempts: 1, conditions: ['5xx'] },
      models: models.toReversed(),
    })
    const response = await ask({ stream: true })
    expect([response.status, await response.text()]).toEqual([200, chatGood.join('')])
  })

  test('a parameter that the next target can’t carry keeps the first one’s answer', async () => {
    const { ask } = await startRetryGateway({
      targets: [
        (_request, response) => {
          response.writeHead(503, { 'content-type': 'application/json' })
          response.end('{"error":{"message":"first"}}')
        },
        stream(...messagesAnswer),
      ],
      retry: { attempts: 1, conditions: ['5xx'] },
      models,
    })
    const response = await ask({ n: 2 })
    expect([response.status, await response.json()]).toEqual([503, { error: { message: 'first' } }])
  })
})
