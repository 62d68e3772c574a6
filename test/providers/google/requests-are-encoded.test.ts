// What a conversation becomes for Gemini and for Vertex AI, to the field.
import { describe, expect, test } from 'vitest'
import type {
  AssistantPart,
  Conversation,
  Media,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../../src/conversation/conversation.ts'
import { UnsupportedFeature } from '../../../src/conversation/feature.ts'
import { listFeatures } from '../../../src/conversation/list-features.ts'
import { googleGemini } from '../../../src/providers/google/google-gemini.ts'
import { googleVertexAi } from '../../../src/providers/google/google-vertex-ai.ts'
import type { Call, Provider } from '../../../src/providers/provider.ts'
import { assistant, createCall, createConversation, text, user } from './create-conversation.ts'

function encode(fields: Partial<Conversation>, provider: Provider = googleGemini, call: Partial<Call> = {}) {
  if (provider.chat === null) throw new Error('no chat')
  const conversation = createConversation(fields)
  for (const feature of listFeatures(conversation)) expect(provider.chat.features).toContain(feature)
  const { path, headers, body } = provider.chat.encode(conversation, createCall(call))
  expect(headers).toEqual([])
  return { path, body: JSON.parse(String(body)) }
}

const refusal = (feature: string) => expect.objectContaining({ name: 'UnsupportedFeature', feature })

function catchRefusal(fields: Partial<Conversation>, provider = googleGemini): unknown {
  try {
    provider.chat?.encode(createConversation(fields), createCall())
  } catch (error) {
    if (error instanceof UnsupportedFeature) return error
    throw error
  }
  return null
}

const call = (id: string, name: string, args = '{}', signature: string | null = null): ToolCallPart => ({
  kind: 'tool-call',
  id,
  name,
  arguments: args,
  signature,
  cache: null,
})
const result = (callId: string, toolName: string | null, said: string, isError = false): ToolResultPart => ({
  kind: 'tool-result',
  callId,
  toolName,
  parts: [text(said)],
  isError,
  cache: null,
})

describe('paths', () => {
  test.each([
    ['gemini-2.5-flash', false, '/models/gemini-2.5-flash:generateContent'],
    ['gemini-2.5-flash', true, '/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
    ['tunedModels/my-own-1', false, '/tunedModels/my-own-1:generateContent'],
    ['a b?c', false, '/models/a%20b%3Fc:generateContent'],
  ])('Gemini %s, stream %s', (model, isStream, path) => {
    expect(encode({}, googleGemini, { model, isStream }).path).toBe(path)
  })

  test.each([
    ['gemini-2.5-pro', '/publishers/google/models/gemini-2.5-pro:generateContent'],
    ['publishers/google/models/gemini-2.5-pro', '/publishers/google/models/gemini-2.5-pro:generateContent'],
    ['endpoints/123456', '/endpoints/123456:generateContent'],
  ])('Vertex AI %s', (model, path) => {
    expect(encode({}, googleVertexAi, { model }).path).toBe(path)
  })

  test.each(['publishers/anthropic/models/claude-sonnet-4', 'meta/llama-3'])('Vertex AI does not speak %s', (model) => {
    expect(() => encode({}, googleVertexAi, { model })).toThrow(/publishers\//)
    expect(googleVertexAi.findModelProblem?.(model)).not.toBeNull()
  })
})

test('system texts of all places become the one instruction, turns of one role one content', () => {
  const turns = [
    user('One'),
    user('Two'),
    { role: 'system', parts: [text('Later')] } as const,
    assistant(text('Three')),
    user('Four', ''),
  ]
  expect(encode({ system: [text('First'), text('')], turns }).body).toEqual({
    systemInstruction: { parts: [{ text: 'First' }, { text: 'Later' }] },
    contents: [
      { role: 'user', parts: [{ text: 'One' }, { text: 'Two' }] },
      { role: 'model', parts: [{ text: 'Three' }] },
      { role: 'user', parts: [{ text: 'Four' }] },
    ],
  })
})

test('how the answer is to be made', () => {
  const { body } = encode({
    temperature: 0.2,
    topP: 0.9,
    topK: 40,
    frequencyPenalty: 0.5,
    presencePenalty: -0.5,
    seed: -7,
    stop: ['END', '\n\n'],
    choices: 3,
    maxOutputTokens: 500,
    topLogprobs: 2,
    responseFormat: { kind: 'json-object' },
  })
  expect(body.generationConfig).toEqual({
    candidateCount: 3,
    maxOutputTokens: 500,
    temperature: 0.2,
    topP: 0.9,
    topK: 40,
    seed: -7,
    presencePenalty: -0.5,
    frequencyPenalty: 0.5,
    stopSequences: ['END', '\n\n'],
    responseLogprobs: true,
    logprobs: 2,
    responseMimeType: 'application/json',
  })
  expect(encode({ topLogprobs: 0 }).body.generationConfig).toEqual({ responseLogprobs: true })
  expect(encode({}).body).not.toHaveProperty('generationConfig')
})

test.each([
  ['seed', { seed: 2 ** 40 }],
  ['stop', { stop: ['a', 'b', 'c', 'd', 'e', 'f'] }],
] as const)('%s: a value that Google would refuse is refused by name', (feature, fields) => {
  expect(catchRefusal(fields)).toEqual(refusal(feature))
})

/** What a JSON Schema may have and OpenAPI's subset can't say. */
const schema = {
  type: 'object',
  properties: {
    node: { $ref: '#/$defs/node' },
    when: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
    tags: { type: ['array', 'null'], items: { type: 'string', pattern: '^[a-z]+$' } },
  },
  required: ['node'],
  additionalProperties: false,
  $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, additionalProperties: false } },
}

test('schemas of tools and of answers go as the JSON Schema they are', () => {
  const tool = { name: 'walk', description: 'Walks.', parameters: schema, isStrict: null, cache: null }
  const responseFormat = { kind: 'json-schema', name: 'walked', description: null, schema, isStrict: true } as const
  const { body } = encode({ tools: [tool], responseFormat })
  expect(body.tools).toEqual([
    { functionDeclarations: [{ name: 'walk', description: 'Walks.', parametersJsonSchema: schema }] },
  ])
  expect(body.generationConfig).toEqual({ responseMimeType: 'application/json', responseJsonSchema: schema })
  expect(body).not.toHaveProperty('toolConfig')
})

test.each([{}, { type: 'object', properties: {} }, { type: 'object', properties: {}, required: [] }])(
  'a tool without parameters has no schema: %j',
  (parameters) => {
    const tool = { name: 'now', description: null, parameters, isStrict: null, cache: null }
    expect(encode({ tools: [tool] }).body.tools).toEqual([{ functionDeclarations: [{ name: 'now' }] }])
  },
)

test.each([
  [null, null, undefined],
  [{ kind: 'auto' }, null, { mode: 'AUTO' }],
  [{ kind: 'none' }, true, { mode: 'NONE' }],
  [{ kind: 'required' }, true, { mode: 'ANY' }],
  [{ kind: 'tool', name: 'walk' }, null, { mode: 'ANY', allowedFunctionNames: ['walk'] }],
  [null, true, { mode: 'VALIDATED' }],
  [{ kind: 'auto' }, true, { mode: 'VALIDATED' }],
] as const)('tool choice %j, strict %s', (toolChoice, isStrict, expected) => {
  const tool = { name: 'walk', description: null, parameters: schema, isStrict, cache: null }
  const { body } = encode({ tools: [tool], toolChoice })
  expect(body.toolConfig?.functionCallingConfig).toEqual(expected)
})

describe('calls and results', () => {
  const turns = [
    user('Weather?'),
    assistant(
      text('I look.'),
      call('a', 'weather', '{"city":"Paris"}', 'sig-1'),
      call('b', 'weather', '{"city":"Rome"}'),
    ),
    user(result('b', 'weather', '21 °C'), result('a', 'weather', 'no such city', true), 'And Oslo?'),
  ]

  test('Gemini: with ids, results in the order of the calls', () => {
    expect(encode({ turns }).body.contents).toEqual([
      { role: 'user', parts: [{ text: 'Weather?' }] },
      {
        role: 'model',
        parts: [
          { text: 'I look.' },
          { functionCall: { id: 'a', name: 'weather', args: { city: 'Paris' } }, thoughtSignature: 'sig-1' },
          { functionCall: { id: 'b', name: 'weather', args: { city: 'Rome' } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'weather', response: { error: 'no such city' } } },
          { functionResponse: { id: 'b', name: 'weather', response: { output: '21 °C' } } },
          { text: 'And Oslo?' },
        ],
      },
    ])
  })

  test('Vertex AI: no ids, which it refuses', () => {
    const body = JSON.stringify(encode({ turns }, googleVertexAi).body)
    expect(body).not.toContain('"id"')
    expect(body.indexOf('no such city')).toBeLessThan(body.indexOf('21 °C'))
  })

  test('calls of another model: the first stands in for the signature, on models that want one', () => {
    const foreign = [
      user('Go'),
      assistant(call('a', 'f'), call('b', 'g')),
      user(result('a', 'f', '1'), result('b', 'g', '2')),
    ]
    const read = (model: string) => encode({ turns: foreign, model }).body.contents[1].parts
    expect(read('gemini-3-pro-preview')).toEqual([
      { functionCall: { id: 'a', name: 'f', args: {} }, thoughtSignature: 'skip_thought_signature_validator' },
      { functionCall: { id: 'b', name: 'g', args: {} } },
    ])
    expect(JSON.stringify(read('gemini-2.5-pro'))).not.toContain('thoughtSignature')
  })

  test('a result without its call is refused', () => {
    expect(catchRefusal({ turns: [user(result('x', null, '1'))] })).toEqual(refusal('tools'))
  })

  test('images among results: for models of version 3 and later', () => {
    const source = { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } as const
    const shown = {
      ...result('a', 'shot', 'here'),
      parts: [text('here'), { kind: 'image', source, detail: null, cache: null }],
    } as const
    const seen = [user('Go'), assistant(call('a', 'shot')), user(shown)]
    expect(encode({ turns: seen }).body.contents[2].parts).toEqual([
      {
        functionResponse: {
          id: 'a',
          name: 'shot',
          response: { output: 'here' },
          parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }],
        },
      },
    ])
    expect(catchRefusal({ turns: seen, model: 'gemini-2.5-flash' })).toEqual(refusal('toolResultMedia'))
  })
})

describe('media', () => {
  const image = (source: Media): UserPart => ({ kind: 'image', source, detail: null, cache: null })
  const file = (source: Media): UserPart => ({ kind: 'file', source, name: 'a.pdf', cache: null })
  const parts = (part: UserPart, provider = googleGemini) =>
    encode({ turns: [user(part)] }, provider).body.contents[0].parts

  test('bytes go inline', () => {
    expect(parts(image({ kind: 'base64', mediaType: 'image/webp', data: 'UklG' }))).toEqual([
      { inlineData: { mimeType: 'image/webp', data: 'UklG' } },
    ])
    expect(parts(file({ kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' }))).toEqual([
      { inlineData: { mimeType: 'application/pdf', data: 'JVBE' } },
    ])
    expect(parts({ kind: 'audio', format: 'wav', data: 'UklG', cache: null })).toEqual([
      { inlineData: { mimeType: 'audio/wav', data: 'UklG' } },
    ])
  })

  test('URLs go as they are, with the type that their ending says', () => {
    const url = image({ kind: 'url', url: 'https://example.com/a/cat.JPG?size=2' })
    const expected = { fileData: { mimeType: 'image/jpeg', fileUri: 'https://example.com/a/cat.JPG?size=2' } }
    expect(parts(url)).toEqual([expected])
    expect(parts(url, googleVertexAi)).toEqual([expected])
  })

  test('a URL that does not say what it is: Gemini looks, Vertex AI would refuse', () => {
    const url = image({ kind: 'url', url: 'https://example.com/cat' })
    expect(parts(url)).toEqual([{ fileData: { fileUri: 'https://example.com/cat' } }])
    expect(catchRefusal({ turns: [user(url)] }, googleVertexAi)).toEqual(refusal('imageUrls'))
  })

  test('files by id: of the Files API, of Cloud Storage', () => {
    expect(parts(file({ kind: 'file', id: 'files/abc-1' }))).toEqual([
      { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc-1' } },
    ])
    expect(parts(file({ kind: 'file', id: 'gs://bucket/a.pdf' }), googleVertexAi)).toEqual([
      { fileData: { mimeType: 'application/pdf', fileUri: 'gs://bucket/a.pdf' } },
    ])
    expect(catchRefusal({ turns: [user(file({ kind: 'file', id: 'file-abc123' }))] })).toEqual(refusal('fileIds'))
  })
})

describe('reasoning', () => {
  const config = (model: string, reasoning: Conversation['reasoning']) =>
    encode({ model, reasoning }).body.generationConfig?.thinkingConfig
  const by = (effort: NonNullable<Conversation['reasoning']>['effort'], budgetTokens: number | null = null) => ({
    effort,
    budgetTokens,
    isShown: null,
  })

  test.each([
    ['gemini-2.5-pro', by('high'), { includeThoughts: true, thinkingBudget: 24_576 }],
    ['gemini-2.5-pro', by('max'), { includeThoughts: true, thinkingBudget: 32_768 }],
    ['gemini-2.5-flash', by('max'), { includeThoughts: true, thinkingBudget: 24_576 }],
    ['gemini-2.5-flash', by('minimal'), { includeThoughts: true, thinkingBudget: 1_024 }],
    ['gemini-2.5-flash', by('none'), { thinkingBudget: 0 }],
    ['gemini-2.5-flash', by('low', 5_000), { includeThoughts: true, thinkingBudget: 5_000 }],
    ['gemini-2.5-flash', by(null), { includeThoughts: true }],
    ['gemini-3-pro-preview', by('low'), { includeThoughts: true, thinkingLevel: 'LOW' }],
    ['gemini-3.7-flash', by('xhigh'), { includeThoughts: true, thinkingLevel: 'HIGH' }],
    ['gemini-flash-latest', by('medium'), { includeThoughts: true, thinkingLevel: 'MEDIUM' }],
    ['publishers/google/models/gemini-3-flash', by(null, 9_000), { includeThoughts: true, thinkingLevel: 'MEDIUM' }],
    ['gemini-4-argon', by(null, 100), { includeThoughts: true, thinkingLevel: 'MINIMAL' }],
  ])('%s %j', (model, reasoning, expected) => {
    expect(config(model, reasoning)).toEqual(expected)
  })

  test('not shown where the client says so', () => {
    expect(config('gemini-2.5-pro', { ...by('low'), isShown: false })).toEqual({
      includeThoughts: false,
      thinkingBudget: 2_048,
    })
  })

  test('models that always think refuse not to', () => {
    expect(catchRefusal({ reasoning: by('none') })).toEqual(refusal('reasoning'))
  })

  test('thoughts and signatures go back where they came from', () => {
    const thought = (said: string, signature: string | null) => ({ kind: 'reasoning', text: said, signature }) as const
    const read = (...said: readonly AssistantPart[]) =>
      encode({ turns: [user('Hi'), assistant(...said), user('Go on')] }).body.contents[1].parts
    // As it came: the signature behind the text.
    expect(read(thought('Hm.', null), text('4'), thought('', 'gemini-text:sig'))).toEqual([
      { text: 'Hm.', thought: true },
      { text: '4' },
      { text: '', thoughtSignature: 'sig' },
    ])
    // As clients of chat have it: all thinking in front.
    expect(read(thought('Hm.', null), thought('', 'gemini-text:sig'), text('4'))).toEqual([
      { text: 'Hm.', thought: true },
      { text: '4', thoughtSignature: 'sig' },
    ])
    expect(read(thought('Hm.', 'gemini-text:sig'), text('4'))).toEqual([
      { text: 'Hm.', thought: true, thoughtSignature: 'sig' },
      { text: '4' },
    ])
  })

  test.each([
    { kind: 'reasoning', text: 'Hm.', signature: 'EqQBCgIYAhIM1gbcDa9G' },
    { kind: 'redacted-reasoning', data: 'EmwKAhgB' },
  ] as const)('reasoning of another provider is a hint that is left out: %j', (part) => {
    expect(catchRefusal({ turns: [user('Hi'), assistant(part, text('4')), user('?')] })).toEqual(
      refusal('reasoningHistory'),
    )
  })
})
