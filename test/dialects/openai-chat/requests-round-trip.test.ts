// Whatever a chat request says is in the conversation: written again in the same format, it says the same.
import { describe, expect, test } from 'vitest'
import { listFeatures } from '../../../src/conversation/list-features.ts'
import { encode, hello, parse } from './requests.ts'

const png = 'data:image/png;base64,iVBORw0KGgo='
const lookup = {
  type: 'function',
  function: {
    name: 'lookup',
    description: 'Looks it up',
    parameters: { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] },
    strict: true,
  },
}
const other = { type: 'function', function: { name: 'other', parameters: { type: 'object', properties: {} } } }
const call = (id: string) => ({ id, type: 'function', function: { name: 'lookup', arguments: '{"q":"x"}' } })

test('image/jpg is a name that many clients have for JPEG', () => {
  const image_url = { url: 'data:image/jpg;base64,/9j/' }
  const { turns } = parse({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url }] }] }).conversation
  expect(turns[0]?.parts[0]).toMatchObject({ kind: 'image', source: { mediaType: 'image/jpeg', data: '/9j/' } })
})

describe('fields', () => {
  test.each([
    { max_completion_tokens: 64 },
    { temperature: 0 },
    { temperature: 2, top_p: 0.25 },
    { top_k: 40 },
    { frequency_penalty: -2, presence_penalty: 0.5 },
    { seed: -7 },
    { stop: ['END', '\n\n'] },
    { n: 3 },
    { logit_bias: { 50256: -100, 1: 2 } },
    { logprobs: true },
    { logprobs: true, top_logprobs: 5 },
    { verbosity: 'low' },
    { user: 'user-1' },
    { service_tier: 'flex' },
    { prompt_cache_key: 'shared' },
    { tools: [lookup, other] },
    { tools: [lookup], tool_choice: 'required' },
    { tools: [lookup], tool_choice: 'none' },
    { tools: [lookup], tool_choice: { type: 'function', function: { name: 'lookup' } } },
    { tools: [lookup], parallel_tool_calls: false },
    { tools: [{ ...other, cache_control: { type: 'ephemeral', ttl: '1h' } }] },
    { response_format: { type: 'json_object' } },
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', description: 'An answer', schema: { type: 'object' }, strict: true },
      },
    },
    { reasoning_effort: 'minimal' },
    { stream: true, stream_options: { include_usage: true } },
  ])('%j', (fields) => {
    expect(encode(parse(fields))).toEqual({ model: 'm1', messages: [hello], ...fields })
  })
})

describe('messages', () => {
  test.each([
    ['system texts at the front are one', [{ role: 'system', content: 'Be brief.' }, hello]],
    ['a system text between turns stays there', [hello, { role: 'system', content: 'Now in French.' }, hello]],
    ['turns', [hello, { role: 'assistant', content: 'Hi' }, { role: 'user', content: 'Bye' }]],
    ['a name', [{ role: 'user', name: 'ann', content: 'Hello' }]],
    [
      'parts',
      [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What are these?' },
            { type: 'image_url', image_url: { url: png, detail: 'high' } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
            { type: 'file', file: { file_id: 'file-1' } },
            { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
          ],
        },
      ],
    ],
    [
      'cache markers',
      [
        { role: 'system', content: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral', ttl: '5m' } }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'A', cache_control: { type: 'ephemeral', ttl: '1h' } },
            { type: 'text', text: 'B' },
          ],
        },
      ],
    ],
    [
      'parallel calls and their results',
      [
        hello,
        { role: 'assistant', content: null, tool_calls: [call('call_1'), call('call_2')] },
        { role: 'tool', tool_call_id: 'call_1', content: 'one' },
        { role: 'tool', tool_call_id: 'call_2', content: 'two' },
        { role: 'user', content: 'And?' },
      ],
    ],
    ['text beside a call', [hello, { role: 'assistant', content: 'Wait.', tool_calls: [call('c')] }]],
    ['a refusal', [hello, { role: 'assistant', content: null, refusal: 'No.' }, hello]],
    ['what was thought', [hello, { role: 'assistant', content: 'Hi', reasoning_content: 'Hm.' }, hello]],
  ])('%s', (_, messages) => {
    expect(encode(parse({ messages }))).toEqual({ model: 'm1', messages })
  })

  test('developer is system; system messages in a row are one text', () => {
    const messages = [{ role: 'developer', content: 'A' }, { role: 'system', content: 'B' }, hello]
    expect(encode(parse({ messages }))).toEqual({
      model: 'm1',
      messages: [{ role: 'system', content: 'A\n\nB' }, hello],
    })
  })

  test('a marker on a message marks its end', () => {
    const messages = [{ ...hello, cache_control: { type: 'ephemeral' } }]
    expect(encode(parse({ messages }))).toEqual({
      model: 'm1',
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hello', cache_control: { type: 'ephemeral', ttl: '5m' } }] },
      ],
    })
  })

  test('an assistant message as the official client gives it back', () => {
    const answered = {
      role: 'assistant',
      content: '',
      refusal: null,
      annotations: [],
      audio: null,
      function_call: null,
      tool_calls: [{ ...call('c'), index: 0 }],
    }
    const { conversation } = parse({ messages: [hello, answered, { role: 'tool', tool_call_id: 'c', content: 'r' }] })
    expect(conversation.turns.slice(1)).toEqual([
      {
        role: 'assistant',
        name: null,
        parts: [{ kind: 'tool-call', id: 'c', name: 'lookup', arguments: '{"q":"x"}', signature: null, cache: null }],
      },
      {
        role: 'user',
        name: null,
        parts: [
          {
            kind: 'tool-result',
            callId: 'c',
            toolName: 'lookup',
            isError: false,
            cache: null,
            parts: [{ kind: 'text', text: 'r', cache: null }],
          },
        ],
      },
    ])
  })

  test('thinking blocks win over their text, signatures and secrets with them', () => {
    const said = {
      role: 'assistant',
      content: 'Hi',
      reasoning_content: 'ignored',
      thinking_blocks: [
        { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
        { type: 'redacted_thinking', data: 'secret' },
      ],
      tool_calls: [{ ...call('c'), extra_content: { google: { thought_signature: 'gem' } } }],
    }
    expect(parse({ messages: [hello, said] }).conversation.turns[1]?.parts).toEqual([
      { kind: 'reasoning', text: 'Hm.', signature: 'sig' },
      { kind: 'redacted-reasoning', data: 'secret' },
      { kind: 'text', text: 'Hi', cache: null },
      { kind: 'tool-call', id: 'c', name: 'lookup', arguments: '{"q":"x"}', signature: 'gem', cache: null },
    ])
  })
})

test.each([
  { reasoning_content: 'Hm' },
  { reasoning: 'Hm' },
  { reasoning: 'Hm', reasoning_content: 'Hm' },
  { reasoning: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm', signature: 'x', index: 0 }] },
  {
    reasoning_details: [
      { type: 'reasoning.summary', summary: 'H' },
      { type: 'reasoning.text', text: 'm' },
    ],
  },
])('what was thought, by any of its names: %j', (said) => {
  const { conversation } = parse({ messages: [hello, { role: 'assistant', content: 'Hi', ...said }] })
  expect(conversation.turns[1]?.parts).toEqual([
    { kind: 'reasoning', text: 'Hm', signature: null },
    { kind: 'text', text: 'Hi', cache: null },
  ])
})

describe('other spellings of the same', () => {
  test.each([
    [{ max_tokens: 9 }, { max_completion_tokens: 9 }],
    [{ stop: 'END' }, { stop: ['END'] }],
    [{ safety_identifier: 'a' }, { user: 'a' }],
    [{ thinking: { type: 'enabled', budget_tokens: 9_000 } }, { reasoning_effort: 'medium' }],
    [{ thinking: { type: 'disabled' } }, { reasoning_effort: 'none' }],
    [{ reasoning: { effort: 'high' } }, { reasoning_effort: 'high' }],
    [{ reasoning: { max_tokens: 2_500, exclude: true } }, { reasoning_effort: 'low' }],
    [{ reasoning: { enabled: false } }, { reasoning_effort: 'none' }],
    [
      {
        tools: [lookup, other],
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'other' } }] },
        },
      },
      { tools: [other], tool_choice: 'required' },
    ],
  ])('%j', (fields, same) => {
    expect(encode(parse(fields))).toEqual({ model: 'm1', messages: [hello], ...same })
  })
})

test('what is the default is not used', () => {
  const { conversation } = parse({
    n: 1,
    store: false,
    logprobs: false,
    top_logprobs: 0,
    logit_bias: {},
    metadata: {},
    modalities: ['text'],
    response_format: { type: 'text' },
    service_tier: 'auto',
    frequency_penalty: 0,
    presence_penalty: 0,
    top_k: -1,
    stream: false,
    functions: [],
    tools: [],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    prediction: null,
    reasoning: {},
    audio: null,
  })
  expect([...listFeatures(conversation)]).toEqual([])
})
