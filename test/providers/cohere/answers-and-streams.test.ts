// B1, B5: what Cohere answers, whole or in events cut anywhere.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AnswerEvent, StopReason } from '../../../src/conversation/answer-event.ts'
import { decodeChatAnswer } from '../../../src/providers/cohere/decode-answer.ts'
import { decodeCohereError } from '../../../src/providers/cohere/decode-error.ts'
import { CohereStreamDecoder } from '../../../src/providers/cohere/stream-decoder.ts'
import { splitEverywhere } from '../../support/split-stream.ts'

const readFixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url))

function decodeIn(pieces: readonly Buffer[]): Readonly<{ events: readonly AnswerEvent[]; isComplete: boolean }> {
  const decoder = new CohereStreamDecoder()
  const events = pieces.flatMap((piece) => decoder.push(piece))
  return { events, isComplete: decoder.isComplete }
}

const choice = 0
const start = (id: string): AnswerEvent => ({ type: 'start', id, model: null, createdSeconds: null })
const partEnd: AnswerEvent = { type: 'part-end', choice }
const text = (said: string): AnswerEvent => ({ type: 'text', choice, text: said })
const reasoning = (said: string): AnswerEvent => ({ type: 'reasoning', choice, text: said })
const call = (at: number, name: string, id: string): AnswerEvent => ({
  type: 'tool-call',
  choice,
  call: at,
  id,
  name,
  signature: null,
})
const json = (at: number, piece: string): AnswerEvent => ({ type: 'tool-arguments', choice, call: at, json: piece })
const stop = (reason: StopReason): AnswerEvent => ({ type: 'stop', choice, reason, stopSequence: null })
const usage = (input: number, output: number, cachedInput = 0): AnswerEvent => ({
  type: 'usage',
  usage: { input, output, cachedInput, cacheWriteInput: 0, reasoning: 0 },
})
const end: AnswerEvent = { type: 'end' }
const token = (said: string, logprob: number) => ({ token: said, logprob, bytes: [...Buffer.from(said)], top: [] })

test.each<[string, readonly AnswerEvent[]]>([
  [
    'text',
    [
      start('c14c80c3-18eb-4519-9460-6c92edd8cfb4'),
      text('Bonjour, le café est prêt.'),
      partEnd,
      stop('stop'),
      usage(500, 11, 448),
      end,
    ],
  ],
  [
    'tools',
    [
      start('f201af17-e24a-4396-8f6a-98e8bf9c3432'),
      reasoning('I will look up the weather, and the time.'),
      partEnd,
      call(0, 'weather', 'weather_dqgshstja6p9'),
      json(0, '{"city":"Oslo","days":3}'),
      partEnd,
      call(1, 'now', 'now_dcxfx4myvx68'),
      json(1, '{}'),
      partEnd,
      stop('tool-calls'),
      usage(1549, 103, 992),
      end,
    ],
  ],
  [
    'reasoning',
    [
      start('53bcb235-5179-4a91-a578-cb372b5430bc'),
      reasoning('Four, surely.'),
      partEnd,
      text('2 + 2 = 4'),
      partEnd,
      { type: 'logprobs', choice, content: [token('2', -0.25), token(' + ', -0.5), token('', -0.75)] },
      stop('stop'),
      usage(1394, 61),
      end,
    ],
  ],
])('a whole answer: %s', (name, expected) => {
  expect(decodeChatAnswer(JSON.parse(readFixture(`${name}.answer.json`).toString()))).toEqual(expected)
})

test.each<[string, readonly AnswerEvent[]]>([
  [
    'text',
    [
      start('29f14a5a-11de-4cae-9800-25e4747408ea'),
      text('Bonjour, '),
      { type: 'logprobs', choice, content: [token('Bonjour, ', -0.125)] },
      text('le café 😀 est prêt.'),
      partEnd,
      stop('stop'),
      usage(500, 11, 448),
      end,
    ],
  ],
  [
    'tools',
    [
      start('2941521a-b87a-45f6-9b0d-235fd66c3025'),
      reasoning('I will look up'),
      reasoning(' the weather.'),
      call(0, 'weather', 'weather_e8p4pn45zt0t'),
      json(0, '{"city": "Os'),
      json(0, 'lo"}'),
      partEnd,
      call(1, 'now', 'now_pyxssbwnq9fq'),
      json(1, '{}'),
      partEnd,
      stop('tool-calls'),
      usage(1549, 95, 1504),
      end,
    ],
  ],
  [
    'reasoning',
    [
      start('c9117d7f-a7e4-499f-b643-a2a1e139687b'),
      reasoning('Four, '),
      reasoning('surely.'),
      partEnd,
      text('It is 4'),
      text('.'),
      partEnd,
      stop('stop'),
      usage(1394, 54, 1360),
      end,
    ],
  ],
])('B1: a stream split at every byte: %s', (name, expected) => {
  for (const { pieces } of splitEverywhere(readFixture(`${name}.stream.sse`))) {
    const { events, isComplete } = decodeIn(pieces)
    expect(isComplete).toBe(true)
    expect(events).toEqual(expected)
  }
})

test('a stream that is cut is never complete, wherever it is cut', () => {
  const stream = readFixture('text.stream.sse')
  for (let at = 0; at < stream.length; at++) expect(decodeIn([stream.subarray(0, at)]).isComplete, `${at}`).toBe(false)
})

test('B5: a stream that says it failed is an error, and not complete', () => {
  for (const { pieces } of splitEverywhere(readFixture('failed.stream.sse'))) {
    const { events, isComplete } = decodeIn(pieces)
    expect(isComplete).toBe(false)
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { status: 500, message: 'model overloaded' } })
  }
  const bare = decodeIn([Buffer.from('data: {"message":"internal server error"}\n\n')])
  expect(bare.events).toMatchObject([{ type: 'error', error: { status: 500, message: 'internal server error' } }])
  const late = decodeIn([Buffer.from('data: {"type":"message-end","delta":{"finish_reason":"TIMEOUT"}}\n\n')])
  expect(late.events).toMatchObject([{ type: 'error', error: { status: 504 } }])
  expect(() => decodeIn([Buffer.from('data: nonsense\n\n')])).toThrow('no object')
})

test.each<[string, StopReason]>([
  ['STOP_SEQUENCE', 'stop-sequence'],
  ['MAX_TOKENS', 'length'],
  ['ERROR_TOXIC', 'content-filter'],
  ['ERROR_LIMIT', 'context-window'],
  ['SOMETHING_NEW', 'stop'],
])('a finish reason: %s', (finish_reason, reason) => {
  expect(decodeChatAnswer({ message: { content: [] }, finish_reason })).toContainEqual(stop(reason))
})

test('what is no answer, or one that failed, is refused; billed units count where tokens are not said', () => {
  for (const answer of [null, {}, { message: {} }, { message: 'x', finish_reason: 'COMPLETE' }]) {
    expect(() => decodeChatAnswer(answer)).toThrow('no message')
  }
  expect(() => decodeChatAnswer({ message: {}, finish_reason: 'ERROR' })).toThrow('ERROR')
  const billed = { billed_units: { input_tokens: 5, output_tokens: 2 } }
  expect(decodeChatAnswer({ message: {}, finish_reason: 'COMPLETE', usage: billed })).toContainEqual(usage(5, 2))
})

test.each([
  [400, '{"message":"too many tokens: total number of tokens in the prompt cannot exceed 128000"}', /too many/, true],
  [422, '{"id":"x","message":"invalid request: tool_choice"}', 'invalid request: tool_choice', false],
  [429, '<html>slow down</html>', /status 429/, false],
  [500, '', /status 500/, false],
])('an error: %i %s', (status, body, message, isContextOverflow) => {
  const expected = { status, message: expect.stringMatching(message), code: null, param: null, isContextOverflow }
  expect(decodeCohereError(status, body)).toEqual(expected)
})
