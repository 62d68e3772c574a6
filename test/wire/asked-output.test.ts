// How much answer a body asks for is read in the same pass: what JSON.parse would find, the larger of two.
import { describe, expect, test } from 'vitest'
import { scanBody } from '../../src/wire/scan-body.ts'

const none = { maxTokens: null, maxOutputTokens: null, choices: 1 }

function read(text: string) {
  const { maxTokens, maxOutputTokens, choices } = scanBody(Buffer.from(text))
  return { maxTokens, maxOutputTokens, choices }
}

test.each([
  ['{"max_tokens":100}', { maxTokens: 100 }],
  ['{"max_completion_tokens" : 7 }', { maxTokens: 7 }],
  ['{"max_tokens":5,"max_completion_tokens":9}', { maxTokens: 9 }],
  ['{"max_completion_tokens":9,"max_tokens":5}', { maxTokens: 9 }],
  ['{"max_output_tokens":1024,"max_tokens":5}', { maxTokens: 5, maxOutputTokens: 1024 }],
  ['{"n":3}', { choices: 3 }],
  ['{"n":3,"best_of":5}', { choices: 5 }],
  ['{"best_of":1,"n":2}', { choices: 2 }],
  ['{"max_tokens":1,"max_tokens":8,"max_tokens":2}', { maxTokens: 8 }],
  ['{"m\\u0061x_tokens":64}', { maxTokens: 64 }],
  ['{"max_tokens":1e3}', { maxTokens: 1000 }],
  ['{"max_tokens":256.0}', { maxTokens: 256 }],
  ['{"max_tokens":9007199254740991}', { maxTokens: 9_007_199_254_740_991 }],
])('%s', (text, found) => {
  expect(read(text)).toEqual({ ...none, ...found })
})

describe.each(['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'n', 'best_of'])('%s that is', (name) => {
  test.each([
    '-1',
    '0',
    '-0',
    '0.5',
    '1e400',
    '1e308',
    '9007199254740992',
    '1234567890123456789012345678901234567890',
    '"5"',
    'null',
    'true',
    '[5]',
    '{"max_tokens":5}',
    '""',
  ])('%s is none', (value) => {
    expect(read(`{"${name}":${value}}`)).toEqual(none)
    expect(read(`{"a":{"${name}":5},"b":[{"${name}":5}]}`)).toEqual(none)
  })
})
