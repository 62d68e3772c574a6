// Gemini's and Vertex AI's streams, true to the byte, become the same events however they are cut (B1, B2).
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../../src/conversation/answer-event.ts'
import { googleGemini } from '../../../src/providers/google/google-gemini.ts'
import { decodePieces, splitEverywhere } from '../../support/split-stream.ts'
import { createCall } from './create-conversation.ts'

const createDecoder = () => {
  const decoder = googleGemini.chat?.createStreamDecoder(createCall({ isStream: true }))
  if (decoder === undefined) throw new Error('no chat')
  return decoder
}
const readFixture = (name: string) => readFileSync(new URL(`fixtures/${name}.sse`, import.meta.url))
const decode = (name: string) => decodePieces(createDecoder, [readFixture(name)])

/** Without what every chunk repeats. */
const withoutUsage = (events: readonly AnswerEvent[]) => events.filter(({ type }) => type !== 'usage')
const lastUsage = (events: readonly AnswerEvent[]) => events.findLast(({ type }) => type === 'usage')

const start = (id: string, model: string) => ({ type: 'start', id, model, createdSeconds: null })
const said = (text: string, choice = 0) => ({ type: 'text', choice, text })
const stopped = (reason: string, choice = 0) => ({ type: 'stop', choice, reason, stopSequence: null })
const end = { type: 'end' }
const s1 = 'EvkBCvYBAdHtim9W0kq2b7hY3m1pLr8tUvXzA4cEgIkMoQsUwYa0c2e4g6i8k+m/o1q3s5u7w9y='
const s2 = 'CpQBAdHtim+8Kx2jQw7rT5yU3iO9pA1sD6fG4hJ8kL0zXcVbNmQwErTyUiOpAsDfGhJkLzXcVbNm'

describe('B1 however it is cut, a stream gives the same events', () => {
  const whole = [
    'gemini-text',
    'gemini-thinking-tools',
    'gemini-signed-text',
    'gemini-blocked',
    'gemini-safety',
    'gemini-two-candidates',
    'gemini-error-midway',
    'vertex-text',
    'vertex-tools',
  ]
  test.each(whole)('%s', (name) => {
    const bytes = readFixture(name)
    const expected = decode(name)
    expect(expected.length).toBeGreaterThan(1)
    for (const { name: how, pieces } of splitEverywhere(bytes)) {
      expect(decodePieces(createDecoder, pieces), how).toEqual(expected)
    }
  })
})

test('text, whatever is in it, and the usage that came last', () => {
  const events = decode('gemini-text')
  expect(withoutUsage(events)).toEqual([
    start('mR4hatKfJ9qXvdIP2LrO4A8', 'gemini-2.5-flash'),
    said('Grüße'),
    said(' aus Köln 👩‍👩‍👧: "Ω"\n'),
    said(' und\\oder'),
    stopped('stop'),
    end,
  ])
  const usage = { input: 9, output: 11, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 }
  expect(lastUsage(events)).toEqual({ type: 'usage', usage })
})

test('thoughts, text, and parallel calls with their ids and the one signature', () => {
  const events = decode('gemini-thinking-tools')
  expect(withoutUsage(events)).toEqual([
    start('kNiDavuDIcja_uMP8tCj-QU', 'gemini-3.7-flash'),
    { type: 'reasoning', choice: 0, text: '**Which cities**\n\nThe user asks for two' },
    { type: 'reasoning', choice: 0, text: ' places; both calls can go at once.\n\n' },
    said('I look that up.'),
    { type: 'tool-call', choice: 0, call: 0, id: 'x4gk2p0q', name: 'get_weather', signature: s1 },
    { type: 'tool-arguments', choice: 0, call: 0, json: '{"city":"Paris","days":2}' },
    { type: 'part-end', choice: 0 },
    { type: 'tool-call', choice: 0, call: 1, id: 'b81mzt5d', name: 'get_weather', signature: null },
    { type: 'tool-arguments', choice: 0, call: 1, json: '{"city":"Zürich"}' },
    { type: 'part-end', choice: 0 },
    stopped('tool-calls'),
    end,
  ])
  const usage = { input: 88, output: 41 + 72, cachedInput: 64, cacheWriteInput: 0, reasoning: 72 }
  expect(lastUsage(events)).toEqual({ type: 'usage', usage })
})

test('the signature of a text, which comes behind it, is marked as Gemini’s', () => {
  expect(withoutUsage(decode('gemini-signed-text'))).toEqual([
    start('vQRpaqzAPN2M9MoPxPq2uQ4', 'gemini-3.7-flash'),
    said('4'),
    { type: 'reasoning-signature', choice: 0, signature: `gemini-text:${s2}` },
    stopped('stop'),
    end,
  ])
})

test('calls without ids get some, each its own, the same for the same answer', () => {
  const ids = decode('vertex-tools').flatMap((event) => (event.type === 'tool-call' ? event.id : []))
  expect(ids).toHaveLength(3)
  expect(new Set(ids).size).toBe(3)
  for (const id of ids) expect(id).toMatch(/^call_[0-9a-f]{24}$/)
  const other = readFixture('vertex-tools').toString().replaceAll('ylseafDzFvi3nvgPx5u2gQc', 'another')
  const otherIds = decodePieces(createDecoder, [Buffer.from(other)]).flatMap((event) =>
    event.type === 'tool-call' ? event.id : [],
  )
  expect(otherIds.filter((id) => ids.includes(id))).toEqual([])
})

test('a call without arguments has an empty object of them', () => {
  const json = decode('vertex-tools').flatMap((event) => (event.type === 'tool-arguments' ? event.json : []))
  expect(json).toEqual(['{"city":"Paris"}', '{"city":"Oslo"}', '{}'])
})

test('a blocked prompt is an answer that a filter ended', () => {
  expect(withoutUsage(decode('gemini-blocked'))).toEqual([
    start('EXCPatOAKMrQjMcPteHVmQo', 'gemini-3.7-flash'),
    stopped('content-filter'),
    end,
  ])
})

test('an answer that a filter cut says so', () => {
  expect(withoutUsage(decode('gemini-safety')).slice(1)).toEqual([said('First, take'), stopped('content-filter'), end])
})

test('two candidates end each by itself, the stream with the later one', () => {
  expect(withoutUsage(decode('gemini-two-candidates')).slice(1)).toEqual([
    said('Red', 0),
    said('Blu', 1),
    said('.', 0),
    stopped('stop', 0),
    said('e', 1),
    stopped('length', 1),
    end,
  ])
})

test.each(['gemini-error-first', 'gemini-error-midway'])('B5 %s: the error is told, and no end', (name) => {
  const events = decode(name)
  expect(events.at(-1)).toEqual({
    type: 'error',
    error: {
      status: 503,
      message: 'The model is overloaded. Please try again later.',
      code: 'UNAVAILABLE',
      param: null,
      isContextOverflow: false,
    },
  })
  expect(events.some(({ type }) => type === 'end')).toBe(false)
})

test('a call that the model could not write is a failure, not an answer', () => {
  expect(() => decode('gemini-malformed-call')).toThrow('finish reason MALFORMED_FUNCTION_CALL')
})

describe('B4 a stream that was cut is not whole', () => {
  test.each(['gemini-text', 'gemini-thinking-tools', 'gemini-two-candidates'])('%s', (name) => {
    const bytes = readFixture(name)
    const lastEvent = bytes.lastIndexOf('data: ')
    for (const cut of [lastEvent, lastEvent + 20, bytes.length - 3]) {
      const decoder = createDecoder()
      decoder.push(bytes.subarray(0, cut))
      expect(decoder.isComplete).toBe(false)
      expect(decoder.finish?.()).toEqual([])
    }
  })
})

test('usage that comes behind the last candidate still counts', () => {
  const late =
    'data: {"usageMetadata": {"promptTokenCount": 9,"candidatesTokenCount": 40,"totalTokenCount": 49}}\r\n\r\n'
  const events = decodePieces(createDecoder, [readFixture('gemini-text'), Buffer.from(late)])
  expect(events.slice(-2)).toEqual([
    { type: 'usage', usage: { input: 9, output: 40, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 } },
    end,
  ])
})

test.each(['data: nonsense\n\n', 'data: [1]\n\n', 'data: {"candidates": [7]}\n\n'])(
  '%j is no stream of Gemini’s',
  (bytes) => {
    expect(() => decodePieces(createDecoder, [Buffer.from(bytes)])).toThrow()
  },
)
