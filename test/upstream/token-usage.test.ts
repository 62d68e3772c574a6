// What is counted of an answer's `usage`, read by its names, is what parsing it would give.
import { describe, expect, test } from 'vitest'
import { parseStreamUsage, parseUsage, scanUsage } from '../../src/upstream/token-usage.ts'

const answers: readonly (readonly [string, unknown])[] = [
  [
    'chat',
    {
      choices: [{ message: { content: 'hi' } }],
      usage: { prompt_tokens: 19, completion_tokens: 10, total_tokens: 29 },
    },
  ],
  [
    'details',
    {
      usage: {
        prompt_tokens: 2006,
        completion_tokens: 300,
        prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 192, accepted_prediction_tokens: 0 },
      },
    },
  ],
  ['responses API', { usage: { input_tokens: 7, input_tokens_details: { cached_tokens: 3 }, output_tokens: 5 } }],
  [
    'Anthropic’s, caches apart',
    {
      type: 'message',
      usage: {
        input_tokens: 7,
        cache_creation_input_tokens: 100,
        cache_read_input_tokens: 30,
        cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 0 },
        output_tokens: 5,
        output_tokens_details: { thinking_tokens: 2 },
      },
    },
  ],
  [
    'chat, with Anthropic’s names beside',
    { usage: { prompt_tokens: 9, cache_read_input_tokens: 4, completion_tokens: 1 } },
  ],
  ['the word in the text', { a: 'what is "usage"?', usage: { prompt_tokens: 1, completion_tokens: 2 } }],
  ['other fields behind it', { usage: { prompt_tokens: 4, completion_tokens: 0 }, system_fingerprint: 'fp_1' }],
  [
    'details before totals',
    { usage: { prompt_tokens_details: { cached_tokens: 1 }, prompt_tokens: 8, completion_tokens: 1 } },
  ],
  ['nothing in it', { usage: {} }],
  ['what the client said behind it', { usage: { input_tokens: 7, output_tokens: 5 }, user: 'usage', metadata: {} }],
  [
    'a name that the client made behind it',
    { usage: { input_tokens: 7, output_tokens: 5 }, metadata: { usage: '{"input_tokens":0}', 'a"usage': 'b\\"usage' } },
  ],
  [
    'a tool of that name behind it',
    { usage: { input_tokens: 7, output_tokens: 5 }, tools: [{ usage: { input_tokens: 0, output_tokens: 0 } }] },
  ],
  ['a tool of that name, and none of its own', { tools: [{ usage: { input_tokens: 0, output_tokens: 0 } }] }],
  ['answers behind it', { usage: { prompt_tokens: 4, completion_tokens: 2 }, choices: [{ text: '}]{"' }] }],
  ['none', { choices: [] }],
  ['null', { usage: null }],
]

describe.each(answers)('%s', (_name, answer) => {
  test.each([undefined, 2])('indented by %s', (indent) => {
    expect(scanUsage(Buffer.from(JSON.stringify(answer, null, indent)))).toEqual(parseUsage(answer))
  })
})

test('all of the input counts, whatever cache it went through', () => {
  const usage = { input_tokens: 7, cache_creation_input_tokens: 100, cache_read_input_tokens: 30, output_tokens: 5 }
  expect(parseUsage({ usage })).toEqual({ input: 137, output: 5, cachedInput: 30, reasoning: 0 })
})

describe('a stream of Anthropic’s', () => {
  const start = (usage: object) => ({ type: 'message_start', message: { id: 'msg_1', usage } })
  const begun = { input_tokens: 7, cache_creation_input_tokens: 100, cache_read_input_tokens: 30, output_tokens: 4 }

  test.each([
    ['says the output alone at its end', { output_tokens: 50 }],
    ['says all of it again', { ...begun, output_tokens: 50 }],
    ['says 0 for what it has said', { input_tokens: 0, cache_read_input_tokens: null, output_tokens: 50 }],
  ])('that %s', (_name, usage) => {
    const expected = { input: 137, output: 50, cachedInput: 30, reasoning: 0 }
    expect(parseStreamUsage(start(begun), { type: 'message_delta', usage })).toEqual(expected)
  })

  test('that was cut has no output yet, whatever it began with', () => {
    const event = start(begun)
    expect(parseStreamUsage(event, event)).toEqual({ input: 137, output: 0, cachedInput: 30, reasoning: 0 })
  })

  test('of chat, the last event says all', () => {
    const last = { usage: { prompt_tokens: 3, completion_tokens: 2 } }
    expect(parseStreamUsage({ usage: { prompt_tokens: 3, completion_tokens: 1 } }, last)).toEqual(parseUsage(last))
  })
})

test.each([
  '"usage":{"prompt_tokens":',
  '{"usage":{"prompt_tokens":-1}}',
  '{"usage":{"prompt_tokens":"9"}}',
  '"usage"',
  '',
])('odd bytes are not counted: %s', (text) => {
  expect(scanUsage(Buffer.from(text))?.input ?? 0).toBe(0)
})
