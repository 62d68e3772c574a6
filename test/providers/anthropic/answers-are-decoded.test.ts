// Whole answers and errors of Anthropic's, read as they come.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeAnswer } from '../../../src/providers/anthropic/decode-answer.ts'
import { decodeError } from '../../../src/providers/anthropic/decode-error.ts'

const choice = 0

test('an answer with thinking, text, calls and tools of its own is decoded part by part', () => {
  const answer: unknown = JSON.parse(readFileSync(new URL('fixtures/answer.json', import.meta.url), 'utf8'))
  expect(decodeAnswer(answer)).toEqual([
    { type: 'start', id: 'msg_01QwErTy1234567890AbCdEf', model: 'claude-opus-4-8', createdSeconds: null },
    { type: 'reasoning', choice, text: 'Two cities, two calls.' },
    { type: 'reasoning-signature', choice, signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk=' },
    { type: 'part-end', choice },
    { type: 'redacted-reasoning', choice, data: expect.stringMatching(/^EmwK/) },
    { type: 'part-end', choice },
    { type: 'text', choice, text: "I'll look both up." },
    { type: 'part-end', choice },
    expect.objectContaining({ type: 'tool-call', call: 0, name: 'get_weather' }),
    { type: 'tool-arguments', choice, call: 0, json: '{"city":"Zürich","unit":"C"}' },
    { type: 'part-end', choice },
    expect.objectContaining({ type: 'tool-call', call: 1, name: 'now' }),
    { type: 'tool-arguments', choice, call: 1, json: '{}' },
    { type: 'part-end', choice },
    { type: 'stop', choice, reason: 'tool-calls', stopSequence: null },
    { type: 'usage', usage: { input: 471, output: 143, cachedInput: 300, cacheWriteInput: 100, reasoning: 58 } },
    { type: 'end' },
  ])
})

test.each([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'refusal'],
  ['pause_turn', 'pause'],
  ['model_context_window_exceeded', 'context-window'],
  ['constructor', 'stop'],
  ['a reason of tomorrow', 'stop'],
])('stop reason %s is %s', (said, reason) => {
  expect(decodeAnswer({ type: 'message', content: [], stop_reason: said })).toContainEqual({
    type: 'stop',
    choice,
    reason,
    stopSequence: null,
  })
})

test.each([[null], ['text'], [[]], [{}], [{ content: 'x' }], [{ error: { message: 'no' } }]])(
  'G11: %j is no answer',
  (answer) => {
    expect(() => decodeAnswer(answer)).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }))
  },
)

describe('errors', () => {
  const envelope = (type: string, message: string) =>
    JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_011CUB2XUHWkFnQzxcKBbjpF' })

  test.each([
    [529, envelope('overloaded_error', 'Overloaded'), 'Overloaded', 'overloaded_error', false],
    [429, envelope('rate_limit_error', 'Too many'), 'Too many', 'rate_limit_error', false],
    [
      400,
      envelope('invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum'),
      'prompt is too long: 208310 tokens > 200000 maximum',
      'invalid_request_error',
      true,
    ],
    [
      400,
      envelope('invalid_request_error', 'input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000'),
      'input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000',
      'invalid_request_error',
      true,
    ],
    [
      400,
      envelope('invalid_request_error', 'max_tokens: too large'),
      'max_tokens: too large',
      'invalid_request_error',
      false,
    ],
    [502, '<html>bad gateway</html>', 'The model server answered with status 502.', null, false],
    [500, '', 'The model server answered with status 500.', null, false],
    [400, '{"error":"a text"}', 'The model server answered with status 400.', null, false],
  ])('%i %s', (status, body, message, code, isContextOverflow) => {
    expect(decodeError(status, body)).toEqual({ status, message, code, param: null, isContextOverflow })
  })
})
