// The tokens counted in a stream are those that parsing every event would find, however its bytes come.
import { describe, expect, test } from 'vitest'
import { StreamTokenCounter } from '../../../src/providers/openai-format/stream-token-counter.ts'
import { SseFramer } from '../../../src/wire/sse-framer.ts'
import { renderEvent } from '../../support/http-bytes.ts'
import { createRandom } from '../../wire/random.ts'

type Delta = Readonly<Record<string, unknown>>

function chunk(delta: unknown, rest: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: null }],
    ...rest,
  }
}

function tokensOf(bytes: number): number {
  return bytes === 0 ? 0 : bytes <= 16 ? 1 : Math.ceil(bytes / 4)
}

/** What the rule of the counter gives for a parsed delta. */
function countDelta(delta: unknown): number {
  if (typeof delta === 'string') return tokensOf(Buffer.byteLength(delta))
  const sums = { text: 0, reasoning: 0, part: 0 }
  const walk = (value: unknown, name: string) => {
    if (Array.isArray(value)) for (const entry of value) walk(entry, '')
    else if (typeof value === 'object' && value !== null) for (const [key, of] of Object.entries(value)) walk(of, key)
    else if (typeof value === 'string') {
      const bytes = Buffer.byteLength(value)
      if (['content', 'arguments', 'refusal', 'partial_json'].includes(name)) sums.text += bytes
      if (['reasoning', 'reasoning_content', 'thinking'].includes(name))
        sums.reasoning = Math.max(sums.reasoning, bytes)
      if (name === 'text') sums.part += bytes
    }
  }
  walk(delta, '')
  return tokensOf(sums.text + sums.reasoning || sums.part)
}

function countBytes(shape: 'delta' | 'text', pieces: readonly Buffer[]): number {
  const framer = new SseFramer()
  const counter = new StreamTokenCounter(shape)
  for (const piece of pieces) {
    const whole = framer.push(piece)
    if (whole !== null) counter.push(whole)
  }
  return counter.tokens
}

/** As Python's json.dumps writes it: nothing but ASCII, a space behind colons and commas. */
function renderAscii(value: unknown): string {
  const text = JSON.stringify(value, null, 1).replace(/\n */g, ' ')
  const spell = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return `data: ${text.replace(/[\u007f-\uffff]/g, spell)}\n\n`
}

const deltas: readonly Delta[] = [
  { role: 'assistant', content: '' },
  { content: 'Hello' },
  { content: ' wörld 🙂' },
  { content: 'a line\nof "quoted" text \\ with \u0001 and \u2028, over sixteen bytes' },
  { content: '"delta":{"content":"not mine"}' },
  { content: '\\' },
  { content: '"content":' },
  { content: null, reasoning_content: 'because' },
  { reasoning: 'because it is so', reasoning_content: 'because it is so' },
  { content: '', reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text', text: 'hm', format: 'unknown' }] },
  { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '' } }] },
  { tool_calls: [{ index: 0, function: { arguments: '{"city":"Zürich"}' } }] },
  {
    tool_calls: [
      { index: 0, function: { arguments: '{"a' } },
      { index: 1, function: { arguments: '":1}' } },
    ],
  },
  { content: [{ type: 'text', text: 'a part' }] },
  { refusal: 'I will not' },
  // Anthropic's, one a case.
  { type: 'text_delta', text: 'Grüße aus 東京' },
  { type: 'thinking_delta', thinking: 'Two calls, I think.' },
  { type: 'input_json_delta', partial_json: '{"city": "Zür' },
  { type: 'signature_delta', signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk=' },
  { stop_reason: 'end_turn', stop_sequence: null },
  {},
]
const stream = [
  ...deltas.map((delta) => chunk(delta)),
  { choices: [], usage: { prompt_tokens: 1, completion_tokens: 9 } },
]
const expected = deltas.reduce((sum, delta) => sum + countDelta(delta), 0)

describe.each([
  ['as JSON.stringify writes it', renderEvent],
  ['in ASCII alone', renderAscii],
  ['with CR LF', (value: unknown) => renderEvent(value).replaceAll('\n', '\r\n')],
])('a chat stream %s', (_name, render) => {
  const bytes = Buffer.from(`${stream.map(render).join('')}data: [DONE]\n\n`)

  test('split at every byte', () => {
    for (let at = 0; at <= bytes.length; at++) {
      expect(countBytes('delta', [bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toBe(expected)
    }
  })

  test('byte by byte', () => {
    expect(
      countBytes(
        'delta',
        [...bytes].map((byte) => Buffer.of(byte)),
      ),
    ).toBe(expected)
  })

  test('event by event', () => {
    for (const value of stream) {
      const [choice] = 'choices' in value && Array.isArray(value.choices) ? value.choices : []
      expect(countBytes('delta', [Buffer.from(render(value))]), JSON.stringify(value)).toBe(countDelta(choice?.delta))
    }
  })
})

test('log probabilities are no text, and several choices of an event are a token each', () => {
  const logprobs = { content: [{ token: 'Hi', logprob: -0.1, bytes: [72, 105], top_logprobs: [{ token: 'Ho' }] }] }
  const event = {
    choices: [
      { index: 0, logprobs, delta: { content: 'Hi' } },
      { index: 1, delta: { content: 'Ho' }, logprobs },
    ],
  }
  expect(countBytes('delta', [Buffer.from(renderEvent(event))])).toBe(2)
})

test('the Responses API: the text of a delta, not what its last events repeat', () => {
  const events = [
    { type: 'response.created', response: { output: [] } },
    { type: 'response.output_text.delta', item_id: 'msg_1', delta: 'Hello' },
    { type: 'response.output_text.delta', item_id: 'msg_1', delta: ' there, this is longer than sixteen' },
    { type: 'response.function_call_arguments.delta', delta: '{"a":1}' },
    { type: 'response.output_text.done', text: 'Hello there' },
    { type: 'response.completed', response: { output: [{ content: [{ type: 'output_text', text: 'Hello there' }] }] } },
  ]
  const bytes = Buffer.from(events.map((event) => `event: ${event.type}\n${renderEvent(event)}`).join(''))
  expect(countBytes('delta', [bytes])).toBe(1 + 9 + 1)
})

test('legacy completions: the text of every choice', () => {
  const events = ['Once', ' upon', '', ' a "time" and more text than that'].map((text) => ({
    choices: [{ index: 0, text, logprobs: null, finish_reason: null }],
  }))
  expect(countBytes('text', [Buffer.from(events.map(renderEvent).join(''))])).toBe(1 + 1 + 0 + 9)
})

test('five hundred random streams', () => {
  const random = createRandom(7)
  const alphabet = [
    'a',
    'Z',
    ' ',
    '"',
    '\\',
    '\n',
    '\t',
    '\u0000',
    'é',
    '中',
    '🙂',
    '/',
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    'delta',
    'content',
  ]
  const pick = <T>(from: readonly T[]): T => {
    const value = from[Math.floor(random() * from.length)]
    if (value === undefined) throw new Error('nothing to pick from')
    return value
  }
  const text = () => Array.from({ length: Math.floor(random() * 12) }, () => pick(alphabet)).join('')
  for (let round = 0; round < 500; round++) {
    const made = Array.from({ length: 1 + Math.floor(random() * 6) }, () =>
      pick<() => Delta>([
        () => ({ content: text() }),
        () => ({ role: text(), content: text(), extra: { [text()]: text(), list: [1, text(), null] } }),
        () => ({ reasoning_content: text(), reasoning: text() }),
        () => ({ tool_calls: [{ id: text(), function: { name: text(), arguments: text() } }] }),
      ])(),
    )
    const render = pick([renderEvent, renderAscii])
    const bytes = Buffer.from(made.map((delta) => render(chunk(delta))).join(''))
    const cut = Math.floor(random() * bytes.length)
    const sum = made.reduce((total, delta) => total + countDelta(delta), 0)
    expect(countBytes('delta', [bytes.subarray(0, cut), bytes.subarray(cut)]), bytes.toString()).toBe(sum)
  }
})

test.each([
  'data: {"delta":{"content":"ab',
  'data: {"delta":{"content":"\\u00',
  'data: {"delta":{{{{',
  'data: {"delta":\n\n',
  'data: {"delta":{"content":"\\',
  'data: "delta"',
])('bytes that are no JSON count something or nothing, and end: %s', (text) => {
  const counter = new StreamTokenCounter('delta')
  counter.push(Buffer.from(`${text}\n\n${renderEvent(chunk({ content: 'x' }))}`))
  expect(counter.tokens).toBeGreaterThanOrEqual(0)
  expect(Number.isSafeInteger(counter.tokens)).toBe(true)
})
