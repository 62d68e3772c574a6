// An answer is said in OpenAI's chat format to the field, whole and streamed; read again it is the same answer.
import { describe, expect, test } from 'vitest'
import type { AnswerEvent, StopReason, TokenLogprob } from '../../../src/conversation/answer-event.ts'
import { openAiChat } from '../../../src/dialects/openai-chat/openai-chat.ts'
import { isRecord } from '../../../src/is-record.ts'
import { ChatStreamDecoder } from '../../../src/providers/openai-format/chat-stream-decoder.ts'
import { decodeChatAnswer } from '../../../src/providers/openai-format/decode-chat-answer.ts'
import { parse } from './requests.ts'

const choice = 0
const start: AnswerEvent = { type: 'start', id: 'msg_1', model: 'claude', createdSeconds: null }
const end: AnswerEvent = { type: 'end' }
const usage: AnswerEvent = {
  type: 'usage',
  usage: { input: 30, output: 12, cachedInput: 8, cacheWriteInput: 4, reasoning: 5 },
}
const stop = (reason: StopReason, of = 0): AnswerEvent => ({ type: 'stop', choice: of, reason, stopSequence: null })
const text = (said: string, of = 0): AnswerEvent => ({ type: 'text', choice: of, text: said })
const call = (at: number, id: string, name: string): AnswerEvent => ({
  type: 'tool-call',
  choice,
  call: at,
  id,
  name,
  signature: null,
})
const json = (at: number, piece: string): AnswerEvent => ({ type: 'tool-arguments', choice, call: at, json: piece })
const token: TokenLogprob = { token: 'é', logprob: -0.5, bytes: [195, 169], top: [] }

const context = (fields: Readonly<Record<string, unknown>> = {}) => ({
  request: parse(fields),
  seed: 'abc',
  createdSeconds: 1795337201,
})
const renderWhole = (events: readonly AnswerEvent[]): unknown =>
  JSON.parse(openAiChat.renderAnswer([start, ...events, end], context()))
const renderStream = (events: readonly AnswerEvent[], fields: Readonly<Record<string, unknown>> = {}): string =>
  openAiChat.createStreamRenderer(context({ stream: true, ...fields })).render([start, ...events, end])
type Chunk = Readonly<{ choices: readonly Readonly<{ delta: unknown }>[]; usage?: unknown }>
const isChunk = (value: unknown): value is Chunk => isRecord(value) && Array.isArray(value.choices)
const chunks = (stream: string): readonly Chunk[] =>
  stream
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event): unknown => JSON.parse(event.slice('data: '.length)))
    .filter(isChunk)
const deltas = (stream: string): readonly unknown[] =>
  chunks(stream).flatMap(({ choices }) => choices.map(({ delta }) => delta))

describe('whole', () => {
  test('to the field', () => {
    expect(renderWhole([text('Hel'), text('lo'), stop('stop'), usage])).toEqual({
      id: 'chatcmpl-abc',
      object: 'chat.completion',
      created: 1795337201,
      model: 'claude',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello', refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 30,
        completion_tokens: 12,
        total_tokens: 42,
        prompt_tokens_details: { cached_tokens: 8, audio_tokens: 0, cache_write_tokens: 4 },
        completion_tokens_details: {
          reasoning_tokens: 5,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
      },
      system_fingerprint: null,
    })
  })

  test('calls, one without arguments, and no text', () => {
    const events = [call(0, 'a', 'one'), json(0, '{"x'), json(0, '":1}'), call(1, 'b', 'two'), stop('tool-calls')]
    expect(renderWhole(events)).toMatchObject({
      choices: [
        {
          message: {
            content: null,
            tool_calls: [
              { id: 'a', type: 'function', function: { name: 'one', arguments: '{"x":1}' } },
              { id: 'b', type: 'function', function: { name: 'two', arguments: '{}' } },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
    })
  })

  test('what was thought, with its proofs, and a proof of a call', () => {
    const events: AnswerEvent[] = [
      { type: 'reasoning', choice, text: 'H' },
      { type: 'reasoning', choice, text: 'm' },
      { type: 'reasoning-signature', choice, signature: 'sig' },
      { type: 'redacted-reasoning', choice, data: 'secret' },
      { type: 'reasoning', choice, text: 'unsigned' },
      text('Hi'),
      { type: 'tool-call', choice, call: 0, id: 'a', name: 'one', signature: 'gem' },
      stop('tool-calls'),
    ]
    expect(renderWhole(events)).toMatchObject({
      choices: [
        {
          message: {
            content: 'Hi',
            reasoning_content: 'Hmunsigned',
            thinking_blocks: [
              { type: 'thinking', thinking: 'Hm', signature: 'sig' },
              { type: 'redacted_thinking', data: 'secret' },
              { type: 'thinking', thinking: 'unsigned' },
            ],
            tool_calls: [{ id: 'a', extra_content: { google: { thought_signature: 'gem' } } }],
          },
        },
      ],
    })
  })
})

test.each([
  ['stop', 'stop'],
  ['stop-sequence', 'stop'],
  ['pause', 'stop'],
  ['length', 'length'],
  ['context-window', 'length'],
  ['content-filter', 'content_filter'],
  ['refusal', 'content_filter'],
] as const)('%s is %s', (reason, finish) => {
  expect(renderWhole([text('x'), stop(reason)])).toMatchObject({ choices: [{ finish_reason: finish }] })
  expect(chunks(renderStream([text('x'), stop(reason)])).at(-1)).toMatchObject({ choices: [{ finish_reason: finish }] })
})

test('a refusal in words ends as any answer does', () => {
  const events: AnswerEvent[] = [{ type: 'refusal', choice, text: 'No.' }, stop('refusal')]
  expect(renderWhole(events)).toMatchObject({
    choices: [{ message: { content: null, refusal: 'No.' }, finish_reason: 'stop' }],
  })
  expect(deltas(renderStream(events))).toEqual([
    { role: 'assistant', content: '', refusal: null },
    { refusal: 'No.' },
    {},
  ])
})

describe('streamed', () => {
  const head = '"id":"chatcmpl-abc","object":"chat.completion.chunk","created":1795337201,"model":"claude"'

  test('to the byte', () => {
    expect(renderStream([text('H"i'), stop('stop'), usage])).toBe(
      [
        `{${head},"system_fingerprint":null,"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]}`,
        `{${head},"system_fingerprint":null,"choices":[{"index":0,"delta":{"content":"H\\"i"},"logprobs":null,"finish_reason":null}]}`,
        `{${head},"system_fingerprint":null,"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}`,
        '[DONE]',
      ]
        .map((data) => `data: ${data}\n\n`)
        .join(''),
    )
  })

  test('E8 the usage goes to who asked for it: null in every chunk, and one of its own without choices', () => {
    const asked = chunks(renderStream([text('x'), stop('stop'), usage], { stream_options: { include_usage: true } }))
    expect(asked.map((chunk) => chunk.usage)).toEqual([
      null,
      null,
      null,
      expect.objectContaining({ prompt_tokens: 30, completion_tokens: 12 }),
    ])
    expect(asked.at(-1)).toMatchObject({ choices: [] })
    expect(renderStream([text('x'), stop('stop'), usage])).not.toContain('usage')
  })

  test('calls: the name first, then arguments; an empty object for none', () => {
    const events = [call(0, 'a', 'one'), json(0, '{}'), call(1, 'b', 'two'), stop('tool-calls')]
    expect(deltas(renderStream(events))).toEqual([
      { role: 'assistant', content: null, refusal: null },
      { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'one', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
      { tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'two', arguments: '' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      {},
    ])
  })

  test('what was thought, and at the end all blocks with their proofs, in one delta: clients join no lists', () => {
    const events: AnswerEvent[] = [
      { type: 'reasoning', choice, text: 'H' },
      { type: 'reasoning', choice, text: 'm' },
      { type: 'reasoning-signature', choice, signature: 'sig' },
      { type: 'redacted-reasoning', choice, data: 'secret' },
      text('Hi'),
      stop('stop'),
    ]
    expect(deltas(renderStream(events)).slice(1, -1)).toEqual([
      { reasoning_content: 'H' },
      { reasoning_content: 'm' },
      { content: 'Hi' },
      {
        thinking_blocks: [
          { type: 'thinking', thinking: 'Hm', signature: 'sig' },
          { type: 'redacted_thinking', data: 'secret' },
        ],
      },
    ])
  })

  test('log probabilities stand in the chunk of their text', () => {
    const stream = renderStream([text('é'), { type: 'logprobs', choice, content: [token] }, stop('stop')])
    expect(chunks(stream)[1]).toMatchObject({
      choices: [
        {
          delta: { content: 'é' },
          logprobs: {
            content: [{ token: 'é', logprob: -0.5, bytes: [195, 169], top_logprobs: [] }],
            refusal: null,
          },
        },
      ],
    })
  })

  test('nothing but an end is an end', () => {
    expect(openAiChat.createStreamRenderer(context({ stream: true })).render([end])).toBe('data: [DONE]\n\n')
  })
})

describe('read again it is the same answer', () => {
  const said: readonly (readonly [string, readonly AnswerEvent[]])[] = [
    ['text', [text('Grüße, 東京 👩‍🚀\n"\\\u2028'), stop('length'), usage]],
    ['thought', [{ type: 'reasoning', choice, text: 'Hm' }, text('Hi'), stop('stop'), usage]],
    ['log probabilities', [text('é'), { type: 'logprobs', choice, content: [token] }, stop('stop'), usage]],
    ['calls', [call(0, 'a', 'one'), json(0, '{"x":1}'), call(1, 'b', 'two'), json(1, '{}'), stop('tool-calls'), usage]],
    ['choices', [text('a'), stop('stop'), text('b', 1), stop('length', 1), usage]],
  ]
  const expected = (events: readonly AnswerEvent[]) => [
    { type: 'start', id: 'chatcmpl-abc', model: 'claude', createdSeconds: 1795337201 },
    ...events,
    end,
  ]

  test.each(said)('%s, whole', (_, events) => {
    expect(decodeChatAnswer(renderWhole(events))).toEqual(expected(events))
  })

  test.each(said)('%s, streamed, whatever the pieces that it is rendered in', (_, events) => {
    const fields = { stream: true, stream_options: { include_usage: true } }
    const whole = renderStream(events, fields)
    expect(new ChatStreamDecoder().push(Buffer.from(whole))).toEqual(expected(events))
    const renderer = openAiChat.createStreamRenderer(context(fields))
    const pieces = [start, ...events, end].map((event) => renderer.render([event])).join('')
    expect(new ChatStreamDecoder().push(Buffer.from(pieces))).toEqual(expected(events))
  })
})
