// B1: text deltas read without a JSON parser are what the parser reads, or are left to it.
import { expect, test } from 'vitest'
import { readTextDelta } from '../../../src/providers/anthropic/read-text-delta.ts'

const write = (text: string, index = 0) =>
  JSON.stringify({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } })

test.each(['a', '', ' two words', 'Grüße 東京 👩‍🚀', '}}', '{"type":"x"}'.replaceAll('"', "'"), 'x'.repeat(10_000)])(
  'the text %j',
  (text) => {
    expect(readTextDelta(write(text))).toBe(text)
    expect(readTextDelta(write(text, 12))).toBe(text)
  },
)

test('spaces behind the braces, as Anthropic pads its events', () => {
  expect(readTextDelta(`${write('Half').slice(0, -1)}     }   `)).toBe('Half')
})

test.each([
  ['an escape', write('a"b')],
  ['a backslash at the end', write('a\\')],
  ['a line break', write('a\nb')],
  ['another delta', write('a').replace('text_delta', 'thinking_delta')],
  ['another event', '{"type":"ping"}'],
  ['another order', '{"index":0,"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}'],
  ['another field', `${write('a').slice(0, -2)},"more":1}}`],
  ['a brace less', write('a').slice(0, -1)],
  ['a brace more', `${write('a')}}`],
  ['a cut', write('abc').slice(0, -4)],
  ['no index', write('a').replace(':0,', ':null,')],
])('%s is left to the parser', (_, data) => {
  expect(readTextDelta(data)).toBeNull()
})
