// What clients ask in OpenAI's words is asked of Anthropic in its own.
import { describe, expect, test } from 'vitest'
import { openAiChat } from '../../../src/dialects/openai-chat/openai-chat.ts'
import { isRecord } from '../../../src/is-record.ts'
import { anthropic } from '../../../src/providers/anthropic/anthropic.ts'
import { encodeFitted } from '../../../src/upstream/fit-conversation.ts'

type Encoded = Readonly<{ body: Readonly<Record<string, unknown>>; dropped: readonly string[] }>

const model = 'claude-sonnet-5'
const hello = [{ role: 'user', content: 'Hello' }]

/** What a chat request becomes. `canDrop`: what is not supported is left out. */
function encode(request: object, canDrop = false, maxOutputTokens: number | null = null): Encoded {
  if (anthropic.chat === null) throw new Error('Anthropic has no chat')
  const parsed = openAiChat.parse(Buffer.from(JSON.stringify({ model, messages: hello, ...request })))
  const call = { model: parsed.conversation.model, isStream: false, basePath: '/v1', maxOutputTokens }
  const { encoded, dropped } = encodeFitted(parsed, anthropic.chat, call, canDrop)
  expect(encoded.path).toBe('/messages')
  const body: unknown = JSON.parse(encoded.body.toString())
  if (!isRecord(body)) throw new Error('no object')
  return { body, dropped }
}

const refuse = (request: object, param: string) =>
  expect(() => encode(request)).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param }))

test('the least request', () => {
  expect(encode({}).body).toEqual({ model, max_tokens: 4096, messages: hello })
})

test('how an answer is to be made', () => {
  const { body } = encode({
    model: 'claude-sonnet-4-5',
    max_completion_tokens: 300,
    temperature: 0.5,
    top_p: 0.9,
    stop: ['END', 'STOP'],
    user: 'u-1',
    service_tier: 'default',
    stream: true,
  })
  expect(body).toEqual({
    model: 'claude-sonnet-4-5',
    max_tokens: 300,
    messages: hello,
    temperature: 0.5,
    top_p: 0.9,
    stop_sequences: ['END', 'STOP'],
    metadata: { user_id: 'u-1' },
    service_tier: 'standard_only',
    stream: true,
  })
})

test("the length of an answer is the model's where nobody says", () => {
  expect(encode({}, false, 64_000).body.max_tokens).toBe(64_000)
})

test('system texts join the system prompt, roles alternate, tool results stand first', () => {
  const { body } = encode({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather?' },
      { role: 'user', content: [{ type: 'text', text: 'In two cities.' }] },
      {
        role: 'assistant',
        content: 'Looking.',
        tool_calls: [
          { id: 'call:1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } },
          { id: 'call_2', type: 'function', function: { name: 'weather', arguments: '' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call:1', content: 'Sunny' },
      { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'Rain' }] },
      { role: 'developer', content: 'Celsius.' },
      { role: 'user', content: 'And?' },
    ],
  })
  expect(body.system).toEqual([
    { type: 'text', text: 'Be brief.' },
    { type: 'text', text: 'Celsius.' },
  ])
  expect(body.messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Weather?' },
        { type: 'text', text: 'In two cities.' },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Looking.' },
        { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Bern' } },
        { type: 'tool_use', id: 'call_2', name: 'weather', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'call_1', content: 'Sunny' },
        { type: 'tool_result', tool_use_id: 'call_2', content: 'Rain' },
        { type: 'text', text: 'And?' },
      ],
    },
  ])
})

test('a call whose arguments are no JSON is not made one of nothing', () => {
  const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{"city":' } }
  expect(() => encode({ messages: [...hello, { role: 'assistant', tool_calls: [call] }, ...hello] }, true)).toThrow(
    expect.objectContaining({ code: 'unsupported_parameter', publicText: expect.stringContaining("'a'") }),
  )
})

test('results of nothing, texts of nothing', () => {
  const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }
  const { body } = encode({
    messages: [
      ...hello,
      { role: 'assistant', content: '', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'a', content: '' },
      { role: 'user', content: '' },
    ],
  })
  expect(body.messages).toEqual([
    ...hello,
    { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a' }] },
  ])
})

test('tools, and which of them must be called', () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } } }
  const tools = [
    { type: 'function', function: { name: 'weather', description: 'Of a city', parameters, strict: true } },
    { type: 'function', function: { name: 'now' } },
  ]
  expect(encode({ tools, tool_choice: 'required', parallel_tool_calls: false }).body).toMatchObject({
    tools: [
      { name: 'weather', description: 'Of a city', input_schema: parameters, strict: true },
      { name: 'now', input_schema: { type: 'object' } },
    ],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
  })
  const choose = (choice: unknown) => encode({ tools, tool_choice: choice }).body.tool_choice
  expect(choose({ type: 'function', function: { name: 'now' } })).toEqual({ type: 'tool', name: 'now' })
  expect(choose('none')).toEqual({ type: 'none' })
  expect(choose('auto')).toEqual({ type: 'auto' })
  expect(encode({ tools, parallel_tool_calls: false }).body.tool_choice).toEqual({
    type: 'auto',
    disable_parallel_tool_use: true,
  })
  expect(encode({ tools }).body).not.toHaveProperty('tool_choice')
})

test('images and documents, by data and by URL', () => {
  const pdf = Buffer.from('%PDF-1.7').toString('base64')
  const text = Buffer.from('Grüße').toString('base64')
  const { body } = encode({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?', cache_control: { type: 'ephemeral', ttl: '1h' } },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
          { type: 'image_url', image_url: { url: 'https://images.example/a.jpg' } },
          { type: 'file', file: { file_data: `data:application/pdf;base64,${pdf}`, filename: 'a.pdf' } },
          { type: 'file', file: { file_data: `data:text/markdown;base64,${text}` } },
          { type: 'file', file: { file_id: 'file_1' } },
        ],
      },
    ],
  })
  expect(body.messages).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?', cache_control: { type: 'ephemeral', ttl: '1h' } },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
        { type: 'image', source: { type: 'url', url: 'https://images.example/a.jpg' } },
        {
          type: 'document',
          source: { type: 'base64', media_type: 'application/pdf', data: pdf },
          title: 'a.pdf',
        },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Grüße' } },
        { type: 'document', source: { type: 'file', file_id: 'file_1' } },
      ],
    },
  ])
})

test('files by id are a beta that has to be asked for, and nothing else is', () => {
  const ask = (part: object) => {
    const messages = [{ role: 'user', content: [part] }]
    const { conversation } = openAiChat.parse(Buffer.from(JSON.stringify({ model, messages })))
    const call = { model, isStream: false, basePath: '/v1', maxOutputTokens: null }
    return anthropic.chat?.encode(conversation, call).headers
  }
  expect(ask({ type: 'file', file: { file_id: 'file_1' } })).toEqual(['anthropic-beta', 'files-api-2025-04-14'])
  expect(ask({ type: 'text', text: '{"type":"file","file_id":"file_1"}' })).toEqual([])
})

test('structured output is a schema of the output', () => {
  const schema = { type: 'object', properties: { a: { type: 'number' } }, additionalProperties: false }
  const { body } = encode({
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
  })
  expect(body.output_config).toEqual({ format: { type: 'json_schema', schema } })
})

describe('reasoning', () => {
  const ask = (name: string, request: object) => {
    const { thinking, output_config, max_tokens } = encode({ model: name, ...request }).body
    return { thinking, output_config, max_tokens }
  }
  const adaptive = { type: 'adaptive', display: 'summarized' }

  test.each([
    ['claude-sonnet-5', 'high', 'high', 24_576],
    ['claude-opus-4-7', 'minimal', 'low', 1024],
    ['claude-mythos-5-2', 'xhigh', 'xhigh', 32_768],
    ['claude-sonnet-4-6', 'medium', 'medium', 8192],
    ['claude-next', 'low', 'low', 2048],
  ])('%s thinks by effort: %s is %s', (name, effort, expected, room) => {
    expect(ask(name, { reasoning_effort: effort })).toEqual({
      thinking: adaptive,
      output_config: { effort: expected },
      max_tokens: room + 4096,
    })
    expect(ask(name, { reasoning_effort: effort, max_tokens: 50 }).max_tokens).toBe(50)
  })

  test.each([
    ['claude-3-7-sonnet-20250219', 'low', 2048],
    ['claude-sonnet-4-20250514', 'medium', 8192],
    ['claude-opus-4-1-20250805', 'high', 24_576],
    ['claude-haiku-4-5@20251001', 'max', 32_768],
    ['kimi-k2', 'minimal', 1024],
  ])('%s thinks by a budget: %s is %i tokens, and the answer has room behind it', (name, effort, budget) => {
    expect(ask(name, { reasoning_effort: effort })).toEqual({
      thinking: { type: 'enabled', budget_tokens: budget },
      output_config: undefined,
      max_tokens: budget + 4096,
    })
  })

  test('a budget fits into the length that the client says', () => {
    const { thinking, max_tokens } = ask('claude-sonnet-4-5', { reasoning_effort: 'high', max_completion_tokens: 2000 })
    expect({ thinking, max_tokens }).toEqual({
      thinking: { type: 'enabled', budget_tokens: 1999 },
      max_tokens: 2000,
    })
    refuse({ model: 'claude-sonnet-4-5', reasoning_effort: 'high', max_completion_tokens: 500 }, 'reasoning_effort')
  })

  test('a budget in tokens is an effort where only that is taken, and both where both are', () => {
    const thinking = { type: 'enabled', budget_tokens: 10_000 }
    expect(ask('claude-opus-5', { thinking }).output_config).toEqual({ effort: 'medium' })
    expect(ask('claude-opus-4-6', { thinking, max_tokens: 20_000 }).thinking).toEqual(thinking)
  })

  test('what does not go with thinking is refused by name, and goes with models of other makers', () => {
    const model = 'claude-sonnet-4-5'
    const beside = (fields: object) => ({ model, reasoning_effort: 'low', ...fields })
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }]
    refuse(beside({ temperature: 0.5 }), 'temperature')
    refuse(beside({ top_k: 4 }), 'top_k')
    refuse(beside({ tools, tool_choice: 'required' }), 'tool_choice')
    refuse(beside({ model: 'claude-sonnet-4-6', temperature: 0.5 }), 'temperature')
    expect(encode(beside({ temperature: 1 })).body.temperature).toBe(1)
    expect(encode(beside({ model: 'claude-sonnet-4-6', tools, tool_choice: 'required' })).body.tool_choice).toEqual({
      type: 'any',
    })
    expect(encode(beside({ model: 'kimi-k2', temperature: 0.5, tools, tool_choice: 'required' })).body).toMatchObject({
      temperature: 0.5,
      tool_choice: { type: 'any' },
    })
  })

  test('a budget to think about results of tools wants the thinking before their calls', () => {
    const model = 'claude-sonnet-4-5'
    const loop = (thought: object, after: readonly object[] = []) => ({
      model,
      reasoning_effort: 'low',
      messages: [
        { role: 'user', content: 'q' },
        {
          role: 'assistant',
          content: 'Let me see.',
          tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: '{}' } }],
          ...thought,
        },
        { role: 'tool', tool_call_id: 't', content: 'r' },
        ...after,
      ],
    })
    const thinking_blocks = [{ type: 'thinking', thinking: 'Hm.', signature: 'EqQB' }]
    refuse(loop({}), 'reasoning_effort')
    refuse(loop({}, [{ role: 'user', content: 'and?' }]), 'reasoning_effort')
    const thinks = { type: 'enabled', budget_tokens: 2048 }
    expect(encode(loop({ thinking_blocks })).body.thinking).toEqual(thinks)
    const next = [
      { role: 'assistant', content: 'It is r.' },
      { role: 'user', content: 'And now?' },
    ]
    expect(encode(loop({}, next)).body.thinking).toEqual(thinks)
    expect(encode({ ...loop({}), model: 'claude-sonnet-4-6' }).body.thinking).toMatchObject({ type: 'adaptive' })
    expect(encode({ ...loop({}), model: 'kimi-k2' }).body.thinking).toEqual(thinks)
  })

  test('none turns it off, where it can be', () => {
    expect(ask('claude-sonnet-5', { reasoning_effort: 'none' }).thinking).toEqual({ type: 'disabled' })
    expect(ask('claude-haiku-5-5', { reasoning_effort: 'none' }).thinking).toEqual({ type: 'disabled' })
    for (const name of ['claude-fable-5', 'claude-mythos-preview', 'claude-opus-5-5']) {
      refuse({ model: name, reasoning_effort: 'none' }, 'reasoning_effort')
    }
  })

  test('thinking goes back signed and in its place; unsigned, or signed by another, is left out and named', () => {
    const messages = (signature: string | undefined) => [
      ...hello,
      {
        role: 'assistant',
        content: 'Hi',
        ...(signature === undefined
          ? { reasoning_content: 'They greet.' }
          : {
              thinking_blocks: [
                { type: 'thinking', thinking: 'They greet.', signature },
                { type: 'redacted_thinking', data: 'Em0K' },
              ],
            }),
      },
      { role: 'user', content: 'So?' },
    ]
    expect(encode({ messages: messages('EqQB') }).body.messages).toMatchObject([
      {},
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'They greet.', signature: 'EqQB' },
          { type: 'redacted_thinking', data: 'Em0K' },
          { type: 'text', text: 'Hi' },
        ],
      },
      {},
    ])
    for (const signature of [undefined, 'gemini-text:c2ln']) {
      const unsigned = encode({ messages: messages(signature) })
      expect(unsigned.body.messages).toMatchObject([{}, { role: 'assistant', content: 'Hi' }, {}])
      expect(unsigned.dropped).toHaveLength(1)
    }
  })
})

describe('what the newer models have no more', () => {
  test.each(['claude-opus-4-7', 'claude-sonnet-5', 'claude-mythos-preview', 'claude-haiku-5-5'])('%s', (name) => {
    refuse({ model: name, temperature: 0.7 }, 'temperature')
    refuse({ model: name, top_p: 0.9 }, 'top_p')
    const plain = encode({ model: name, temperature: 1, top_p: 1 })
    expect(plain).toEqual({ body: { model: name, max_tokens: 4096, messages: hello }, dropped: [] })
    const dropped = encode({ model: name, temperature: 0.7, top_p: 0.9 }, true)
    expect(dropped).toEqual({ body: plain.body, dropped: ['temperature', 'top_p'] })
  })

  test('a last turn of the assistant’s goes to those that go on from it', () => {
    const messages = [...hello, { role: 'assistant', content: 'The answer is (' }]
    for (const name of ['claude-3-5-haiku-20241022', 'claude-opus-4-5', 'deepseek-chat']) {
      expect(encode({ model: name, messages }).body.messages).toEqual(messages)
    }
    for (const name of ['claude-sonnet-4-6', 'claude-opus-5']) {
      expect(() => encode({ model: name, messages }, true)).toThrow(
        expect.objectContaining({ code: 'unsupported_parameter' }),
      )
    }
  })
})

describe('what it has not is refused by name, or left out where that is said', () => {
  test.each([
    [{ temperature: 1.5 }, 'temperature'],
    [{ seed: 1 }, 'seed'],
    [{ n: 2 }, 'n'],
    [{ frequency_penalty: 0.5 }, 'frequency_penalty'],
    [{ presence_penalty: 0.5 }, 'presence_penalty'],
    [{ logprobs: true }, 'logprobs'],
    [{ logit_bias: { '50256': -100 } }, 'logit_bias'],
    [{ response_format: { type: 'json_object' } }, 'response_format'],
    [{ verbosity: 'low' }, 'verbosity'],
    [{ service_tier: 'flex' }, 'service_tier'],
    [{ prediction: { type: 'content', content: 'x' } }, 'prediction'],
  ])('%j', (request, param) => {
    refuse(request, param)
    const { body, dropped } = encode(request, true)
    expect(body).toEqual({ model, max_tokens: 4096, messages: hello })
    expect(dropped).toContain(param)
  })

  test.each([
    ['an image of another type', { type: 'image_url', image_url: { url: 'data:image/tiff;base64,aGk=' } }],
    ['a file of another type', { type: 'file', file: { file_data: 'data:application/zip;base64,aGk=' } }],
    ['sound', { type: 'input_audio', input_audio: { data: 'aGk=', format: 'wav' } }],
  ])('%s always', (_name, part) => {
    const request = { messages: [{ role: 'user', content: [part] }] }
    for (const canDrop of [false, true]) {
      expect(() => encode(request, canDrop)).toThrow(expect.objectContaining({ code: 'unsupported_parameter' }))
    }
  })

  test('hints are left out and named', () => {
    expect(encode({ metadata: { a: 'b' }, prompt_cache_key: 'k' })).toEqual({
      body: { model, max_tokens: 4096, messages: hello },
      dropped: ['metadata', 'prompt_cache_key'],
    })
  })
})
