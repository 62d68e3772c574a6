// What a conversation becomes for Converse: every feature it carries, in AWS's own fields, and every one it refuses.
import { expect, test } from 'vitest'
import type { AssistantPart, Conversation, Tool, ToolChoice, Turn } from '../../../src/conversation/conversation.ts'
import { UnsupportedFeature } from '../../../src/conversation/feature.ts'
import { bedrock } from '../../../src/providers/bedrock/bedrock.ts'
import type { Call } from '../../../src/providers/provider.ts'
import { createConversation, text } from '../../support/create-conversation.ts'

const claude = 'anthropic.claude-sonnet-4-20250514-v1:0'
const newClaude = 'global.anthropic.claude-opus-4-7'
const nova = 'us.amazon.nova-pro-v1:0'
const llama = 'meta.llama3-3-70b-instruct-v1:0'

function encode(overrides: Partial<Conversation>, model = claude): Record<string, unknown> {
  const call: Call = { model, isStream: overrides.isStream ?? false, basePath: '', maxOutputTokens: null }
  const encoded = bedrock.chat?.encode(createConversation({ model, ...overrides }), call)
  return JSON.parse(String(encoded?.body))
}

function refusalOf(overrides: Partial<Conversation>, model = claude): string {
  try {
    encode(overrides, model)
  } catch (error) {
    if (error instanceof UnsupportedFeature) return error.feature
    throw error
  }
  return 'nothing'
}

const user = (...parts: Extract<Turn, { role: 'user' }>['parts']): Turn => ({ role: 'user', parts, name: null })
const assistant = (...parts: Extract<Turn, { role: 'assistant' }>['parts']): Turn => ({
  role: 'assistant',
  parts,
  name: null,
})
const hello = [{ role: 'user', content: [{ text: 'Hello' }] }]

test.each([
  ['anthropic.claude-3-haiku-20240307-v1:0', '/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse'],
  ['us.meta.llama3-3-70b-instruct-v1:0', '/model/us.meta.llama3-3-70b-instruct-v1%3A0/converse'],
  [
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3',
    '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fa1b2c3/converse',
  ],
])('the path of %s', (model, path) => {
  const call: Call = { model, isStream: false, basePath: '', maxOutputTokens: null }
  expect(bedrock.chat?.encode(createConversation({ model }), call).path).toBe(path)
  const stream = { ...call, isStream: true }
  expect(bedrock.chat?.encode(createConversation({ model, isStream: true }), stream).path).toBe(`${path}-stream`)
})

test('the smallest request says nothing but its messages', () => {
  expect(encode({})).toEqual({ messages: hello })
})

test('system texts stand apart, in order; turns alternate; blank texts are none', () => {
  const turns: Turn[] = [
    user(text('one')),
    { role: 'system', parts: [text('later')] },
    user(text('two'), text('  ')),
    assistant(text('three')),
    assistant({ kind: 'refusal', text: 'four' }, text('')),
    assistant(text('')),
    user(text('five')),
  ]
  expect(encode({ system: [text('first'), text('')], turns })).toEqual({
    messages: [
      { role: 'user', content: [{ text: 'one' }, { text: 'two' }] },
      { role: 'assistant', content: [{ text: 'three' }, { text: 'four' }] },
      { role: 'user', content: [{ text: 'five' }] },
    ],
    system: [{ text: 'first' }, { text: 'later' }],
  })
})

test('images and documents go as bytes, documents by names that Bedrock takes, each once', () => {
  const image = (mediaType: string) =>
    ({ kind: 'image', source: { kind: 'base64', mediaType, data: 'aGk=' }, detail: null, cache: null }) as const
  const file = (mediaType: string, name: string | null) =>
    ({ kind: 'file', source: { kind: 'base64', mediaType, data: 'aGk=' }, name, cache: null }) as const
  const turns = [
    user(
      image('image/jpeg'),
      image('image/webp'),
      file('application/pdf', 'Résumé  of John’s #1.pdf'),
      file('application/pdf', 'Resume of John s 1.pdf'),
      file('text/markdown', null),
      file('application/octet-stream', 'table.xlsx'),
      file('text/csv', `${'long '.repeat(60)}.csv`),
    ),
  ]
  const source = { bytes: 'aGk=' }
  expect(encode({ turns }).messages).toEqual([
    {
      role: 'user',
      content: [
        { image: { format: 'jpeg', source } },
        { image: { format: 'webp', source } },
        { document: { format: 'pdf', name: 'Resume of John s 1', source } },
        { document: { format: 'pdf', name: 'Resume of John s 1 (2)', source } },
        { document: { format: 'md', name: 'document', source } },
        { document: { format: 'xlsx', name: 'table', source } },
        { document: { format: 'csv', name: 'long '.repeat(60).slice(0, 192).trim(), source } },
      ],
    },
  ])
  expect(refusalOf({ turns: [user(image('image/tiff'))] })).toBe('images')
  expect(refusalOf({ turns: [user(file('application/zip', 'a.zip'))] })).toBe('files')
})

test('what is fetched or held elsewhere is refused by name', () => {
  const url = { kind: 'url', url: 'https://example.com/a.png' } as const
  const id = { kind: 'file', id: 'file-1' } as const
  expect(refusalOf({ turns: [user({ kind: 'image', source: url, detail: null, cache: null })] })).toBe('imageUrls')
  expect(refusalOf({ turns: [user({ kind: 'image', source: id, detail: null, cache: null })] })).toBe('fileIds')
  expect(refusalOf({ turns: [user({ kind: 'file', source: url, name: null, cache: null })] })).toBe('fileUrls')
  expect(refusalOf({ turns: [user({ kind: 'file', source: id, name: null, cache: null })] })).toBe('fileIds')
  expect(bedrock.chat?.features.has('imageUrls')).toBe(false)
})

const weather: Tool = {
  name: 'weather',
  description: 'Looks it up',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  isStrict: true,
  cache: null,
}
const now: Tool = { name: 'now', description: null, parameters: {}, isStrict: null, cache: null }
const toolSpecs = [
  {
    toolSpec: {
      name: 'weather',
      description: 'Looks it up',
      inputSchema: { json: { type: 'object', properties: { city: { type: 'string' } } } },
      strict: true,
    },
  },
  { toolSpec: { name: 'now', inputSchema: { json: { type: 'object' } } } },
]
const called: Turn[] = [
  user(text('Oslo?')),
  assistant(
    { kind: 'tool-call', id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}', signature: null, cache: null },
    { kind: 'tool-call', id: 'call|2', name: 'now', arguments: '', signature: null, cache: null },
  ),
  user(
    {
      kind: 'tool-result',
      callId: 'call_1',
      toolName: 'weather',
      parts: [
        text('{"c":3}'),
        { kind: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'aGk=' }, detail: null, cache: null },
      ],
      isError: false,
      cache: null,
    },
    { kind: 'tool-result', callId: 'call|2', toolName: 'now', parts: [text('no clock')], isError: true, cache: null },
    text('So?'),
  ),
]

test('tools, calls and results, with images and errors', () => {
  const { messages, toolConfig } = encode({ tools: [weather, now], turns: called })
  expect(toolConfig).toEqual({ tools: toolSpecs })
  expect(messages).toEqual([
    { role: 'user', content: [{ text: 'Oslo?' }] },
    {
      role: 'assistant',
      content: [
        { toolUse: { toolUseId: 'call_1', name: 'weather', input: { city: 'Oslo' } } },
        { toolUse: { toolUseId: 'call_2', name: 'now', input: {} } },
      ],
    },
    {
      role: 'user',
      content: [
        {
          toolResult: {
            toolUseId: 'call_1',
            content: [{ text: '{"c":3}' }, { image: { format: 'png', source: { bytes: 'aGk=' } } }],
          },
        },
        { toolResult: { toolUseId: 'call_2', content: [{ text: 'no clock' }], status: 'error' } },
        { text: 'So?' },
      ],
    },
  ])
  const forLlama = JSON.stringify(encode({ tools: [weather, now], turns: called }, llama))
  expect(forLlama).toContain('"content":[{"text":"Error:"},{"text":"no clock"}]}')
  expect(forLlama).not.toContain('status')
})

test('arguments that are no JSON object are the client’s mistake, by name', () => {
  const turns = [
    assistant({ kind: 'tool-call', id: 'c1', name: 'now', arguments: '{"a', signature: null, cache: null }),
  ]
  expect(() => encode({ turns })).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'messages' }))
})

const choices: readonly (readonly [string, Partial<Conversation>, unknown, unknown])[] = [
  ['auto', { toolChoice: { kind: 'auto' } }, undefined, undefined],
  ['required', { toolChoice: { kind: 'required' } }, { any: {} }, undefined],
  ['one', { toolChoice: { kind: 'tool', name: 'now' } }, { tool: { name: 'now' } }, undefined],
  ['single', { parallelToolCalls: false }, undefined, { type: 'auto', disable_parallel_tool_use: true }],
  [
    'single and required',
    { parallelToolCalls: false, toolChoice: { kind: 'required' } },
    undefined,
    { type: 'any', disable_parallel_tool_use: true },
  ],
  [
    'single and one',
    { parallelToolCalls: false, toolChoice: { kind: 'tool', name: 'now' } },
    undefined,
    { type: 'tool', name: 'now', disable_parallel_tool_use: true },
  ],
  ['none after calls', { toolChoice: { kind: 'none' }, turns: called }, undefined, { type: 'none' }],
]

test.each(choices)('Claude chooses tools: %s', (_name, overrides, toolChoice, additional) => {
  const { toolConfig, additionalModelRequestFields } = encode({ tools: [weather, now], ...overrides })
  expect(toolConfig).toEqual({ tools: toolSpecs, ...(toolChoice === undefined ? {} : { toolChoice }) })
  expect(additionalModelRequestFields).toEqual(additional === undefined ? undefined : { tool_choice: additional })
})

test('choices that a model has no word for', () => {
  const none: ToolChoice = { kind: 'none' }
  // Without a call in the past, a model that has no tools does the same.
  expect(encode({ tools: [now], toolChoice: none }, llama)).toEqual({ messages: hello })
  expect(refusalOf({ tools: [now], toolChoice: none, turns: called }, llama)).toBe('toolChoice')
  expect(refusalOf({ tools: [now], parallelToolCalls: false }, nova)).toBe('singleToolCall')
  // Calls of earlier turns stand only where their tools are declared.
  expect(encode({ turns: called })).toMatchObject({
    toolConfig: { tools: [{ toolSpec: { name: 'weather' } }, { toolSpec: { name: 'now' } }] },
    additionalModelRequestFields: { tool_choice: { type: 'none' } },
  })
})

test('sampling, stop sequences, tiers, metadata', () => {
  const overrides: Partial<Conversation> = {
    maxOutputTokens: 100,
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    stop: ['END', 'STOP'],
    serviceTier: 'priority',
    metadata: { team: 'a/b', 'trace id': '1' },
  }
  expect(encode(overrides)).toEqual({
    messages: hello,
    inferenceConfig: { maxTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ['END', 'STOP'] },
    additionalModelRequestFields: { top_k: 40 },
    additionalModelResponseFieldPaths: ['/stop_sequence'],
    serviceTier: { type: 'priority' },
    requestMetadata: { team: 'a/b', 'trace id': '1' },
  })
  const streamed = encode({ ...overrides, isStream: true })
  expect(streamed.additionalModelResponseFieldPaths).toEqual(['/delta/stop_sequence'])
  expect(encode({ topK: 40 }, nova).additionalModelRequestFields).toEqual({ inferenceConfig: { topK: 40 } })
  expect(encode({ topK: 40 }, 'mistral.mistral-large-2407-v1:0').additionalModelRequestFields).toEqual({ top_k: 40 })
  expect(refusalOf({ topK: 40 }, llama)).toBe('topK')
  expect(refusalOf({ temperature: 1.5 })).toBe('temperature')
  expect(refusalOf({ serviceTier: 'scale' })).toBe('serviceTier')
  expect(encode({ serviceTier: 'auto' })).toEqual({ messages: hello })
  expect(refusalOf({ metadata: { a: 'ü' } })).toBe('metadata')
  expect(refusalOf({ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, 'v'])) })).toBe(
    'metadata',
  )
})

test('a JSON schema goes as text of its own; JSON without one is refused', () => {
  const schema = { type: 'object', properties: { a: { type: 'integer' } } }
  const format = { kind: 'json-schema', name: 'sum', description: 'A sum', schema, isStrict: true } as const
  expect(encode({ responseFormat: format }).outputConfig).toEqual({
    textFormat: {
      type: 'json_schema',
      structure: { jsonSchema: { schema: JSON.stringify(schema), name: 'sum', description: 'A sum' } },
    },
  })
  expect(refusalOf({ responseFormat: { kind: 'json-object' } })).toBe('jsonObject')
})

const thinking = (overrides: Partial<NonNullable<Conversation['reasoning']>>) => ({
  reasoning: { effort: null, budgetTokens: null, isShown: null, ...overrides },
})

test.each<[string, string, Partial<Conversation>, unknown]>([
  ['tokens', claude, thinking({ budgetTokens: 4000 }), { thinking: { type: 'enabled', budget_tokens: 4000 } }],
  ['a level', claude, thinking({ effort: 'low' }), { thinking: { type: 'enabled', budget_tokens: 2048 } }],
  ['as it likes', claude, thinking({}), { thinking: { type: 'enabled', budget_tokens: 8192 } }],
  [
    'under the cap on output',
    claude,
    { ...thinking({ effort: 'high' }), maxOutputTokens: 3000 },
    { thinking: { type: 'enabled', budget_tokens: 2999 } },
  ],
  ['not at all', claude, thinking({ effort: 'none' }), undefined],
  [
    'adaptive',
    newClaude,
    thinking({ effort: 'medium' }),
    { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'medium' } },
  ],
  ['not at all, where it is the rule', newClaude, thinking({ effort: 'none' }), { thinking: { type: 'disabled' } }],
  [
    'Nova 2',
    'us.amazon.nova-2-lite-v1:0',
    thinking({ effort: 'minimal' }),
    { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
  ],
  ['gpt-oss', 'openai.gpt-oss-120b-1:0', thinking({ effort: 'xhigh' }), { reasoning_effort: 'high' }],
  ['not at all, which is all it can', llama, thinking({ effort: 'none' }), undefined],
])('thinking: %s', (_name, model, overrides, expected) => {
  expect(encode(overrides, model).additionalModelRequestFields).toEqual(expected)
})

test('a budget to think with leaves room for the answer, where nobody says how long that may be', () => {
  expect(encode(thinking({ effort: 'low' })).inferenceConfig).toEqual({ maxTokens: 2048 + 4096 })
  expect(encode({ ...thinking({ effort: 'low' }), maxOutputTokens: 9000 }).inferenceConfig).toEqual({ maxTokens: 9000 })
  expect(encode(thinking({ effort: 'low' }), newClaude).inferenceConfig).toBeUndefined()
  const limited: Call = { model: claude, isStream: false, basePath: '', maxOutputTokens: 2000 }
  const body = bedrock.chat?.encode(createConversation(thinking({ effort: 'low' })), limited).body
  expect(JSON.parse(String(body))).toMatchObject({
    inferenceConfig: { maxTokens: 2000 },
    additionalModelRequestFields: { thinking: { budget_tokens: 1999 } },
  })
})

test('thinking that a model has not, or that goes with nothing else', () => {
  expect(refusalOf(thinking({ effort: 'high' }), llama)).toBe('reasoning')
  expect(refusalOf(thinking({ effort: 'high' }), nova)).toBe('reasoning')
  expect(refusalOf({ ...thinking({ effort: 'high' }), maxOutputTokens: 500 })).toBe('reasoning')
  expect(refusalOf({ ...thinking({ effort: 'high' }), temperature: 0.2 })).toBe('temperature')
  expect(refusalOf({ ...thinking({ effort: 'high' }), topK: 3 })).toBe('topK')
  const forced = { tools: [now], toolChoice: { kind: 'required' } } as const
  expect(refusalOf({ ...thinking({ effort: 'high' }), ...forced })).toBe('toolChoice')
})

test('a budget to think about results of tools wants the thinking before their calls', () => {
  const call = {
    kind: 'tool-call',
    id: 'functions.now:0',
    name: 'now',
    arguments: '{}',
    signature: null,
    cache: null,
  } as const
  const result = {
    kind: 'tool-result',
    callId: call.id,
    toolName: 'now',
    parts: [text('3')],
    isError: false,
    cache: null,
  } as const
  const thought = { kind: 'reasoning', text: 'Hm.', signature: 'EqQB' } as const
  const loop = (...parts: readonly AssistantPart[]): Partial<Conversation> => ({
    ...thinking({ effort: 'high' }),
    tools: [now],
    turns: [user(text('Go')), assistant(...parts), user(result)],
  })
  expect(refusalOf(loop(text('Well.'), call))).toBe('reasoning')
  expect(refusalOf(loop(thought, call))).toBe('nothing')
  expect(refusalOf(loop(call), newClaude)).toBe('nothing')
  // Claude takes no points and colons in ids.
  expect(encode(loop(thought, call)).messages).toContainEqual({
    role: 'user',
    content: [{ toolResult: { toolUseId: 'functions_now_0', content: [{ text: '3' }] } }],
  })
})

test('what newer Claude models take no more, by the name in an ARN as well', () => {
  const arn = `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${newClaude}`
  for (const model of [newClaude, arn]) {
    expect(refusalOf({ temperature: 0.3 }, model)).toBe('temperature')
    expect(refusalOf({ topP: 0.3 }, model)).toBe('topP')
    expect(refusalOf({ topK: 3 }, model)).toBe('topK')
    expect(refusalOf({ turns: [user(text('Go')), assistant(text('On'))] }, model)).toBe('prefill')
    expect(encode({ temperature: 1, topP: 1 }, model)).toEqual({ messages: hello })
  }
  expect(refusalOf({ turns: [user(text('Go')), assistant(text('On'))] })).toBe('nothing')
})

test('reasoning goes back with its signature, or not at all', () => {
  const turns = [
    user(text('2+2?')),
    assistant(
      { kind: 'reasoning', text: 'Four.', signature: 'c2ln' },
      { kind: 'redacted-reasoning', data: 'cmVk' },
      text('4'),
    ),
    user(text('Sure?')),
  ]
  expect(encode({ turns }).messages).toMatchObject([
    {},
    {
      content: [
        { reasoningContent: { reasoningText: { text: 'Four.', signature: 'c2ln' } } },
        { reasoningContent: { redactedContent: 'cmVk' } },
        { text: '4' },
      ],
    },
    {},
  ])
  const foreign = [user(text('2+2?')), assistant({ kind: 'reasoning', text: 'Four.', signature: null }, text('4'))]
  expect(refusalOf({ turns: foreign })).toBe('reasoningHistory')
})

test('cache markers become cache points behind what they mark', () => {
  const five = { ttl: '5m' } as const
  const hour = { ttl: '1h' } as const
  const system = [{ ...text('Be kind.'), cache: hour }]
  const result = { ...text('3'), cache: five }
  const turns = [
    user({ ...text('one'), cache: five }, text('two')),
    user({ kind: 'tool-result', callId: 'c', toolName: null, parts: [result], isError: false, cache: null }),
  ]
  const point = { cachePoint: { type: 'default' } }
  const hourPoint = { cachePoint: { type: 'default', ttl: '1h' } }
  const body = encode({ system, turns, tools: [{ ...now, cache: five }] })
  expect(body.system).toEqual([{ text: 'Be kind.' }, hourPoint])
  expect(body.messages).toEqual([
    {
      role: 'user',
      content: [
        { text: 'one' },
        point,
        { text: 'two' },
        { toolResult: { toolUseId: 'c', content: [{ text: '3' }] } },
        point,
      ],
    },
  ])
  expect(body.toolConfig).toEqual({ tools: [toolSpecs[1], point] })
  expect(encode({ turns }, nova).messages).toEqual(body.messages)
  expect(refusalOf({ system }, nova)).toBe('cacheMarkers')
  expect(refusalOf({ tools: [{ ...now, cache: five }] }, nova)).toBe('cacheMarkers')
  expect(refusalOf({ turns }, llama)).toBe('cacheMarkers')
})
