// Whole answers and errors of OpenAI-shaped servers, in every shape that they come in.
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/errors/gateway-error.ts'
import { decodeChatAnswer } from '../../../src/providers/openai-format/decode-chat-answer.ts'
import { decodeOpenAiError } from '../../../src/providers/openai-format/decode-error.ts'
import { isContextOverflow } from '../../../src/providers/openai-format/is-context-overflow.ts'

const choice = 0
const stopped = (reason: string) => ({ type: 'stop', choice, reason, stopSequence: null })
const answer = (message: object, finish = 'stop') => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 7,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
})
const decode = (message: object, finish?: string) => decodeChatAnswer(answer(message, finish)).slice(1, -1)

test('an answer of OpenAI', () => {
  const whole = {
    ...answer({ content: 'Hi', refusal: null, annotations: [] }),
    usage: {
      prompt_tokens: 8,
      completion_tokens: 9,
      total_tokens: 17,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 5 },
    },
    system_fingerprint: 'fp',
  }
  expect(decodeChatAnswer(whole)).toEqual([
    { type: 'start', id: 'chatcmpl-1', model: 'm', createdSeconds: 7 },
    { type: 'text', choice, text: 'Hi' },
    stopped('stop'),
    { type: 'usage', usage: { input: 8, output: 9, cachedInput: 4, cacheWriteInput: 0, reasoning: 5 } },
    { type: 'end' },
  ])
})

test.each([
  ['DeepSeek thinks', { content: 'Hi', reasoning_content: 'Hm' }, ['reasoning', 'text']],
  ['OpenRouter thinks', { content: 'Hi', reasoning: 'Hm' }, ['reasoning', 'text']],
  [
    'OpenRouter thinks in details alone',
    { content: 'Hi', reasoning_details: [{ type: 'reasoning.summary', summary: 'Hm' }] },
    ['reasoning', 'text'],
  ],
  [
    'OpenRouter hides what was thought',
    { content: 'Hi', reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] },
    ['redacted-reasoning', 'text'],
  ],
  [
    'Mistral thinks',
    {
      content: [
        { type: 'thinking', thinking: 'Hm' },
        { type: 'text', text: 'Hi' },
      ],
    },
    ['reasoning', 'text'],
  ],
  ['a refusal', { content: null, refusal: 'No' }, ['refusal']],
  ['nothing', { content: '' }, []],
])('%s', (_, message, types) => {
  expect(decode(message).map(({ type }) => type)).toEqual([...types, 'stop'])
})

test('calls, their arguments as text or as an object; stop where it should be tool_calls', () => {
  const calls = [
    { id: 'a', type: 'function', function: { name: 'one', arguments: '{"x":1}' } },
    { id: 'b', type: 'function', function: { name: 'two', arguments: { x: 2 } } },
  ]
  expect(decode({ content: null, tool_calls: calls })).toEqual([
    { type: 'tool-call', choice, call: 0, id: 'a', name: 'one', signature: null },
    { type: 'tool-arguments', choice, call: 0, json: '{"x":1}' },
    { type: 'tool-call', choice, call: 1, id: 'b', name: 'two', signature: null },
    { type: 'tool-arguments', choice, call: 1, json: '{"x":2}' },
    stopped('tool-calls'),
  ])
})

test.each([null, 'text', [], {}, { choices: 'x' }, { choices: [7] }, { choices: [] }])('G11 no answer: %j', (body) => {
  expect(() => decodeChatAnswer(body)).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }))
})

test('a 200 that holds an error is that error, and an answer that failed is one', () => {
  expect(decodeChatAnswer({ error: { code: 429, message: 'Slow down' } })).toMatchObject([
    { type: 'error', error: { status: 429, message: 'Slow down' } },
  ])
  expect(() => decodeChatAnswer(answer({ content: '' }, 'error'))).toThrow(GatewayError)
})

describe('errors', () => {
  test.each([
    [
      'OpenAI',
      { error: { message: 'Bad', type: 'invalid_request_error', param: 'temperature', code: 'unsupported_value' } },
      { message: 'Bad', code: 'unsupported_value', param: 'temperature' },
    ],
    [
      'OpenAI without a code',
      { error: { message: 'Bad', type: 'invalid_request_error', param: null, code: null } },
      { message: 'Bad', code: 'invalid_request_error', param: null },
    ],
    [
      'vLLM until 0.10',
      { object: 'error', message: 'Bad', type: 'BadRequestError', param: null, code: 400 },
      { message: 'Bad', code: 'BadRequestError', param: null },
    ],
    [
      'vLLM now',
      { error: { message: 'Bad', type: 'BadRequestError', param: 'n', code: 400 } },
      { message: 'Bad', code: 'BadRequestError', param: 'n' },
    ],
    ['Ollama', { error: 'model "x" not found' }, { message: 'model "x" not found', code: null, param: null }],
    [
      'Mistral, a list',
      {
        object: 'error',
        message: { detail: [{ type: 'extra_forbidden', loc: ['body', 'foo'], msg: 'Extra inputs are not permitted' }] },
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
      { message: 'foo: Extra inputs are not permitted', code: 'invalid_request_error', param: 'foo' },
    ],
    [
      'FastAPI',
      { detail: [{ loc: ['body', 'messages', 0, 'role'], msg: 'field required', type: 'missing' }] },
      { message: 'messages[0].role: field required', code: null, param: 'messages[0].role' },
    ],
    ['FastAPI, a text', { detail: 'Not found' }, { message: 'Not found', code: null, param: null }],
    [
      'xAI',
      { code: 'Client specified an invalid argument', error: 'Bad' },
      { message: 'Bad', code: 'Client specified an invalid argument', param: null },
    ],
    [
      'Azure, a filter',
      {
        error: {
          message: 'The response was filtered',
          type: null,
          param: 'prompt',
          code: 'content_filter',
          status: 400,
          innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: {} },
        },
      },
      { message: 'The response was filtered', code: 'content_filter', param: 'prompt' },
    ],
    [
      "Azure's front",
      { statusCode: 404, message: 'Resource not found' },
      { message: 'Resource not found', code: null },
    ],
    [
      'Azure, no such deployment',
      { error: { code: 'DeploymentNotFound', message: 'The API deployment does not exist.' } },
      { message: 'The API deployment does not exist.', code: 'DeploymentNotFound', param: null },
    ],
    [
      'OpenRouter',
      {
        error: {
          message: 'Provider returned error',
          code: 400,
          metadata: { provider_name: 'X', raw: '{"error":{"message":"Bad tool"}}' },
        },
        user_id: 'u',
      },
      { message: 'Provider returned error: Bad tool', code: null, param: null },
    ],
    ['Hugging Face', { error: ['One', 'Two'], error_type: 'validation' }, { message: 'One; Two', code: 'validation' }],
  ])('%s', (_, body, error) => {
    expect(decodeOpenAiError(400, JSON.stringify(body))).toMatchObject({
      status: 400,
      isContextOverflow: false,
      ...error,
    })
  })

  test.each(['', '<html><body>10.0.0.7 is down</body></html>', '[]', '"x"', '{}', '{"error":{}}'])(
    'what is no error of theirs is not repeated: %s',
    (body) => {
      expect(decodeOpenAiError(503, body)).toEqual({
        status: 503,
        message: 'The backend answered with status 503.',
        code: null,
        param: null,
        isContextOverflow: false,
      })
    },
  )
})

describe('an input longer than the context window', () => {
  test.each([
    // OpenAI
    [400, 'context_length_exceeded', "This model's maximum context length is 128000 tokens."],
    // vLLM
    [400, 'BadRequestError', "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens"],
    [400, 'BadRequestError', 'The decoder prompt (length 5000) is longer than the maximum model length of 4096.'],
    // llama.cpp
    [400, 'exceed_context_size_error', 'the request exceeds the available context size, try increasing it'],
    [500, 'exceed_context_size_error', 'the request exceeds the available context size'],
    // Mistral
    [400, 'invalid_request_error', 'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768'],
    // TGI
    [422, 'validation', '`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000'],
    // Groq
    [413, null, 'Please reduce the length of the messages or completion.'],
    // Fireworks
    [400, 'invalid_request_error', 'The prompt is too long: 140000, model maximum context length: 131071'],
    // xAI
    [400, null, "This model's maximum prompt length is 131072 but the request contains 537812 tokens."],
    // Together
    [422, null, 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193.'],
  ])('%i %s %s', (status, code, message) => {
    expect(isContextOverflow(status, code, message)).toBe(true)
  })

  test.each([
    [400, null, 'The string is too long for the field name.'],
    [429, 'rate_limit_exceeded', 'Request too large for gpt-4o: tokens per min (TPM): Limit 30000'],
    [400, 'invalid_value', 'max_tokens is too large: 99999. This model supports at most 16384 completion tokens'],
    [503, null, 'This model is at its maximum context length of patience'],
    [404, 'model_not_found', 'The model does not exist'],
  ])('and nothing else: %i %s %s', (status, code, message) => {
    expect(isContextOverflow(status, code, message)).toBe(false)
  })
})
