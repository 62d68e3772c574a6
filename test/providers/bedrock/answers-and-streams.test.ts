// B1, B5: what Converse answers, whole or in binary frames cut anywhere, is the same events; frames by AWS's own codec.
import { readFileSync } from 'node:fs'
import { EventStreamCodec } from '@smithy/eventstream-codec'
import { expect, test } from 'vitest'
import type { AnswerEvent } from '../../../src/conversation/answer-event.ts'
import { decodeConverseAnswer } from '../../../src/providers/bedrock/decode-answer.ts'
import { ConverseStreamDecoder } from '../../../src/providers/bedrock/stream-decoder.ts'
import { splitEverywhere } from '../../support/split-stream.ts'

const codec = new EventStreamCodec(
  (input) => Buffer.from(typeof input === 'string' ? input : Uint8Array.from(input)).toString('utf8'),
  (input) => new Uint8Array(Buffer.from(input)),
)

function frame(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }] as const)
  return Buffer.from(codec.encode({ headers: Object.fromEntries(typed), body: new Uint8Array(Buffer.from(payload)) }))
}

function eventFrame(name: string, payload: string): Buffer {
  return frame({ ':event-type': name, ':content-type': 'application/json', ':message-type': 'event' }, payload)
}

function readFixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
}

function readStream(name: string): Buffer {
  const lines = readFixture(name).trimEnd().split('\n')
  return Buffer.concat(
    lines.map((line) => eventFrame(line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1))),
  )
}

function decodeIn(pieces: readonly Buffer[]): Readonly<{ events: readonly AnswerEvent[]; isComplete: boolean }> {
  const decoder = new ConverseStreamDecoder()
  const events = pieces.flatMap((piece) => decoder.push(piece))
  return { events, isComplete: decoder.isComplete }
}

const choice = 0
const start: AnswerEvent = { type: 'start', id: null, model: null, createdSeconds: null }
const partEnd: AnswerEvent = { type: 'part-end', choice }
const usage = (input: number, output: number, cachedInput = 0, cacheWriteInput = 0): AnswerEvent => ({
  type: 'usage',
  usage: { input, output, cachedInput, cacheWriteInput, reasoning: 0 },
})
const text = (said: string): AnswerEvent => ({ type: 'text', choice, text: said })
const signature: AnswerEvent = { type: 'reasoning-signature', choice, signature: 'EqoBCkgIBRABGAIiQNwPlan/+Zq0=' }
const redacted: AnswerEvent = { type: 'redacted-reasoning', choice, data: 'cnNuX3JlZGFjdGVkLWJsb2I=' }
const call = (at: number, name: string, id: string): AnswerEvent => ({
  type: 'tool-call',
  choice,
  call: at,
  id,
  name,
  signature: null,
})
const weather = call(0, 'weather', 'tooluse_kZJMlvQmRJ6eAyJE5GIl7Q')
const now = call(1, 'now', 'tooluse_cvTgimMqRjqkGawpJVq3rJ')
const json = (at: number, piece: string): AnswerEvent => ({ type: 'tool-arguments', choice, call: at, json: piece })
const stop = (reason: 'stop' | 'tool-calls' | 'stop-sequence', stopSequence: string | null = null): AnswerEvent => ({
  type: 'stop',
  choice,
  reason,
  stopSequence,
})
const end: AnswerEvent = { type: 'end' }

test.each<[string, readonly AnswerEvent[]]>([
  ['text', [start, text('Bonjour, le café est prêt.'), partEnd, stop('stop'), usage(1301, 9, 1024, 256), end]],
  [
    'parallel-tools',
    [
      start,
      { type: 'reasoning', choice, text: 'Two cities, two calls.' },
      signature,
      partEnd,
      redacted,
      partEnd,
      text('Let me look at both.'),
      partEnd,
      weather,
      json(0, '{"city":"Oslo","days":3}'),
      partEnd,
      now,
      json(1, '{}'),
      partEnd,
      stop('tool-calls'),
      usage(694, 110),
      end,
    ],
  ],
  ['stop-sequence', [start, text('one two '), partEnd, stop('stop-sequence', 'END'), usage(12, 4), end]],
])('a whole answer: %s', (name, expected) => {
  expect(decodeConverseAnswer(JSON.parse(readFixture(`${name}.answer.json`)))).toEqual(expected)
})

test.each<[string, readonly AnswerEvent[]]>([
  ['text', [start, text('Bonjour, '), text('le café 😀 est prêt.'), partEnd, stop('stop'), usage(1045, 9, 1024), end]],
  [
    'thinking-and-tools',
    [
      start,
      { type: 'reasoning', choice, text: 'Two cities, ' },
      { type: 'reasoning', choice, text: 'two calls.' },
      signature,
      partEnd,
      redacted,
      partEnd,
      text('Let me look at both.'),
      partEnd,
      weather,
      json(0, '{"city": "Os'),
      json(0, 'lo", "days": 3}'),
      partEnd,
      now,
      json(1, '{}'),
      partEnd,
      stop('tool-calls'),
      usage(694, 110),
      end,
    ],
  ],
  ['stop-sequence', [start, text('one two '), partEnd, stop('stop-sequence', 'END'), usage(12, 4), end]],
])('B1: a stream split at every byte: %s', (name, expected) => {
  const stream = readStream(`${name}.stream.jsonl`)
  for (const { pieces } of splitEverywhere(stream)) {
    const { events, isComplete } = decodeIn(pieces)
    expect(isComplete).toBe(true)
    expect(events).toEqual(expected)
  }
})

test('a stream that is cut is not complete before it says why it stopped, wherever it is cut', () => {
  const stream = readStream('thinking-and-tools.stream.jsonl')
  const stopEnd = stream.indexOf('metadata') - 12 - ':event-type'.length - 4
  for (let at = 0; at < stream.length; at++) {
    expect(decodeIn([stream.subarray(0, at)]).isComplete, `${at}`).toBe(at >= stopEnd)
  }
})

test('what it used may be missing at the end: the answer is whole without it', () => {
  const decoder = new ConverseStreamDecoder()
  expect(decoder.push(eventFrame('messageStart', '{"role":"assistant"}'))).toEqual([start])
  expect(decoder.finish()).toEqual([])
  expect(decoder.push(eventFrame('messageStop', '{"stopReason":"end_turn"}'))).toEqual([stop('stop')])
  expect(decoder.isComplete).toBe(true)
  expect(decoder.finish()).toEqual([end])
})

test('usage may come before the stop; nothing after both is read', () => {
  const stream = Buffer.concat([
    eventFrame('messageStart', '{"role":"assistant"}'),
    eventFrame('metadata', '{"usage":{"inputTokens":3,"outputTokens":0,"totalTokens":3}}'),
    eventFrame('somethingNew', '{"of":"AWS"}'),
    eventFrame('messageStop', '{"stopReason":"end_turn"}'),
    eventFrame('contentBlockDelta', '{"contentBlockIndex":0,"delta":{"text":"late"}}'),
  ])
  expect(decodeIn([stream])).toEqual({ events: [start, usage(3, 0), stop('stop'), end], isComplete: true })
})

test.each([
  ['throttlingException', '{"message":"Too many tokens, please wait."}', 429, 'Too many tokens, please wait.', false],
  ['validationException', '{"message":"Input is too long for requested model."}', 400, /too long/, true],
  ['internalServerException', '{"message":"x"}', 500, 'x', false],
  ['serviceUnavailableException', '{"message":"x"}', 503, 'x', false],
  [
    'modelStreamErrorException',
    '{"message":"Model Stream Error","originalStatusCode":500}',
    500,
    'Model Stream Error',
    false,
  ],
  ['modelStreamErrorException', '{"message":"m","originalStatusCode":200}', 502, 'm', false],
  ['somethingNewException', '', 502, /status 502/, false],
])('B5: an exception in the stream: %s %s', (name, payload, status, message, isContextOverflow) => {
  const headers = { ':message-type': 'exception', ':exception-type': name, ':content-type': 'application/json' }
  const { events, isComplete } = decodeIn([Buffer.concat([frame(headers, payload)])])
  expect(isComplete).toBe(false)
  expect(events).toEqual([
    {
      type: 'error',
      error: { status, message: expect.stringMatching(message), code: name, param: null, isContextOverflow },
    },
  ])
})

test('B5: an error message, and a model that broke off, are errors too', () => {
  const { events } = decodeIn([
    frame({ ':message-type': 'error', ':error-code': 'InternalError', ':error-message': 'went away' }, ''),
  ])
  expect(events).toMatchObject([{ type: 'error', error: { status: 502, message: 'went away', code: 'InternalError' } }])
  const broken = decodeIn([eventFrame('messageStop', '{"stopReason":"malformed_tool_use"}')])
  expect(broken.events).toMatchObject([{ type: 'error', error: { status: 502, code: 'malformed_tool_use' } }])
  expect(() =>
    decodeConverseAnswer({ output: { message: { content: [] } }, stopReason: 'malformed_model_output' }),
  ).toThrow('malformed_model_output')
})

test.each([
  ['guardrail_intervened', 'content-filter'],
  ['content_filtered', 'content-filter'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'context-window'],
  ['refusal', 'refusal'],
  ['something_new', 'stop'],
])('a stop reason: %s', (stopReason, reason) => {
  const events = decodeConverseAnswer({ output: { message: { content: [{ text: 'x' }] } }, stopReason })
  expect(events).toContainEqual({ type: 'stop', choice, reason, stopSequence: null })
})

test('citations are read for their text; what is no answer is refused', () => {
  const content = [{ citationsContent: { content: [{ text: 'it ' }, { text: 'is' }], citations: [] } }]
  expect(decodeConverseAnswer({ output: { message: { content } }, stopReason: 'end_turn' })).toContainEqual(
    text('it is'),
  )
  for (const answer of [null, 7, {}, { output: {} }, { Output: { __type: 'x' }, Version: '1.0' }]) {
    expect(() => decodeConverseAnswer(answer)).toThrow('no message')
  }
})
