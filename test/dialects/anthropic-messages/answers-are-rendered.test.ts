// Answers, whole and streamed, are what Anthropic's own client reads them as; blocks never overlap.
import type { MessageStreamEvent } from '@anthropic-ai/sdk/resources/messages'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent, StopReason } from '../../../src/conversation/answer-event.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/anthropic-messages.ts'
import type { RenderContext } from '../../../src/dialects/conversation-api.ts'
import { SseReader } from '../../../src/wire/sse-reader.ts'

const choice = 0
const context: RenderContext = {
  request: anthropicMessages.parse(
    Buffer.from('{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}'),
  ),
  seed: 'seed1',
  createdSeconds: 0,
}

/** The events of one stream, each rendered by itself, checked for their order. */
function stream(events: readonly AnswerEvent[]): readonly MessageStreamEvent[] {
  const renderer = anthropicMessages.createStreamRenderer(context)
  const reader = new SseReader()
  const text = events.map((event) => renderer.render([event])).join('')
  return reader.push(Buffer.from(text)).map(({ event, data }) => {
    const parsed: MessageStreamEvent = JSON.parse(data)
    expect(parsed.type).toBe(event)
    return parsed
  })
}

/** Blocks in order, deltas joined. Throws where one begins before the last has ended. */
function joinBlocks(events: readonly MessageStreamEvent[]): readonly unknown[] {
  const blocks: { start: object; deltas: string }[] = []
  let isOpen = false
  for (const event of events) {
    switch (event.type) {
      case 'content_block_start':
        expect(isOpen).toBe(false)
        expect(event.index).toBe(blocks.length)
        isOpen = true
        blocks.push({ start: event.content_block, deltas: '' })
        break
      case 'content_block_delta': {
        expect(isOpen).toBe(true)
        expect(event.index).toBe(blocks.length - 1)
        const block = blocks.at(-1)
        const { type: _, ...delta } = event.delta
        if (block !== undefined) block.deltas += String(Object.values(delta)[0])
        break
      }
      case 'content_block_stop':
        expect(isOpen).toBe(true)
        expect(event.index).toBe(blocks.length - 1)
        isOpen = false
        break
      default:
        expect(isOpen).toBe(false)
    }
  }
  expect(isOpen).toBe(false)
  return blocks
}

const start: AnswerEvent = { type: 'start', id: 'chatcmpl-1', model: 'gpt', createdSeconds: 1 }
const usage: AnswerEvent = {
  type: 'usage',
  usage: { input: 100, output: 20, cachedInput: 30, cacheWriteInput: 10, reasoning: 5 },
}
const stopWith = (reason: StopReason): AnswerEvent => ({ type: 'stop', choice, reason, stopSequence: null })
const call = (number: number, name: string): AnswerEvent => ({
  type: 'tool-call',
  choice,
  call: number,
  id: `call_${number}`,
  name,
  signature: null,
})
const json = (number: number, text: string): AnswerEvent => ({
  type: 'tool-arguments',
  choice,
  call: number,
  json: text,
})

const everything: readonly AnswerEvent[] = [
  start,
  { type: 'reasoning', choice, text: 'Two ' },
  { type: 'reasoning', choice, text: 'calls.' },
  { type: 'reasoning-signature', choice, signature: 'sig' },
  { type: 'redacted-reasoning', choice, data: 'hidden' },
  { type: 'text', choice, text: 'Look' },
  { type: 'text', choice, text: 'ing.' },
  { type: 'part-end', choice },
  call(0, 'weather'),
  json(0, '{"city":'),
  json(0, '"Bern"}'),
  call(1, 'now'),
  json(1, '{}'),
  stopWith('tool-calls'),
  usage,
  { type: 'end' },
]

test('a whole answer', () => {
  expect(JSON.parse(anthropicMessages.renderAnswer(everything, context))).toEqual({
    id: 'msg_seed1',
    type: 'message',
    role: 'assistant',
    model: 'gpt',
    content: [
      { type: 'thinking', thinking: 'Two calls.', signature: 'sig' },
      { type: 'redacted_thinking', data: 'hidden' },
      { type: 'text', text: 'Looking.' },
      { type: 'tool_use', id: 'call_0', name: 'weather', input: { city: 'Bern' } },
      { type: 'tool_use', id: 'call_1', name: 'now', input: {} },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: {
      input_tokens: 60,
      cache_creation_input_tokens: 10,
      cache_read_input_tokens: 30,
      output_tokens: 20,
      output_tokens_details: { thinking_tokens: 5 },
    },
  })
})

test('ids of calls are such that the conversation may go on at Anthropic’s', () => {
  const odd: AnswerEvent = { type: 'tool-call', choice, call: 0, id: 'functions.f:0', name: 'f', signature: null }
  const events = [start, odd, json(0, '{}'), stopWith('tool-calls'), usage, { type: 'end' } as const]
  expect(JSON.parse(anthropicMessages.renderAnswer(events, context)).content).toMatchObject([{ id: 'functions_f_0' }])
  expect(joinBlocks(stream(events))).toMatchObject([{ start: { id: 'functions_f_0' } }])
})

test('the same, streamed', () => {
  const events = stream(everything)
  expect(events[0]).toMatchObject({
    type: 'message_start',
    message: { id: 'msg_seed1', role: 'assistant', content: [], stop_reason: null, usage: { input_tokens: 0 } },
  })
  expect(joinBlocks(events)).toEqual([
    { start: { type: 'thinking', thinking: '', signature: '' }, deltas: 'Two calls.sig' },
    { start: { type: 'redacted_thinking', data: 'hidden' }, deltas: '' },
    { start: { type: 'text', text: '' }, deltas: 'Looking.' },
    { start: { type: 'tool_use', id: 'call_0', name: 'weather', input: {} }, deltas: '{"city":"Bern"}' },
    { start: { type: 'tool_use', id: 'call_1', name: 'now', input: {} }, deltas: '{}' },
  ])
  expect(events.slice(-2)).toEqual([
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: {
        input_tokens: 60,
        cache_creation_input_tokens: 10,
        cache_read_input_tokens: 30,
        output_tokens: 20,
        output_tokens_details: { thinking_tokens: 5 },
      },
    },
    { type: 'message_stop' },
  ])
})

test('what is known of the input stands in the first event', () => {
  const text = anthropicMessages.createStreamRenderer(context).render([start, usage])
  expect(text).toContain('"input_tokens":60')
})

describe('calls that come interleaved are blocks one after another', () => {
  test.each([
    [
      'pieces in turns',
      [
        call(0, 'f'),
        call(1, 'g'),
        json(0, '{"a":'),
        json(1, '{"b":'),
        json(0, '1}'),
        json(1, '"}"}'),
        stopWith('tool-calls'),
      ],
    ],
    [
      'the second one first',
      [call(0, 'f'), json(0, '{"a'), call(1, 'g'), json(1, '{"b":"}"}'), json(0, '":1}'), stopWith('tool-calls')],
    ],
    [
      'with ends between them',
      [
        call(0, 'f'),
        call(1, 'g'),
        json(1, '{"b":"}"}'),
        json(0, '{"a":1}'),
        { type: 'part-end', choice },
        { type: 'part-end', choice },
        stopWith('tool-calls'),
      ],
    ],
  ] satisfies readonly (readonly [string, readonly AnswerEvent[]])[])('%s', (_name, calls) => {
    expect(joinBlocks(stream([start, ...calls, usage, { type: 'end' }]))).toEqual([
      { start: { type: 'tool_use', id: 'call_0', name: 'f', input: {} }, deltas: '{"a":1}' },
      { start: { type: 'tool_use', id: 'call_1', name: 'g', input: {} }, deltas: '{"b":"}"}' },
    ])
  })

  test('a call that is whole ends when the next one begins, so that nothing waits', () => {
    const renderer = anthropicMessages.createStreamRenderer(context)
    renderer.render([start, call(0, 'f'), json(0, '{"a":"\\"}"}')])
    expect(renderer.render([call(1, 'g')])).toContain('content_block_start')
  })
})

test("a call's Gemini signature goes before it and comes back onto it", () => {
  const signed: AnswerEvent = { type: 'tool-call', choice, call: 0, id: 'a', name: 'f', signature: 'c2ln' }
  const events = [start, signed, json(0, '{}'), stopWith('tool-calls'), usage, { type: 'end' } as const]
  expect(joinBlocks(stream(events))).toEqual([
    { start: { type: 'thinking', thinking: '', signature: '' }, deltas: 'gemini:c2ln' },
    { start: { type: 'tool_use', id: 'a', name: 'f', input: {} }, deltas: '{}' },
  ])
  const { content } = JSON.parse(anthropicMessages.renderAnswer(events, context))
  const request = {
    model: 'm',
    max_tokens: 9,
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'ok' }] },
    ],
  }
  const { conversation } = anthropicMessages.parse(Buffer.from(JSON.stringify(request)))
  expect(conversation.turns[1]).toMatchObject({ parts: [{ kind: 'tool-call', id: 'a', signature: 'c2ln' }] })
})

test.each([
  ['stop', 'end_turn'],
  ['stop-sequence', 'stop_sequence'],
  ['length', 'max_tokens'],
  ['tool-calls', 'tool_use'],
  ['content-filter', 'refusal'],
  ['refusal', 'refusal'],
  ['pause', 'pause_turn'],
  ['context-window', 'model_context_window_exceeded'],
] satisfies readonly (readonly [StopReason, string])[])('it stopped for %s: %s', (reason, expected) => {
  const events = [start, stopWith(reason), { type: 'end' } as const]
  expect(JSON.parse(anthropicMessages.renderAnswer(events, context))).toMatchObject({ stop_reason: expected })
  expect(stream(events)).toContainEqual(
    expect.objectContaining({ delta: { stop_reason: expected, stop_sequence: null } }),
  )
})

test('arguments that are no JSON are no answer, unless the answer was cut by its limit', () => {
  const events = (reason: StopReason): AnswerEvent[] => [
    start,
    call(0, 'f'),
    json(0, '{"a":'),
    stopWith(reason),
    { type: 'end' },
  ]
  expect(JSON.parse(anthropicMessages.renderAnswer(events('length'), context))).toMatchObject({
    content: [{ type: 'tool_use', input: {} }],
    stop_reason: 'max_tokens',
  })
  expect(() => anthropicMessages.renderAnswer(events('tool-calls'), context)).toThrow(
    expect.objectContaining({ code: 'upstream_invalid_response' }),
  )
})

test('an answer of nothing is a message of nothing', () => {
  const events: AnswerEvent[] = [start, stopWith('stop'), usage, { type: 'end' }]
  expect(JSON.parse(anthropicMessages.renderAnswer(events, context))).toMatchObject({
    content: [],
    stop_reason: 'end_turn',
  })
  expect(stream(events).map(({ type }) => type)).toEqual(['message_start', 'message_delta', 'message_stop'])
})
