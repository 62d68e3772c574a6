// Every field of Anthropic's Messages API is understood, noted as unknown, or refused by its name.
import { describe, expect, test } from 'vitest'
import type { ParsedRequest } from '../../../src/conversation/conversation.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/anthropic-messages.ts'

const messages = [{ role: 'user', content: 'Hello' }]

function parse(request: object): ParsedRequest {
  return anthropicMessages.parse(Buffer.from(JSON.stringify({ model: 'm', max_tokens: 100, messages, ...request })))
}

const conversationOf = (request: object) => parse(request).conversation
const turnsOf = (...turns: readonly object[]) => conversationOf({ messages: turns }).turns
const text = (value: string, cache: unknown = null) => ({ kind: 'text', text: value, cache })

test('the least request', () => {
  expect(conversationOf({})).toEqual({
    model: 'm',
    system: [],
    turns: [{ role: 'user', parts: [text('Hello')], name: null }],
    tools: [],
    toolChoice: null,
    parallelToolCalls: null,
    responseFormat: null,
    reasoning: null,
    maxOutputTokens: 100,
    temperature: null,
    topP: null,
    topK: null,
    frequencyPenalty: null,
    presencePenalty: null,
    seed: null,
    stop: [],
    choices: 1,
    logitBias: null,
    topLogprobs: null,
    verbosity: null,
    endUser: null,
    metadata: null,
    serviceTier: null,
    promptCacheKey: null,
    isStream: false,
    unknown: [],
  })
})

test('how an answer is to be made', () => {
  expect(
    conversationOf({
      stream: true,
      temperature: 0.3,
      top_p: 0.8,
      top_k: 40,
      stop_sequences: ['END'],
      metadata: { user_id: 'u-1' },
      service_tier: 'standard_only',
      system: 'Be brief.',
    }),
  ).toMatchObject({
    isStream: true,
    temperature: 0.3,
    topP: 0.8,
    topK: 40,
    stop: ['END'],
    endUser: 'u-1',
    serviceTier: 'default',
    system: [text('Be brief.')],
  })
})

test('text, images and documents in every form', () => {
  const [turn] = turnsOf({
    role: 'user',
    content: [
      { type: 'text', text: 'a', cache_control: { type: 'ephemeral' }, citations: null },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
      { type: 'image', source: { type: 'url', url: 'https://i.example/x' }, transformations: {} },
      { type: 'image', source: { type: 'file', file_id: 'file_1' } },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
        title: 'T',
        citations: { enabled: false },
        cache_control: { type: 'ephemeral', ttl: '1h' },
      },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Grüße' } },
      { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'x' }] } },
      { type: 'document', source: { type: 'url', url: 'https://d.example/x.pdf' } },
      { type: 'document', source: { type: 'file', file_id: 'file_2' } },
    ],
  })
  const image = (source: object) => ({ kind: 'image', source, detail: null, cache: null })
  const file = (source: object) => ({ kind: 'file', source, name: null, cache: null })
  const plain = (data: string) => ({ kind: 'base64', mediaType: 'text/plain', data })
  expect(turn?.parts).toEqual([
    text('a', { ttl: '5m' }),
    image({ kind: 'base64', mediaType: 'image/png', data: 'aGk=' }),
    image({ kind: 'url', url: 'https://i.example/x' }),
    image({ kind: 'file', id: 'file_1' }),
    {
      kind: 'file',
      source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' },
      name: 'T',
      cache: { ttl: '1h' },
    },
    file(plain(Buffer.from('Grüße').toString('base64'))),
    file(plain('eA==')),
    file({ kind: 'url', url: 'https://d.example/x.pdf' }),
    file({ kind: 'file', id: 'file_2' }),
  ])
})

test('calls, their results, thinking: in their places, results first', () => {
  const turns = turnsOf(
    { role: 'user', content: 'Weather?' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'EqQB' },
        { type: 'redacted_thinking', data: 'Em0K' },
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Bern' }, caller: { type: 'direct' } },
        { type: 'thinking', thinking: '', signature: 'gemini:c2ln' },
        { type: 'tool_use', id: 'b', name: 'now', input: {} },
        { type: 'thinking', thinking: 'Unsigned.', signature: '' },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Here.' },
        { type: 'tool_result', tool_use_id: 'a', content: 'Sunny', is_error: false },
        {
          type: 'tool_result',
          tool_use_id: 'b',
          is_error: true,
          content: [
            { type: 'text', text: 'No clock' },
            { type: 'image', source: { type: 'url', url: 'https://i.example/x' } },
          ],
        },
        { type: 'tool_result', tool_use_id: 'unheard-of' },
      ],
    },
    { role: 'system', content: 'Celsius.' },
  )
  const call = { kind: 'tool-call', signature: null, cache: null }
  const result = { kind: 'tool-result', isError: false, cache: null }
  expect(turns.slice(1)).toEqual([
    {
      role: 'assistant',
      name: null,
      parts: [
        { kind: 'reasoning', text: 'Hm.', signature: 'EqQB' },
        { kind: 'redacted-reasoning', data: 'Em0K' },
        text('Looking.'),
        { ...call, id: 'a', name: 'weather', arguments: '{"city":"Bern"}' },
        { ...call, id: 'b', name: 'now', arguments: '{}', signature: 'c2ln' },
        { kind: 'reasoning', text: 'Unsigned.', signature: null },
      ],
    },
    {
      role: 'user',
      name: null,
      parts: [
        { ...result, callId: 'a', toolName: 'weather', parts: [text('Sunny')] },
        {
          ...result,
          callId: 'b',
          toolName: 'now',
          isError: true,
          parts: [
            text('No clock'),
            { kind: 'image', source: { kind: 'url', url: 'https://i.example/x' }, detail: null, cache: null },
          ],
        },
        { ...result, callId: 'unheard-of', toolName: null, parts: [] },
        text('Here.'),
      ],
    },
    { role: 'system', parts: [text('Celsius.')] },
  ])
})

test('tools and the choice of them', () => {
  const schema = { type: 'object', properties: {} }
  const { conversation } = parse({
    tools: [
      { name: 'f', description: 'F', input_schema: schema, strict: true, type: 'custom', defer_loading: false },
      { name: 'g', input_schema: schema, cache_control: { type: 'ephemeral' }, eager_input_streaming: true },
    ],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
  })
  expect(conversation).toMatchObject({
    tools: [
      { name: 'f', description: 'F', parameters: schema, isStrict: true, cache: null },
      { name: 'g', description: null, parameters: schema, isStrict: null, cache: { ttl: '5m' } },
    ],
    toolChoice: { kind: 'required' },
    parallelToolCalls: false,
    unknown: [],
  })
  expect(conversationOf({ tool_choice: { type: 'tool', name: 'f' } })).toMatchObject({
    toolChoice: { kind: 'tool', name: 'f' },
    parallelToolCalls: null,
  })
  expect(conversationOf({ tool_choice: { type: 'none' } }).toolChoice).toEqual({ kind: 'none' })
})

test.each([
  [{ thinking: { type: 'enabled', budget_tokens: 2048 } }, { effort: null, budgetTokens: 2048, isShown: null }],
  [{ thinking: { type: 'disabled' } }, { effort: 'none', budgetTokens: null, isShown: null }],
  [{ thinking: { type: 'adaptive', display: 'omitted' } }, { effort: null, budgetTokens: null, isShown: false }],
  [
    { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'max' } },
    { effort: 'max', budgetTokens: null, isShown: true },
  ],
  [{ output_config: { effort: 'low' } }, { effort: 'low', budgetTokens: null, isShown: null }],
])('reasoning: %j', (request, reasoning) => {
  expect(conversationOf(request).reasoning).toEqual(reasoning)
})

test.each(['output_config', 'output_format'])('structured output by %s', (name) => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const format = { type: 'json_schema', schema }
  const request = name === 'output_config' ? { output_config: { format } } : { output_format: format }
  const { conversation, paramOf } = parse(request)
  expect(conversation.responseFormat).toMatchObject({ kind: 'json-schema', schema, isStrict: true })
  expect(conversation.unknown).toEqual([])
  expect(paramOf('jsonSchema')).toBe(name === 'output_config' ? 'output_config.format' : 'output_format')
})

test("a marker of the whole request's stands at its last block", () => {
  const { turns } = conversationOf({
    cache_control: { type: 'ephemeral', ttl: '1h' },
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ],
  })
  expect(turns[0]?.parts).toEqual([text('a'), text('b', { ttl: '1h' })])
})

test('a last turn of the assistant is named where it is no prefill', () => {
  const parsed = parse({ messages: [...messages, { role: 'assistant', content: 'The answer is (' }] })
  expect(parsed.paramOf('prefill')).toBe('messages[1]')
  expect(conversationOf({ messages: [...messages, { role: 'assistant', content: '' }] }).turns).toHaveLength(1)
})

describe('fields without a word are noted by their paths', () => {
  test.each([
    [{ container: 'c' }, 'container'],
    [{ context_management: { edits: [] } }, 'context_management'],
    [{ inference_geo: 'eu' }, 'inference_geo'],
    [{ speed: 'fast' }, 'speed'],
    [{ metadata: { user_id: 'u', other: 1 } }, 'metadata.other'],
    [{ thinking: { type: 'between_tools' } }, 'thinking.type'],
    [{ thinking: { type: 'adaptive', depth: 3 } }, 'thinking.depth'],
    [{ output_config: { task_budget: {} } }, 'output_config.task_budget'],
    [{ tools: [{ name: 'f', input_schema: {}, input_examples: [{}] }] }, 'tools[0].input_examples'],
    [{ tools: [{ name: 'f', input_schema: {}, defer_loading: true }] }, 'tools[0].defer_loading'],
    [
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'document',
                source: { type: 'text', media_type: 'text/plain', data: 'x' },
                citations: { enabled: true },
              },
            ],
          },
        ],
      },
      'messages[0].content[0].citations',
    ],
  ])('%j', (request, name) => {
    expect(conversationOf(request).unknown.map((field) => field.name)).toEqual([name])
  })

  test('but not what says only what is so anyway', () => {
    const request = { speed: 'standard', mcp_servers: [], container: null, diagnostics: null, service_tier: 'auto' }
    expect(conversationOf(request).unknown).toEqual([])
  })
})

describe('what only Anthropic has is refused by name', () => {
  const block = (content: object) => ({ messages: [{ role: 'user', content: [content] }] })
  test.each([
    [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'tools[0].type'],
    [{ tools: [{ type: 'bash_20250124', name: 'bash' }] }, 'tools[0].type'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [block({ type: 'search_result', content: [], source: 's', title: 't' }), 'messages[0].content[0].type'],
    [block({ type: 'server_tool_use', id: 'a', name: 'web_search', input: {} }), 'messages[0].content[0].type'],
    [
      block({ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'tool_reference', tool_name: 'f' }] }),
      'messages[0].content[0].content[0].type',
    ],
    [
      block({ type: 'document', source: { type: 'text', data: 'x' }, context: 'from a book' }),
      'messages[0].content[0].context',
    ],
  ])('%j', (request, param) => {
    expect(() => parse(request)).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param }))
  })
})

describe('what the API does not allow is refused by name', () => {
  test.each([
    [{ max_tokens: undefined }, 'max_tokens'],
    [{ max_tokens: 1.5 }, 'max_tokens'],
    [{ max_tokens: -1 }, 'max_tokens'],
    [{ max_tokens: '1' }, 'max_tokens'],
    [{ model: undefined }, 'model'],
    [{ messages: undefined }, 'messages'],
    [{ messages: {} }, 'messages'],
    [{ messages: ['x'] }, 'messages[0]'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: '' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: 7 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [7] }] }, 'messages[0].content[0]'],
    [{ messages: [{ role: 'user', content: [{ text: 'x' }] }] }, 'messages[0].content[0].type'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'file:///etc' } }] }] },
      'messages[0].content[0].source.url',
    ],
    [
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: '{}' }] }] },
      'messages[0].content[0].input',
    ],
    [{ system: [{ type: 'text', text: 'x', cache_control: { type: 'long' } }] }, 'system[0].cache_control.type'],
    [{ cache_control: { type: 'ephemeral', ttl: '2h' } }, 'cache_control.ttl'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ top_k: 1.5 }, 'top_k'],
    [{ stop_sequences: 'END' }, 'stop_sequences'],
    [{ stop_sequences: [1] }, 'stop_sequences[0]'],
    [{ service_tier: 'flex' }, 'service_tier'],
    [{ tools: {} }, 'tools'],
    [{ tools: [{ name: 'f' }] }, 'tools[0].input_schema'],
    [{ tools: [{ input_schema: {} }] }, 'tools[0].name'],
    [{ tool_choice: { type: 'tool' } }, 'tool_choice.name'],
    [{ tool_choice: { type: 'required' } }, 'tool_choice.type'],
    [{ thinking: { type: 'enabled' } }, 'thinking.budget_tokens'],
    [{ thinking: { type: 'enabled', budget_tokens: 100 } }, 'thinking.budget_tokens'],
    [{ thinking: {} }, 'thinking.type'],
    [{ output_config: { effort: 'minimal' } }, 'output_config.effort'],
    [{ output_config: { format: { type: 'json_object' } } }, 'output_config.format.type'],
    [{ metadata: 'x' }, 'metadata'],
  ])('%j', (request, param) => {
    expect(() => parse(request)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})
