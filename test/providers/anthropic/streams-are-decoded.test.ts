// B1, B2: every stream of Anthropic's is decoded to the same events, wherever the network cuts it.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../../src/conversation/answer-event.ts'
import { anthropic } from '../../../src/providers/anthropic/anthropic.ts'
import type { StreamDecoder } from '../../../src/providers/codec.ts'
import { splitEverywhere } from '../../support/split-stream.ts'

const call = { model: 'claude-sonnet-5', isStream: true, basePath: '/v1', maxOutputTokens: null }

function readFixture(name: string): Buffer {
  return readFileSync(new URL(`fixtures/${name}.sse`, import.meta.url))
}

function createDecoder(): StreamDecoder {
  if (anthropic.chat === null) throw new Error('Anthropic has no chat')
  return anthropic.chat.createStreamDecoder(call)
}

function decode(pieces: readonly Buffer[]): readonly AnswerEvent[] {
  const decoder = createDecoder()
  const events = pieces.flatMap((piece) => [...decoder.push(piece)])
  expect(decoder.isComplete).toBe(events.at(-1)?.type === 'end')
  return events
}

const choice = 0

const expected: Readonly<Record<string, readonly AnswerEvent[]>> = {
  text: [
    { type: 'start', id: 'msg_01Ab3kTq7Zr5Vn2WcXy9LmPd', model: 'claude-sonnet-5', createdSeconds: null },
    { type: 'usage', usage: { input: 3084, output: 0, cachedInput: 1024, cacheWriteInput: 2048, reasoning: 0 } },
    { type: 'text', choice, text: 'Grüße' },
    { type: 'text', choice, text: ' aus 東京 👩‍🚀:\n"ok"' },
    { type: 'part-end', choice },
    { type: 'usage', usage: { input: 3084, output: 19, cachedInput: 1024, cacheWriteInput: 2048, reasoning: 0 } },
    { type: 'stop', choice, reason: 'stop-sequence', stopSequence: 'END' },
    { type: 'end' },
  ],
  'thinking-tools': [
    { type: 'start', id: 'msg_01QwErTy1234567890AbCdEf', model: 'claude-opus-4-8', createdSeconds: null },
    { type: 'usage', usage: { input: 471, output: 0, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 } },
    { type: 'reasoning', choice, text: 'Two cities,' },
    { type: 'reasoning', choice, text: ' two calls.' },
    { type: 'reasoning-signature', choice, signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk=' },
    { type: 'part-end', choice },
    {
      type: 'redacted-reasoning',
      choice,
      data: 'EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIwxtE3rAFBa8cr3qpPkNRj2YfWXGmKDxH4mPnZ5sQ7vB9URj2pLmN3kF8',
    },
    { type: 'part-end', choice },
    { type: 'text', choice, text: "I'll look both up." },
    { type: 'part-end', choice },
    {
      type: 'tool-call',
      choice,
      call: 0,
      id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6',
      name: 'get_weather',
      signature: null,
    },
    { type: 'tool-arguments', choice, call: 0, json: '{"city": "Zür' },
    { type: 'tool-arguments', choice, call: 0, json: 'ich", "unit": "C"}' },
    { type: 'part-end', choice },
    { type: 'tool-call', choice, call: 1, id: 'toolu_01LeSpzT5mPzYbUbGJPR1aLd', name: 'now', signature: null },
    { type: 'tool-arguments', choice, call: 1, json: '{}' },
    { type: 'part-end', choice },
    { type: 'usage', usage: { input: 471, output: 143, cachedInput: 0, cacheWriteInput: 0, reasoning: 58 } },
    { type: 'stop', choice, reason: 'tool-calls', stopSequence: null },
    { type: 'end' },
  ],
  'server-tools': [
    { type: 'start', id: 'msg_01G4bNvT8kYq2LxWm9RcPfHs', model: 'claude-sonnet-4-6', createdSeconds: null },
    { type: 'usage', usage: { input: 2679, output: 0, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 } },
    { type: 'text', choice, text: 'Sunny.' },
    { type: 'part-end', choice },
    { type: 'usage', usage: { input: 10682, output: 51, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 } },
    { type: 'stop', choice, reason: 'pause', stopSequence: null },
    { type: 'end' },
  ],
  overloaded: [
    { type: 'start', id: 'msg_01Hc6Jx9TtRw4LzQ8NbVm2Ys', model: 'claude-sonnet-5', createdSeconds: null },
    { type: 'usage', usage: { input: 9, output: 0, cachedInput: 0, cacheWriteInput: 0, reasoning: 0 } },
    { type: 'text', choice, text: 'Half' },
    {
      type: 'error',
      error: { status: 529, message: 'Overloaded', code: 'overloaded_error', param: null, isContextOverflow: false },
    },
  ],
}

describe.each(Object.entries(expected))('the stream %s', (name, events) => {
  test('is decoded', () => {
    expect(decode([readFixture(name)])).toEqual(events)
  })

  test('B1: is decoded the same however it is cut, with line feeds and with CRLF', () => {
    const whole = JSON.stringify(events)
    const stream = readFixture(name)
    for (const { name: cut, pieces } of splitEverywhere(stream)) expect(JSON.stringify(decode(pieces)), cut).toBe(whole)
    const crlf = Buffer.from(stream.toString().replaceAll('\n', '\r\n'))
    for (const { name: cut, pieces } of splitEverywhere(crlf)) expect(JSON.stringify(decode(pieces)), cut).toBe(whole)
  })
})

test('B4: a stream is not complete before its own end', () => {
  const decoder = createDecoder()
  const stream = readFixture('text').toString()
  decoder.push(Buffer.from(stream.slice(0, stream.indexOf('event: message_stop'))))
  expect(decoder.isComplete).toBe(false)
})

test('what is no JSON is refused', () => {
  expect(() => createDecoder().push(Buffer.from('event: message_start\ndata: <html>\n\n'))).toThrow(
    expect.objectContaining({ code: 'upstream_invalid_response' }),
  )
})

test('arguments that come whole with their call are not lost', () => {
  const start = {
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
  }
  const stop = { type: 'content_block_stop', index: 0 }
  const stream = [start, stop].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
  expect(decode([Buffer.from(stream)])).toEqual([
    { type: 'tool-call', choice, call: 0, id: 'a', name: 'f', signature: null },
    { type: 'tool-arguments', choice, call: 0, json: '{"x":1}' },
    { type: 'part-end', choice },
  ])
})

test('a message that ends without a reason has stopped, once', () => {
  const event = (value: { type: string }) => Buffer.from(`event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`)
  const start = event({ type: 'message_start' })
  const stop = { type: 'stop', choice, reason: 'stop', stopSequence: null }
  expect(decode([start, event({ type: 'message_stop' })]).slice(-2)).toEqual([stop, { type: 'end' }])
  const delta = { type: 'message_delta', delta: { stop_reason: 'end_turn' } }
  const said = decode([start, event(delta), event(delta), event({ type: 'message_stop' })])
  expect(said.filter(({ type }) => type === 'stop')).toEqual([stop])
})
