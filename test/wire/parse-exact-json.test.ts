// No digit of a whole number is lost on the way: tools are called with ids that no double holds.
import { expect, test } from 'vitest'
import { parseExactJson } from '../../src/wire/parse-exact-json.ts'

const rewrite = (text: string) => JSON.stringify(parseExactJson(text))

test('integers beyond 2^53 are written again as they came, wherever they stand', () => {
  for (const text of [
    '{"id":1234567890123456789}',
    '{"ids":[-9007199254740993,12345678901234567890],"at":1}',
    '{"a":{"b":[[98765432109876543210]]}}',
  ]) {
    expect(rewrite(text)).toBe(text)
  }
  expect(rewrite('[ 1234567890123456789 , 2 ]')).toBe('[1234567890123456789,2]')
})

test('all other numbers are numbers, whatever stands beside them', () => {
  const text =
    '{"n":1234567890123456789,"safe":9007199254740991,"f":-0.1234567890123456,"e":1e300,"s":"1234567890123456789"}'
  const parsed = parseExactJson(text)
  expect(parsed).toMatchObject({ safe: 9007199254740991, f: -0.1234567890123456, e: 1e300, s: '1234567890123456789' })
})

test('what is no JSON is still none', () => {
  expect(() => parseExactJson('{"a":1234567890123456789')).toThrow(SyntaxError)
  expect(() => parseExactJson('{"a":01234567890123456789}')).toThrow(SyntaxError)
})
