// The same conversation as each OpenAI-shaped server takes it: what they call things, and where they stop.
import { describe, expect, test } from 'vitest'
import type { Conversation, TextPart, Turn } from '../../../src/conversation/conversation.ts'
import { UnsupportedFeature } from '../../../src/conversation/feature.ts'
import { providers } from '../../../src/providers/index.ts'
import type { Operation } from '../../../src/providers/operation.ts'
import { parse } from '../../dialects/openai-chat/requests.ts'

const say = (text: string): TextPart => ({ kind: 'text', text, cache: null })
const user = (text: string): Turn => ({ role: 'user', parts: [say(text)], name: null })

function encode(name: string, said: Partial<Conversation>): Readonly<Record<string, unknown>> {
  const chat = providers.get(name)?.chat
  if (chat == null) throw new Error(`${name} has no chat`)
  const conversation: Conversation = { ...parse({}).conversation, ...said }
  const call = { model: 'm1', isStream: conversation.isStream, basePath: '/v1', maxOutputTokens: null }
  const { body } = chat.encode(conversation, call)
  return JSON.parse(body.toString())
}

const reasoning = { effort: 'max', budgetTokens: null, isShown: null } as const

test.each([
  ['OpenAI', { max_completion_tokens: 9, safety_identifier: 'u', seed: 1, reasoning_effort: 'xhigh' }],
  ['AzureOpenAI', { max_completion_tokens: 9, user: 'u', seed: 1, reasoning_effort: 'xhigh' }],
  ['Mistral', { max_tokens: 9, user: 'u', random_seed: 1, reasoning_effort: 'high' }],
  ['Groq', { max_completion_tokens: 9, user: 'u', seed: 1, reasoning_effort: 'high' }],
  ['DeepSeek', { max_tokens: 9, user: 'u', seed: 1, thinking: { type: 'enabled' }, reasoning_effort: 'max' }],
  ['OpenRouter', { max_tokens: 9, user: 'u', seed: 1, reasoning: { effort: 'xhigh' } }],
  ['VLLM', { max_tokens: 9, user: 'u', seed: 1, reasoning_effort: 'high' }],
])('%s: names of the limit, the person, the seed, the effort', (name, fields) => {
  const { model, messages, ...rest } = encode(name, { maxOutputTokens: 9, endUser: 'u', seed: 1, reasoning })
  expect({ model, messages, ...rest }).toEqual({
    model: 'm1',
    messages: [{ role: 'user', content: 'Hello' }],
    ...fields,
  })
})

test('a tier that is none is said only to who has tiers', () => {
  expect(encode('OpenAI', { serviceTier: 'auto' }).service_tier).toBe('auto')
  for (const name of ['Mistral', 'VLLM', 'DeepSeek']) {
    expect(encode(name, { serviceTier: 'auto' })).not.toHaveProperty('service_tier')
  }
})

describe('system texts', () => {
  const said = {
    system: [say('A'), say('B')],
    turns: [user('1'), { role: 'system', parts: [say('C')] }, user('2')],
  } as const
  test.each([
    ['OpenAI', 'developer'],
    ['AzureOpenAI', 'system'],
    ['OpenRouter', 'system'],
  ])('%s: where they stand', (name, role) => {
    expect(encode(name, said).messages).toEqual([
      { role, content: 'A\n\nB' },
      { role: 'user', content: '1' },
      { role, content: 'C' },
      { role: 'user', content: '2' },
    ])
  })

  test.each(['Mistral', 'VLLM', 'Ollama', 'HuggingFace', 'Custom'])('%s: all at the front, in order', (name) => {
    expect(encode(name, said).messages).toEqual([
      { role: 'system', content: 'A\n\nB\n\nC' },
      { role: 'user', content: '1' },
      { role: 'user', content: '2' },
    ])
  })
})

test.each([
  ['OpenAI', { include_usage: true }],
  ['AzureOpenAI', { include_usage: true }],
  ['Ollama', { include_usage: true }],
  ['Mistral', undefined],
  ['OpenRouter', undefined],
])('E8 %s is asked for the usage of a stream where it must be', (name, options) => {
  const body = encode(name, { isStream: true })
  expect(body.stream).toBe(true)
  expect(body.stream_options).toEqual(options)
})

describe('tool calls that another provider made', () => {
  const id = 'toolu_01T1x1fJ34qAmk2tNTrN7Up6'
  const createTurns = (id: string): readonly Turn[] => [
    user('Hello'),
    {
      role: 'assistant',
      name: null,
      parts: [{ kind: 'tool-call', id, name: 'f', arguments: '{}', signature: null, cache: null }],
    },
    {
      role: 'user',
      name: null,
      parts: [
        {
          kind: 'tool-result',
          callId: id,
          toolName: 'f',
          isError: true,
          cache: null,
          parts: [
            say('no such file'),
            {
              kind: 'image',
              source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' },
              detail: null,
              cache: null,
            },
          ],
        },
        say('Go on.'),
      ],
    },
  ]
  const expected = (wireId: string) => [
    { role: 'user', content: 'Hello' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: wireId, type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: wireId, content: 'Error: no such file' },
    {
      role: 'user',
      content: [
        { type: 'text', text: `Attached to the result of tool call ${wireId}:` },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        { type: 'text', text: 'Go on.' },
      ],
    },
  ]

  test('OpenAI: the same id; what a tool message has no place for is said beside it', () => {
    expect(encode('OpenAI', { turns: createTurns(id) }).messages).toEqual(expected(id))
  })

  test('Mistral: nine letters and digits, the same for both; what the user says then joins the result', () => {
    const { messages } = encode('Mistral', { turns: createTurns(id) })
    const wireId = /"tool_call_id":"([A-Za-z0-9]{9})"/.exec(JSON.stringify(messages))?.[1] ?? ''
    const [hello, called, result, said] = expected(wireId)
    const content = [{ type: 'text', text: result?.content }, ...(Array.isArray(said?.content) ? said.content : [])]
    expect(messages).toEqual([hello, called, { ...result, content }])
  })

  test('OpenAI: an id that is too long is made short, the same for both', () => {
    const text = JSON.stringify(encode('OpenAI', { turns: createTurns('x'.repeat(41)) }).messages)
    expect(text).not.toContain('xxx')
    expect(text.match(/call_[0-9a-f]{24}"/g)).toHaveLength(2)
    expect(new Set(text.match(/call_[0-9a-f]{24}/g)).size).toBe(1)
  })
})

describe('what was thought before', () => {
  const turns: readonly Turn[] = [
    user('Hello'),
    { role: 'assistant', name: null, parts: [{ kind: 'reasoning', text: 'Hm', signature: 'sig' }, say('Hi')] },
    user('And?'),
  ]
  test('DeepSeek wants the text back', () => {
    expect(encode('DeepSeek', { turns }).messages).toContainEqual({
      role: 'assistant',
      content: 'Hi',
      reasoning_content: 'Hm',
    })
  })

  test('OpenRouter wants the proofs back', () => {
    expect(encode('OpenRouter', { turns }).messages).toContainEqual({
      role: 'assistant',
      content: 'Hi',
      reasoning_details: [{ type: 'reasoning.text', text: 'Hm', signature: 'sig', index: 0 }],
    })
  })

  test('others have no place for it, which they say', () => {
    for (const name of ['OpenAI', 'AzureOpenAI', 'Mistral', 'Groq', 'VLLM', 'Custom']) {
      expect(providers.get(name)?.chat?.features.has('reasoningHistory')).toBe(false)
    }
  })
})

test("Gemini's proof of a call goes back to who may be Google, and to nobody else", () => {
  const call = { kind: 'tool-call', id: 'c', name: 'f', arguments: '{}', signature: 'gem', cache: null } as const
  const turns: readonly Turn[] = [user('Hello'), { role: 'assistant', name: null, parts: [call] }]
  expect(JSON.stringify(encode('Custom', { turns }))).toContain(
    '"extra_content":{"google":{"thought_signature":"gem"}}',
  )
  expect(JSON.stringify(encode('OpenAI', { turns }))).not.toContain('gem')
})

describe('a beginning of the answer', () => {
  const turns: readonly Turn[] = [user('Hello'), { role: 'assistant', name: null, parts: [say('{')] }]
  test('Mistral goes on from a prefix', () => {
    expect(encode('Mistral', { turns }).messages).toContainEqual({ role: 'assistant', content: '{', prefix: true })
  })

  test('vLLM continues the last message', () => {
    expect(encode('VLLM', { turns })).toMatchObject({ continue_final_message: true, add_generation_prompt: false })
  })
})

test.each([
  ['OpenAI', { stop: ['1', '2', '3', '4', '5'] }, 'stop'],
  ['Groq', { stop: ['1', '2', '3', '4', '5'] }, 'stop'],
  ['VLLM', { reasoning: { effort: 'none', budgetTokens: null, isShown: null } }, 'reasoning'],
  [
    'OpenAI',
    {
      turns: [
        {
          role: 'user',
          name: null,
          parts: [{ kind: 'image', source: { kind: 'file', id: 'f' }, detail: null, cache: null }],
        },
      ],
    },
    'fileIds',
  ],
  [
    'DeepSeek',
    { turns: [{ role: 'assistant', name: null, parts: [{ kind: 'redacted-reasoning', data: 'x' }] }] },
    'reasoningHistory',
  ],
] as const)('%s has no place for %j: %s', (name, said, feature) => {
  expect(() => encode(name, said)).toThrow(UnsupportedFeature)
  expect(() => encode(name, said)).toThrow(expect.objectContaining({ feature }))
})

const pathOf = (name: string, operation: Operation, basePath = '/v1') =>
  providers.get(name)?.operationPath(operation, { model: 'm 1', isStream: false, basePath, maxOutputTokens: null })

test('who has the Responses API gets its bytes, the others get it through chat', () => {
  const names = ['OpenAI', 'HuggingFace', 'Groq', 'Fireworks', 'OpenRouter', 'XAI', 'Ollama', 'VLLM', 'Custom']
  for (const name of names) expect(pathOf(name, 'responses'), name).toBe('/responses')
  for (const name of ['Mistral', 'DeepSeek', 'TogetherAI']) expect(pathOf(name, 'responses'), name).toBeNull()
  for (const name of [...names, 'Mistral']) expect(pathOf(name, 'messages'), name).toBeNull()
})

test.each([
  ['', '/openai/deployments/m%201/embeddings?api-version=2024-10-21'],
  ['/openai', '/deployments/m%201/embeddings?api-version=2024-10-21'],
  ['/openai/v1', '/embeddings'],
  ['/proxy/openai/v1', '/embeddings'],
])('Azure below %s: %s', (basePath, path) => {
  expect(pathOf('AzureOpenAI', 'embeddings', basePath)).toBe(path)
})

test('Azure has no more than it has', () => {
  for (const operation of ['moderations', 'rerank', 'messages', 'messages/count_tokens'] as const) {
    for (const basePath of ['', '/openai/v1']) expect(pathOf('AzureOpenAI', operation, basePath)).toBeNull()
  }
})
