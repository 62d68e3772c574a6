// What a conversation becomes for Cohere's chat, and what of it is refused; embeddings and rerank.
import { expect, test } from 'vitest'
import type { Conversation, FilePart, Tool, Turn } from '../../../src/conversation/conversation.ts'
import { UnsupportedFeature } from '../../../src/conversation/feature.ts'
import { cohere } from '../../../src/providers/cohere/cohere.ts'
import { cohereEmbeddings } from '../../../src/providers/cohere/embeddings.ts'
import { cohereRerank } from '../../../src/providers/cohere/rerank.ts'
import type { Call } from '../../../src/providers/provider.ts'
import { createConversation, text } from '../../support/create-conversation.ts'

const call: Call = { model: 'command-a-03-2025', isStream: false, basePath: '/v2', maxOutputTokens: null }

function encode(overrides: Partial<Conversation>): Record<string, unknown> {
  const encoded = cohere.chat?.encode(createConversation(overrides), call)
  expect(encoded).toMatchObject({ path: '/chat' })
  return JSON.parse(String(encoded?.body))
}

function refusalOf(overrides: Partial<Conversation>): string {
  try {
    encode(overrides)
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
const weather: Tool = {
  name: 'weather',
  description: 'Looks it up',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  isStrict: null,
  cache: null,
}
const now: Tool = { name: 'now', description: null, parameters: { type: 'object' }, isStrict: null, cache: null }
const weatherTool = {
  type: 'function',
  function: { name: 'weather', description: 'Looks it up', parameters: weather.parameters },
}
const nowTool = { type: 'function', function: { name: 'now', parameters: { type: 'object' } } }

test('the smallest request', () => {
  const messages = [{ role: 'user', content: 'Hello' }]
  expect(encode({})).toEqual({ model: 'command-a-03-2025', messages, stream: false })
  const streamed = cohere.chat?.encode(createConversation({ isStream: true }), { ...call, isStream: true })
  expect(JSON.parse(String(streamed?.body))).toMatchObject({ stream: true })
})

test('every kind of turn; results are messages of their own, plans go back where calls were', () => {
  const turns: Turn[] = [
    user(text('one'), {
      kind: 'image',
      source: { kind: 'url', url: 'https://example.com/a.png' },
      detail: 'low',
      cache: null,
    }),
    assistant(
      { kind: 'reasoning', text: 'I will look.', signature: null },
      { kind: 'tool-call', id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}', signature: null, cache: null },
      { kind: 'tool-call', id: 'c2', name: 'now', arguments: '{}', signature: null, cache: null },
    ),
    user(
      {
        kind: 'tool-result',
        callId: 'c1',
        toolName: 'weather',
        parts: [text('3'), text('C')],
        isError: false,
        cache: null,
      },
      { kind: 'tool-result', callId: 'c2', toolName: 'now', parts: [text('no clock')], isError: true, cache: null },
      text('So?'),
    ),
    assistant({ kind: 'reasoning', text: 'Hm.', signature: null }, text('Cold.')),
    { role: 'system', parts: [text('Be brief.')] },
    user({
      kind: 'image',
      source: { kind: 'base64', mediaType: 'image/png', data: 'aGk=' },
      detail: null,
      cache: null,
    }),
  ]
  const { messages, citation_options } = encode({ system: [text('a'), text('b')], turns, tools: [weather, now] })
  expect(citation_options).toEqual({ mode: 'OFF' })
  expect(messages).toEqual([
    { role: 'system', content: 'a\n\nb' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'one' },
        { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
      ],
    },
    {
      role: 'assistant',
      tool_plan: 'I will look.',
      tool_calls: [
        { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
        { id: 'c2', type: 'function', function: { name: 'now', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content: '3\nC' },
    { role: 'tool', tool_call_id: 'c2', content: 'Error: no clock' },
    { role: 'user', content: 'So?' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'text', text: 'Cold.' },
      ],
    },
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } }] },
  ])
})

test('text files are documents, and nothing is cited that nobody could read', () => {
  const file: FilePart = {
    kind: 'file',
    source: { kind: 'base64', mediaType: 'text/plain', data: Buffer.from('né').toString('base64') },
    name: 'a.txt',
    cache: null,
  }
  const body = encode({ turns: [user(text('Read'), file)] })
  expect(body.documents).toEqual([{ id: 'file-0', data: { text: 'né', title: 'a.txt' } }])
  expect(body.citation_options).toEqual({ mode: 'OFF' })
  const pdf: FilePart = { ...file, source: { kind: 'base64', mediaType: 'application/pdf', data: 'aGk=' } }
  expect(refusalOf({ turns: [user(pdf)] })).toBe('files')
  expect(refusalOf({ turns: [user({ ...file, source: { kind: 'url', url: 'https://x.example' } })] })).toBe('fileUrls')
  expect(refusalOf({ turns: [user({ ...file, source: { kind: 'file', id: 'f' } })] })).toBe('fileIds')
})

test('all that it samples by', () => {
  expect(
    encode({
      maxOutputTokens: 100,
      temperature: 0.5,
      topP: 1,
      topK: 40,
      seed: 7,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      stop: ['END'],
      topLogprobs: 0,
    }),
  ).toMatchObject({
    max_tokens: 100,
    temperature: 0.5,
    p: 0.99,
    k: 40,
    seed: 7,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    stop_sequences: ['END'],
    logprobs: true,
  })
  expect(refusalOf({ topLogprobs: 2 })).toBe('logprobs')
  expect(refusalOf({ topK: 501 })).toBe('topK')
  expect(refusalOf({ frequencyPenalty: -1 })).toBe('frequencyPenalty')
  expect(refusalOf({ presencePenalty: 1.5 })).toBe('presencePenalty')
  expect(refusalOf({ stop: ['1', '2', '3', '4', '5', '6'] })).toBe('stop')
})

test('tools, and how it is to choose', () => {
  const tools = [weather, now]
  expect(encode({ tools })).toMatchObject({ tools: [weatherTool, nowTool] })
  expect(encode({ tools })).not.toHaveProperty('tool_choice')
  expect(encode({ tools, toolChoice: { kind: 'auto' } })).not.toHaveProperty('tool_choice')
  expect(encode({ tools, toolChoice: { kind: 'none' } })).toMatchObject({ tool_choice: 'NONE' })
  expect(encode({ tools, toolChoice: { kind: 'required' } })).toMatchObject({ tool_choice: 'REQUIRED' })
  const byName = encode({ tools, toolChoice: { kind: 'tool', name: 'now' } })
  expect(byName).toMatchObject({ tool_choice: 'REQUIRED' })
  expect(byName.tools).toEqual([nowTool])
  expect(refusalOf({ tools, toolChoice: { kind: 'tool', name: 'other' } })).toBe('toolChoice')
  expect(encode({ tools: [{ ...now, isStrict: true }] })).toMatchObject({ strict_tools: true })
  expect(refusalOf({ tools: [weather, { ...now, isStrict: true }] })).toBe('strictTools')
})

test('JSON, with a schema and without, but not beside tools', () => {
  const schema = { type: 'object' }
  const format = { kind: 'json-schema', name: 'x', description: null, schema, isStrict: true } as const
  expect(encode({ responseFormat: format })).toMatchObject({ response_format: { type: 'json_object', schema } })
  expect(encode({ responseFormat: { kind: 'json-object' } }).response_format).toEqual({ type: 'json_object' })
  expect(refusalOf({ responseFormat: format, tools: [now] })).toBe('jsonSchema')
  expect(refusalOf({ responseFormat: { kind: 'json-object' }, tools: [now] })).toBe('jsonObject')
})

test.each([
  [{ effort: 'none' as const, budgetTokens: null }, { type: 'disabled' }],
  [
    { effort: 'low' as const, budgetTokens: null },
    { type: 'enabled', token_budget: 2048 },
  ],
  [
    { effort: null, budgetTokens: 500 },
    { type: 'enabled', token_budget: 500 },
  ],
  [{ effort: null, budgetTokens: null }, { type: 'enabled' }],
])('thinking: %j', (reasoning, expected) => {
  expect(encode({ reasoning: { ...reasoning, isShown: null } }).thinking).toEqual(expected)
})

test('reasoning of other providers is a hint to be left out', () => {
  const signed = assistant({ kind: 'reasoning', text: 'x', signature: 's' }, text('y'))
  const redacted = assistant({ kind: 'redacted-reasoning', data: 'x' }, text('y'))
  expect(refusalOf({ turns: [signed, user(text('z'))] })).toBe('reasoningHistory')
  expect(refusalOf({ turns: [redacted, user(text('z'))] })).toBe('reasoningHistory')
})

const embedCall: Call = { ...call, model: 'embed-v4.0' }

test('embeddings, of documents where nobody says what of', () => {
  const encoded = cohereEmbeddings.encode({ input: ['a', 'b'], dimensions: 512, user: 'u' }, embedCall)
  expect(encoded).toMatchObject({ path: '/embed', dropped: ['user'] })
  expect(JSON.parse(String(encoded.body))).toEqual({
    model: 'embed-v4.0',
    input_type: 'search_document',
    texts: ['a', 'b'],
    embedding_types: ['float'],
    output_dimension: 512,
  })
  const query = cohereEmbeddings.encode({ input: 'a', input_type: 'search_query', truncate: 'END' }, embedCall)
  expect(JSON.parse(String(query.body))).toMatchObject({ input_type: 'search_query', truncate: 'END' })
  const answer = {
    id: 'x',
    texts: ['a', 'b'],
    embeddings: {
      float: [
        [0.5, 1],
        [2, 4],
      ],
    },
    meta: { api_version: { version: '2' }, billed_units: { input_tokens: 10 } },
  }
  const { text: body, usage } = cohereEmbeddings.decode(answer, { input: ['a', 'b'] }, embedCall)
  expect(usage).toMatchObject({ input: 10 })
  expect(JSON.parse(body)).toMatchObject({
    data: [{ embedding: [0.5, 1] }, { embedding: [2, 4] }],
    model: 'embed-v4.0',
    usage: { prompt_tokens: 10 },
  })
  expect(() => cohereEmbeddings.decode(answer, { input: ['a'] }, embedCall)).toThrow('2 embeddings of 1 texts')
  expect(() => cohereEmbeddings.encode({ input: 'a', wat: 1 }, embedCall)).toThrow(
    expect.objectContaining({ code: 'unsupported_parameter', param: 'wat' }),
  )
})

test('rerank, as version 1 and others ask it', () => {
  const request = {
    model: 'x',
    query: 'capital?',
    documents: ['Oslo', { text: 'Bergen' }],
    top_n: 1,
    return_documents: true,
    rank_fields: null,
  }
  const rerankCall = { ...call, model: 'rerank-v3.5' }
  const encoded = cohereRerank.encode(request, rerankCall)
  expect(encoded.path).toBe('/rerank')
  expect(JSON.parse(String(encoded.body))).toEqual({
    model: 'rerank-v3.5',
    query: 'capital?',
    documents: ['Oslo', 'Bergen'],
    top_n: 1,
  })
  const meta = { api_version: { version: '2' }, billed_units: { search_units: 1 } }
  const answer = { id: 'b44f', results: [{ index: 1, relevance_score: 0.1018 }], meta }
  const { text: body, usage } = cohereRerank.decode(answer, request, rerankCall)
  expect(usage).toBe(null)
  expect(JSON.parse(body)).toEqual({
    id: 'b44f',
    model: 'rerank-v3.5',
    results: [{ index: 1, relevance_score: 0.1018, document: { text: 'Bergen' } }],
    meta,
  })
  const plain = cohereRerank.decode(answer, { ...request, return_documents: false }, rerankCall)
  expect(JSON.parse(plain.text).results).toEqual([{ index: 1, relevance_score: 0.1018 }])
  for (const [bad, code, param] of [
    [{ ...request, rank_fields: ['a'] }, 'unsupported_parameter', 'rank_fields'],
    [{ ...request, query: 7 }, 'invalid_request', 'query'],
    [{ ...request, documents: [] }, 'invalid_request', 'documents'],
    [{ ...request, documents: [{ title: 'x' }] }, 'invalid_request', 'documents'],
  ] as const) {
    expect(() => cohereRerank.encode(bad, rerankCall)).toThrow(expect.objectContaining({ code, param }))
  }
  expect(() => cohereRerank.decode({}, request, rerankCall)).toThrow('without results')
})
