// B1, B2, B3: every stream of OpenAI-shaped servers is decoded to the same events, wherever the network cuts it.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent, TokenLogprob } from '../../../src/conversation/answer-event.ts'
import { GatewayError } from '../../../src/errors/gateway-error.ts'
import { ChatStreamDecoder } from '../../../src/providers/openai-format/chat-stream-decoder.ts'
import { decodePieces, splitEverywhere } from '../../support/split-stream.ts'

const choice = 0
const nothing = { cachedInput: 0, cacheWriteInput: 0, reasoning: 0 }
const chosen = { token: 'é', logprob: -0.25, bytes: [195, 169] }
const tokens: readonly TokenLogprob[] = [{ ...chosen, top: [chosen, { token: '<tok>', logprob: -2.5, bytes: null }] }]

const expected: Readonly<Record<string, readonly AnswerEvent[]>> = {
  'openai-tools': [
    {
      type: 'start',
      id: 'chatcmpl-CqT5w2dHk8ZpLmYvR1bNs4XeU7aJo',
      model: 'gpt-5.2-2026-09-11',
      createdSeconds: 1795337201,
    },
    {
      type: 'tool-call',
      choice,
      call: 0,
      id: 'call_8vRqPzX2mTnL5wYk3dHs7cBa',
      name: 'get_weather',
      signature: null,
    },
    { type: 'tool-arguments', choice, call: 0, json: '{"ci' },
    { type: 'tool-arguments', choice, call: 0, json: 'ty":"Zürich 🌦"}' },
    { type: 'tool-call', choice, call: 1, id: 'call_Lm4KtY9sQwEr2nVb6xZa1pDf', name: 'get_time', signature: null },
    { type: 'tool-arguments', choice, call: 1, json: '{}' },
    { type: 'stop', choice, reason: 'tool-calls', stopSequence: null },
    { type: 'usage', usage: { input: 1311, output: 112, cachedInput: 1024, cacheWriteInput: 0, reasoning: 64 } },
    { type: 'end' },
  ],
  'openai-choices': [
    { type: 'start', id: 'chatcmpl-9zXy', model: 'gpt-4o-2024-11-20', createdSeconds: 1795337300 },
    { type: 'text', choice, text: 'é' },
    { type: 'logprobs', choice, content: tokens },
    { type: 'refusal', choice: 1, text: "I'm sorry" },
    { type: 'stop', choice, reason: 'length', stopSequence: null },
    { type: 'stop', choice: 1, reason: 'refusal', stopSequence: null },
    { type: 'end' },
  ],
  azure: [
    { type: 'start', id: 'chatcmpl-Azr1', model: 'gpt-4o-2024-11-20', createdSeconds: 1795337400 },
    { type: 'text', choice, text: 'Guten' },
    { type: 'text', choice, text: ' Tag' },
    { type: 'stop', choice, reason: 'content-filter', stopSequence: null },
    { type: 'usage', usage: { input: 9, output: 3, ...nothing } },
    { type: 'end' },
  ],
  'vllm-reasoning': [
    { type: 'start', id: 'chatcmpl-0f3c2b', model: 'qwen3', createdSeconds: 1795337500 },
    { type: 'reasoning', choice, text: 'Two' },
    { type: 'reasoning', choice, text: ' 二' },
    { type: 'text', choice, text: '4' },
    { type: 'stop', choice, reason: 'stop-sequence', stopSequence: 'END' },
    { type: 'usage', usage: { input: 20, output: 11, ...nothing } },
    { type: 'end' },
  ],
  'mistral-thinking': [
    { type: 'start', id: '426a1c8c', model: 'magistral-medium-2509', createdSeconds: 1795337600 },
    { type: 'reasoning', choice, text: 'Hm, so' },
    { type: 'text', choice, text: 'Oui' },
    { type: 'tool-call', choice, call: 0, id: 'D681PevKs', name: 'get_weather', signature: null },
    { type: 'tool-arguments', choice, call: 0, json: '{"city": "Paris"}' },
    { type: 'stop', choice, reason: 'tool-calls', stopSequence: null },
    { type: 'usage', usage: { input: 94, output: 30, ...nothing } },
    { type: 'end' },
  ],
  groq: [
    { type: 'start', id: 'chatcmpl-gq1', model: 'openai/gpt-oss-120b', createdSeconds: 1795337700 },
    { type: 'reasoning', choice, text: 'Simple.' },
    { type: 'text', choice, text: 'Hi' },
    { type: 'stop', choice, reason: 'stop', stopSequence: null },
    { type: 'usage', usage: { input: 18, output: 5, ...nothing } },
    { type: 'end' },
  ],
  openrouter: [
    { type: 'start', id: 'gen-1795337800-AbC', model: 'anthropic/claude-sonnet-5', createdSeconds: 1795337800 },
    { type: 'reasoning', choice, text: 'Let me' },
    { type: 'reasoning-signature', choice, signature: 'EqQBCgIYAhIM' },
    { type: 'text', choice, text: 'Done' },
    { type: 'stop', choice, reason: 'stop', stopSequence: null },
    { type: 'usage', usage: { input: 34, output: 41, cachedInput: 0, cacheWriteInput: 12, reasoning: 28 } },
    { type: 'end' },
  ],
  'openrouter-error': [
    { type: 'start', id: 'gen-1', model: 'meta-llama/llama-4', createdSeconds: 1795337900 },
    { type: 'text', choice, text: 'Once' },
    {
      type: 'error',
      error: {
        status: 429,
        message: 'Rate limit exceeded: Slow down',
        code: null,
        param: null,
        isContextOverflow: false,
      },
    },
  ],
  'compatible-without-index': [
    { type: 'start', id: 'g1', model: 'gemini-3-pro', createdSeconds: 1795338000 },
    { type: 'tool-call', choice, call: 0, id: 'fc_1', name: 'one', signature: 'sig==' },
    { type: 'tool-arguments', choice, call: 0, json: '{"a":1}' },
    { type: 'tool-call', choice, call: 1, id: 'fc_2', name: 'two', signature: null },
    { type: 'tool-arguments', choice, call: 1, json: '{"b":2}' },
    { type: 'stop', choice, reason: 'tool-calls', stopSequence: null },
    // Its completion tokens are those that are shown: the total has what was thought besides.
    { type: 'usage', usage: { input: 5, output: 35, cachedInput: 0, cacheWriteInput: 0, reasoning: 25 } },
    { type: 'end' },
  ],
}

describe.each(Object.entries(expected))('%s', (name, events) => {
  const bytes = readFileSync(new URL(`fixtures/${name}.sse`, import.meta.url))

  test('in one piece', () => {
    const decoder = new ChatStreamDecoder()
    expect(decoder.push(bytes)).toEqual(events)
    expect(decoder.isComplete).toBe(events.at(-1)?.type === 'end')
  })

  test('B1 split at every byte, and one byte a write', () => {
    const whole = JSON.stringify(events)
    for (const { name: cut, pieces } of splitEverywhere(bytes)) {
      const decoded = JSON.stringify(decodePieces(() => new ChatStreamDecoder(), pieces))
      if (decoded !== whole) expect(decoded, cut).toBe(whole)
    }
  })
})

function decode(...chunks: readonly unknown[]): readonly AnswerEvent[] {
  const decoder = new ChatStreamDecoder()
  return chunks.flatMap((chunk) => {
    const data = typeof chunk === 'string' ? chunk : JSON.stringify(chunk)
    return decoder.push(Buffer.from(`data: ${data}\n\n`))
  })
}
const delta = (fields: object, rest: object = {}) => ({ id: 'x-1', choices: [{ index: 0, delta: fields, ...rest }] })
const piece = (fields: object, json?: string) => ({
  tool_calls: [{ ...fields, function: { ...('name' in fields && { name: fields.name }), arguments: json } }],
})
const calls = (events: readonly AnswerEvent[]) =>
  events.flatMap((event) => {
    if (event.type === 'tool-call') return [`${event.call} ${event.id} ${event.name}`]
    return event.type === 'tool-arguments' ? [`${event.call} ${event.json}`] : []
  })

describe('tool calls of servers that leave something out', () => {
  test('index 0 for all: a new id is a new call', () => {
    const events = decode(
      delta(piece({ index: 0, id: 'a', name: 'one' }, '{}')),
      delta(piece({ index: 0, id: 'b', name: 'two' }, '{')),
      delta(piece({ index: 0 }, '}')),
    )
    expect(calls(events)).toEqual(['0 a one', '0 {}', '1 b two', '1 {', '1 }'])
  })

  test('the id and the name repeated with every piece', () => {
    const events = decode(
      delta(piece({ index: 0, id: 'a', name: 'one' }, '{')),
      delta(piece({ index: 0, id: 'a', name: 'one' }, '}')),
    )
    expect(calls(events)).toEqual(['0 a one', '0 {', '0 }'])
  })

  test('no index and empty ids behind the first piece', () => {
    const events = decode(delta(piece({ id: 'a', name: 'one' }, '{')), delta(piece({ id: '' }, '}')))
    expect(calls(events)).toEqual(['0 a one', '0 {', '0 }'])
  })

  test('no ids at all: each gets one of its own', () => {
    const events = decode(delta(piece({ name: 'one' }, '{}')), delta(piece({ name: 'two' }, '{}')))
    expect(calls(events)).toEqual(['0 call_x100 one', '0 {}', '1 call_x101 two', '1 {}'])
  })

  test('the name behind the first arguments', () => {
    const events = decode(delta(piece({ index: 0, id: 'a' }, '{')), delta(piece({ index: 0, name: 'one' }, '}')))
    expect(calls(events)).toEqual(['0 a one', '0 {', '0 }'])
  })
})

test.each([
  ['no finish reason before the end', [delta({ content: 'x' }), '[DONE]'], 'stop'],
  ['another word for the end', [delta({}, { finish_reason: 'eos' })], 'stop'],
  ['the context window', [delta({}, { finish_reason: 'model_length' })], 'context-window'],
  ['a word nobody knows', [delta({}, { finish_reason: 'banana' })], 'stop'],
  ['calls promised, none made', [delta({}, { finish_reason: 'tool_calls' })], 'stop'],
])('%s', (_, chunks, reason) => {
  const stops = decode(...chunks).filter(({ type }) => type === 'stop')
  expect(stops).toEqual([{ type: 'stop', choice, reason, stopSequence: null }])
})

describe('B5 an error as a data line', () => {
  test.each([
    [{ error: { message: 'Boom', type: 'server_error', param: null, code: null } }, 500, 'Boom'],
    [{ error: { message: 'Slow', type: 'rate_limit_error', code: 'rate_limit_exceeded' } }, 429, 'Slow'],
    [{ object: 'error', message: 'Too long', type: 'BadRequestError', param: null, code: 400 }, 400, 'Too long'],
    [{ error: 'model is gone' }, 500, 'model is gone'],
    [{ error: { code: '503', message: 'Later' } }, 503, 'Later'],
  ])('%j', (data, status, message) => {
    const events = decode(data, delta({ content: 'unseen' }))
    expect(events).toMatchObject([{ type: 'error', error: { status, message } }])
  })

  test('an answer that the server says has failed is an error', () => {
    const [, event] = decode(delta({}, { finish_reason: 'insufficient_system_resource' }))
    expect(event).toMatchObject({ type: 'error', error: { status: 502 } })
  })
})

test.each(['{', 'null', '[]', '"x"', '<html>'])('what is no event is no stream of this provider: %s', (data) => {
  expect(() => decode(data)).toThrow(GatewayError)
})

test('what follows the end marker is not looked at', () => {
  expect(decode('[DONE]', '<html>')).toEqual([{ type: 'end' }])
})
