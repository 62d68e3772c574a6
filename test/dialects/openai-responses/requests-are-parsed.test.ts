// Issue 5, translation: what a request of the Responses API asks becomes a conversation, nothing of it lost in silence:
// what has no word is named, what OpenAI's servers would have to keep is refused.
import { describe, expect, test } from 'vitest'
import { listFeatures } from '../../../src/conversation/list-features.ts'
import { openAiResponses } from '../../../src/dialects/openai-responses/openai-responses.ts'

const parse = (asked: Readonly<Record<string, unknown>>) =>
  openAiResponses.parse(Buffer.from(JSON.stringify({ model: 'm', input: 'Hi', ...asked })))
const read = (asked: Readonly<Record<string, unknown>>) => parse(asked).conversation
const text = (said: string) => ({ kind: 'text', text: said, cache: null })
const png = 'iVBORw0KGgo='

test('a text and instructions', () => {
  expect(read({ instructions: 'Be brief.' })).toMatchObject({
    model: 'm',
    system: [text('Be brief.')],
    turns: [{ role: 'user', parts: [text('Hi')], name: null }],
    isStream: false,
    unknown: [],
  })
})

test('messages of every role; system texts behind the first turn stay where they are', () => {
  const input = [
    { role: 'developer', content: 'D' },
    { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'S' }] },
    { role: 'user', content: 'Q' },
    {
      type: 'message',
      id: 'msg_1',
      status: 'completed',
      role: 'assistant',
      phase: 'final_answer',
      content: [
        { type: 'output_text', text: 'A', annotations: [], logprobs: [], parsed: { a: 1 } },
        { type: 'refusal', refusal: 'R' },
      ],
    },
    { role: 'developer', content: 'Later' },
    { role: 'user', content: 'Q2' },
  ]
  expect(read({ instructions: 'I', input })).toMatchObject({
    system: [text('I'), text('D'), text('S')],
    turns: [
      { role: 'user', parts: [text('Q')] },
      { role: 'assistant', parts: [text('A'), { kind: 'refusal', text: 'R' }] },
      { role: 'system', parts: [text('Later')] },
      { role: 'user', parts: [text('Q2')] },
    ],
  })
})

test('calls in a row are of one turn, their outputs of the next, and know their tool', () => {
  const input = [
    { role: 'user', content: 'Q' },
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }] },
    {
      type: 'function_call',
      id: 'fc_1',
      call_id: 'c1',
      name: 'look',
      arguments: '{"a":1}',
      parsed_arguments: { a: 1 },
    },
    { type: 'function_call', call_id: 'c2', name: 'time', arguments: '' },
    { type: 'function_call_output', call_id: 'c1', output: 'seen' },
    {
      type: 'function_call_output',
      call_id: 'c2',
      output: [
        { type: 'input_text', text: 'noon' },
        { type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'original' },
      ],
    },
    { role: 'user', content: 'And?' },
  ]
  const call = { kind: 'tool-call', signature: null, cache: null }
  const result = { kind: 'tool-result', isError: false, cache: null }
  const source = { kind: 'base64', mediaType: 'image/png', data: png }
  expect(read({ input }).turns.slice(1)).toEqual([
    {
      role: 'assistant',
      name: null,
      parts: [
        { kind: 'reasoning', text: 'Hm.', signature: null },
        { ...call, id: 'c1', name: 'look', arguments: '{"a":1}' },
        { ...call, id: 'c2', name: 'time', arguments: '{}' },
      ],
    },
    {
      role: 'user',
      name: null,
      parts: [
        { ...result, callId: 'c1', toolName: 'look', parts: [text('seen')] },
        {
          ...result,
          callId: 'c2',
          toolName: 'time',
          parts: [text('noon'), { kind: 'image', source, detail: 'high', cache: null }],
        },
      ],
    },
    { role: 'user', name: null, parts: [text('And?')] },
  ])
})

test('images and files, by address, by id and whole', () => {
  const content = [
    { type: 'input_image', image_url: 'https://pictures.example/a.png', detail: 'low' },
    { type: 'input_image', file_id: 'file-1', detail: 'auto' },
    { type: 'input_file', file_data: 'data:application/pdf;base64,JVBERi0=', filename: 'a.pdf' },
    { type: 'input_file', file_data: 'JVBERi0=', filename: 'b.pdf' },
    { type: 'input_file', file_url: 'https://papers.example/c.pdf' },
    { type: 'input_text', text: 'See.', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } },
  ]
  const pdf = { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' }
  const request = parse({ input: [{ role: 'user', content }] })
  expect(request.conversation.turns[0]?.parts).toMatchObject([
    { kind: 'image', source: { kind: 'url', url: 'https://pictures.example/a.png' }, detail: 'low' },
    { kind: 'image', source: { kind: 'file', id: 'file-1' }, detail: 'auto' },
    { kind: 'file', source: pdf, name: 'a.pdf' },
    { kind: 'file', source: pdf, name: 'b.pdf' },
    { kind: 'file', source: { kind: 'url', url: 'https://papers.example/c.pdf' }, name: null },
    { kind: 'text', text: 'See.', cache: { ttl: '1h' } },
  ])
  const used = listFeatures(request.conversation)
  expect([...used].map((feature) => [feature, request.paramOf(feature)])).toEqual(
    expect.arrayContaining([
      ['images', 'input[0].content[0]'],
      ['imageUrls', 'input[0].content[0].image_url'],
      ['fileIds', 'input[0].content[1].file_id'],
      ['fileUrls', 'input[0].content[4].file_url'],
      ['cacheMarkers', 'input[0].content[5].prompt_cache_breakpoint'],
    ]),
  )
})

test('tools and which of them', () => {
  const tools = [
    { type: 'function', name: 'look', description: 'Looks.', parameters: { type: 'object' }, strict: true },
    { type: 'function', name: 'time', parameters: null, strict: null },
  ]
  expect(read({ tools, tool_choice: 'required', parallel_tool_calls: false })).toMatchObject({
    tools: [
      { name: 'look', description: 'Looks.', parameters: { type: 'object' }, isStrict: true },
      { name: 'time', description: null, parameters: { type: 'object', properties: {} }, isStrict: null },
    ],
    toolChoice: { kind: 'required' },
    parallelToolCalls: false,
  })
  const named = { tools, tool_choice: { type: 'function', name: 'time' } }
  expect(read(named).toolChoice).toEqual({ kind: 'tool', name: 'time' })
  const allowed = { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'time' }] }
  const some = read({ tools, tool_choice: allowed })
  expect([some.tools.map(({ name }) => name), some.toolChoice]).toEqual([['time'], { kind: 'auto' }])
})

test('how the answer is to be', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const asked = {
    text: { format: { type: 'json_schema', name: 'out', schema, strict: true }, verbosity: 'low' },
    reasoning: { effort: 'high', summary: 'auto' },
    max_output_tokens: 50,
    temperature: 0.2,
    top_p: 0.9,
    include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
    top_logprobs: 3,
    metadata: { team: 'a' },
    user: 'old',
    safety_identifier: 'new',
    prompt_cache_key: 'k',
    service_tier: 'flex',
    stream: true,
  }
  expect(read(asked)).toMatchObject({
    responseFormat: { kind: 'json-schema', name: 'out', description: null, schema, isStrict: true },
    verbosity: 'low',
    reasoning: { effort: 'high', budgetTokens: null, isShown: true },
    maxOutputTokens: 50,
    temperature: 0.2,
    topP: 0.9,
    topLogprobs: 3,
    metadata: { team: 'a' },
    endUser: 'new',
    promptCacheKey: 'k',
    serviceTier: 'flex',
    isStream: true,
    unknown: [{ name: 'user', value: 'old' }],
  })
})

test('defaults said in so many words ask for nothing', () => {
  const asked = {
    store: false,
    truncation: 'disabled',
    background: false,
    previous_response_id: null,
    stream: false,
    stream_options: { include_obfuscation: false },
    text: { format: { type: 'text' } },
    top_logprobs: 0,
    metadata: {},
    tools: [],
    tool_choice: 'auto',
    reasoning: { effort: null, summary: null },
    max_tool_calls: 5,
    service_tier: 'auto',
    parallel_tool_calls: true,
  }
  const { conversation } = parse(asked)
  expect([...listFeatures(conversation)]).toEqual([])
  expect(conversation.unknown).toEqual([])
})

test.each([
  [{ store: true }, 'store'],
  [{ truncation: 'auto' }, 'truncation'],
  [{ prompt_cache_retention: '24h' }, 'prompt_cache_retention'],
  [{ moderation: { model: 'm' } }, 'moderation'],
  [{ stream_options: { include_obfuscation: true } }, 'stream_options.include_obfuscation'],
])('%j is named as unknown, to be refused or dropped', (asked, name) => {
  expect(read(asked).unknown.map((field) => field.name)).toEqual([name])
})

describe('refused, by name', () => {
  test.each([
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['conversation', { conversation: 'conv_1' }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
    ['background', { background: true }],
    [
      'input[1]',
      {
        input: [
          { role: 'user', content: 'Q' },
          { type: 'item_reference', id: 'rs_1' },
        ],
      },
    ],
    ['input[0]', { input: [{ id: 'msg_1' }] }],
  ])('%s, as nothing is stored', (param, asked) => {
    expect(() => parse(asked)).toThrow(
      expect.objectContaining({
        code: 'unsupported_parameter',
        param,
        publicText: expect.stringContaining('no responses are stored'),
      }),
    )
  })

  test.each([
    ['tools[0].type', { tools: [{ type: 'web_search' }] }],
    [
      'tools[1].type',
      {
        tools: [
          { type: 'function', name: 'f' },
          { type: 'mcp', server_label: 's' },
        ],
      },
    ],
    ['tools[0].output_schema', { tools: [{ type: 'function', name: 'f', output_schema: {} }] }],
    ['tool_choice.type', { tool_choice: { type: 'file_search' } }],
    ['input[0].type', { input: [{ type: 'web_search_call', id: 'ws_1' }] }],
    ['input[0].content[0].type', { input: [{ role: 'user', content: [{ type: 'input_audio' }] }] }],
    ['text.tone', { text: { tone: 'kind' } }],
    ['reasoning.mode', { reasoning: { effort: 'low', mode: 'pro' } }],
  ])('%s is not supported', (param, asked) => {
    expect(() => parse(asked)).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param }))
  })

  test.each([
    ['input', { input: null }],
    ['input', { input: 5 }],
    ['input[0].role', { input: [{ role: 'tool', content: 'x' }] }],
    ['input[0].content', { input: [{ role: 'user' }] }],
    ['input[0].content[0].type', { input: [{ role: 'user', content: [{ type: 'refusal', refusal: 'No.' }] }] }],
    ['input[0].call_id', { input: [{ type: 'function_call', name: 'f', arguments: '{}' }] }],
    ['input[0].output', { input: [{ type: 'function_call_output', call_id: 'c' }] }],
    [
      'input[0].content[0].image_url',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }] },
    ],
    ['tools[0].name', { tools: [{ type: 'function' }] }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice.name', { tools: [{ type: 'function', name: 'f' }], tool_choice: { type: 'function', name: 'g' } }],
    ['text.format.schema', { text: { format: { type: 'json_schema', name: 'n' } } }],
    ['temperature', { temperature: 3 }],
    ['max_output_tokens', { max_output_tokens: 0 }],
    ['include[0]', { include: ['everything'] }],
    ['metadata.a', { metadata: { a: 1 } }],
  ])('%s is not valid', (param, asked) => {
    expect(() => parse(asked)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})
