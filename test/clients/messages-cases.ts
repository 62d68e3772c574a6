// What users do with `client.messages` of the official Anthropic client.
import {
  type Anthropic,
  APIError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from '@anthropic-ai/sdk'
import { expect } from 'vitest'
import { errors, script } from './backends/scenarios.ts'
import type { ClientCase } from './client-case.ts'

type Case = ClientCase<Anthropic>
type Body = Anthropic.MessageCreateParamsNonStreaming
type Param = Anthropic.MessageParam

const ask: Param[] = [{ role: 'user', content: 'What is the weather in Zürich?' }]
const weather = { name: 'get_weather', description: script.toolDescription, input_schema: { ...script.toolSchema } }
const tools = [weather]

/** `fields`: also what the client's types no longer know (`temperature`). */
function createBody(model: string, fields: object): Body {
  return { model, max_tokens: 4096, messages: ask, ...fields }
}

/** Unary, and streamed and folded by the client's own helper. */
async function askTwice(client: Anthropic, model: string, fields: object = {}): Promise<readonly Anthropic.Message[]> {
  const body = createBody(model, fields)
  return [await client.messages.create(body), await client.messages.stream(body).finalMessage()]
}

function readText({ content }: Anthropic.Message): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}

function readCalls({ content }: Anthropic.Message): readonly unknown[] {
  return content.flatMap((block) => (block.type === 'tool_use' ? [[block.name, block.input]] : []))
}

function withField(feature: string, scenario: string, param: string, fields: object): Case {
  return {
    feature,
    scenario,
    param,
    async run(client, model) {
      for (const answer of await askTwice(client, model, fields)) expect(readText(answer)).toBe('OK.')
    },
  }
}

const withBlock = (feature: string, scenario: string, param: string, block: object) =>
  withField(feature, scenario, param, {
    messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, block] }],
  })

function withCall(feature: string, scenario: string, param: string, fields: object): Case {
  return {
    feature,
    scenario,
    param,
    async run(client, model) {
      for (const answer of await askTwice(client, model, { tools, ...fields })) {
        expect(readCalls(answer)).toEqual([['get_weather', script.zurich]])
      }
    },
  }
}

/** A turn with one call whose result holds `content`. */
function withResult(feature: string, scenario: string, param: string, result: object): Case {
  const call = { type: 'tool_use', id: 'toolu_0a', name: 'get_weather', input: script.zurich }
  return withField(feature, scenario, param, {
    tools,
    messages: [
      ...ask,
      { role: 'assistant', content: [call] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_0a', ...result }] },
    ],
  })
}

const thinking = { thinking: { type: 'enabled', budget_tokens: 2048 } }

/** Answers, and goes on from what it got, as it got it. */
function withHistory(
  feature: string,
  scenario: string,
  fields: object,
  reply: (answer: Anthropic.Message) => Param[],
): Case {
  return {
    feature,
    scenario,
    param: null,
    async run(client, model) {
      for (const answer of await askTwice(client, model, { ...thinking, ...fields })) {
        const messages = [...ask, { role: 'assistant' as const, content: answer.content }, ...reply(answer)]
        const next = await client.messages.create(createBody(model, { ...thinking, ...fields, messages }))
        expect(readText(next)).toBe('I remember.')
      }
    },
    async runUnsaid(client, model) {
      for (const answer of await askTwice(client, model, { ...thinking, ...fields })) {
        expect(answer.content.flatMap((block) => (block.type === 'thinking' && block.signature) || [])).toEqual([])
      }
    },
  }
}

function answerCalls({ content }: Anthropic.Message, texts: readonly string[] = [script.result]): Param[] {
  const calls = content.filter((block) => block.type === 'tool_use')
  const results = calls.map(({ id }, at) => ({
    type: 'tool_result' as const,
    tool_use_id: id,
    content: texts[at] ?? '',
  }))
  return [{ role: 'user', content: results }]
}

const conversation = {
  system: script.system,
  messages: [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello!' },
    { role: 'user', content: script.question },
  ],
}

async function catchError(asked: Promise<unknown>): Promise<APIError> {
  const error = await asked.then(
    (answer) => new Error(`no error, but ${JSON.stringify(answer)}`),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof APIError)) throw error
  return error
}

function says(feature: string, scenario: string, check: (error: APIError) => void): Case {
  return {
    feature,
    scenario,
    param: null,
    async run(client, model) {
      for (const isStream of [false, true]) {
        const body = createBody(model, {})
        const error = await catchError(
          isStream ? client.messages.stream(body).finalMessage() : client.messages.create(body),
        )
        check(error)
        const said: unknown = error.error
        expect(said).toMatchObject({ type: 'error', request_id: expect.stringMatching(/./) })
      }
    },
  }
}

/** Streams to its end: all text that came, and the error. */
async function streamToError(client: Anthropic, model: string): Promise<Readonly<{ text: string; error: APIError }>> {
  let text = ''
  const error = await catchError(
    (async () => {
      for await (const event of await client.messages.create({ ...createBody(model, {}), stream: true })) {
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text
        if (event.type === 'message_stop') throw new Error('a clean end')
      }
    })(),
  )
  return { text, error }
}

export const messagesCases: readonly Case[] = [
  {
    feature: 'text, several turns, system',
    scenario: 'chat',
    param: null,
    async run(client, model) {
      const answer = await client.messages.create(createBody(model, conversation))
      expect(answer).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn', stop_sequence: null })
      expect(readText(answer)).toBe(script.chat.join(''))
      expect(answer.usage).toMatchObject({ input_tokens: 21, output_tokens: 9 })
      expect(answer.id).not.toBe('')
    },
  },
  {
    feature: 'stream',
    scenario: 'chat',
    param: null,
    async run(client, model) {
      const texts: string[] = []
      const types: string[] = []
      for await (const event of await client.messages.create({ ...createBody(model, conversation), stream: true })) {
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') texts.push(event.delta.text)
        else types.push(event.type)
      }
      expect(texts).toEqual(script.chat)
      const order = ['message_start', 'content_block_start', 'content_block_stop', 'message_delta', 'message_stop']
      expect(types.filter((type) => String(type) !== 'ping')).toEqual(order)
      const folded = await client.messages.stream(createBody(model, conversation)).finalMessage()
      expect([readText(folded), folded.stop_reason]).toEqual([script.chat.join(''), 'end_turn'])
    },
  },
  {
    feature: 'usage: cached tokens',
    scenario: 'usage',
    param: null,
    async run(client, model) {
      for (const { usage } of await askTwice(client, model)) {
        expect(usage).toMatchObject({ input_tokens: 176, cache_read_input_tokens: 1024, output_tokens: 300 })
      }
    },
  },
  {
    feature: 'tools: call, result, answer',
    scenario: 'tools',
    param: 'tools',
    async run(client, model) {
      for (const answer of await askTwice(client, model, { tools })) {
        expect([readCalls(answer), answer.stop_reason]).toEqual([[['get_weather', script.zurich]], 'tool_use'])
        const messages = [...ask, { role: 'assistant', content: answer.content }, ...answerCalls(answer)]
        const next = await client.messages.create(createBody(model, { tools, messages }))
        expect(readText(next)).toBe('It is 21 °C in Zürich.')
      }
    },
  },
  {
    feature: 'parallel tool calls, streamed arguments',
    scenario: 'parallel-tools',
    param: 'tools',
    async run(client, model) {
      for (const answer of await askTwice(client, model, { tools })) {
        expect([readCalls(answer), answer.stop_reason]).toEqual([
          [
            ['get_weather', script.zurich],
            ['get_weather', script.bergen],
          ],
          'tool_use',
        ])
        const history = [...ask, { role: 'assistant', content: answer.content }]
        const results = answerCalls(answer, [script.result, script.otherResult])
        const body = createBody(model, { tools, messages: [...history, ...results] })
        expect(readText(await client.messages.create(body))).toBe('Zürich is warmer.')
      }
    },
  },
  {
    feature: 'tools without arguments',
    scenario: 'no-arguments',
    param: 'tools',
    async run(client, model) {
      const time = [{ name: 'get_time', input_schema: { type: 'object' as const } }]
      for (const answer of await askTwice(client, model, { tools: time })) {
        expect(readCalls(answer)).toEqual([['get_time', {}]])
        const messages = [...ask, { role: 'assistant', content: answer.content }, ...answerCalls(answer)]
        expect(readText(await client.messages.create(createBody(model, { tools: time, messages })))).toBe('OK.')
      }
    },
  },
  withField('turns of one role in a row', 'same-role', 'messages', {
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'user', content: 'Are you there?' },
    ],
  }),
  withField('calls of another provider in the history', 'foreign-history', 'messages[1]', {
    tools,
    messages: [
      ...ask,
      {
        role: 'assistant',
        content: [script.zurich, script.bergen].map((input, at) => ({
          type: 'tool_use',
          id: `call_CjIfWk8FGd2bQz7yTq3Xn5m${at}`,
          name: 'get_weather',
          input,
        })),
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_CjIfWk8FGd2bQz7yTq3Xn5m1', content: script.otherResult },
          { type: 'tool_result', tool_use_id: 'call_CjIfWk8FGd2bQz7yTq3Xn5m0', content: script.result },
        ],
      },
    ],
  }),
  {
    feature: 'an answer begun by the client (prefill)',
    scenario: 'prefill',
    param: 'messages[1]',
    async run(client, model) {
      const messages = [...ask, { role: 'assistant', content: 'The answer is' }]
      for (const answer of await askTwice(client, model, { messages })) expect(readText(answer)).toBe(' 42.')
    },
  },
  withResult('tool results that are errors', 'tool-error', 'is_error', { content: script.toolError, is_error: true }),
  withResult('images as tool results', 'tool-image', 'messages[2].content[0]', {
    content: [
      { type: 'text', text: script.result },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: script.png } },
    ],
  }),
  withCall('tool choice: any', 'choice-required', 'tool_choice', { tool_choice: { type: 'any' } }),
  withCall('tool choice: a named tool', 'choice-named', 'tool_choice', {
    tool_choice: { type: 'tool', name: 'get_weather' },
  }),
  withField('tool choice: none', 'choice-none', 'tool_choice', { tools, tool_choice: { type: 'none' } }),
  withCall('one call at a time', 'single-call', 'tool_choice', {
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  }),
  withCall('strict tools', 'strict-tools', 'tools[0].strict', { tools: [{ ...weather, strict: true }] }),
  withBlock('images', 'image', 'messages[0].content[1]', {
    type: 'image',
    source: { type: 'base64', media_type: 'image/png', data: script.png },
  }),
  withBlock('images by URL', 'image-url', 'messages[0].content[1]', {
    type: 'image',
    source: { type: 'url', url: script.imageUrl },
  }),
  withBlock('files (PDF)', 'file', 'messages[0].content[1]', {
    type: 'document',
    title: script.pdfName,
    source: { type: 'base64', media_type: 'application/pdf', data: script.pdf },
  }),
  withBlock('files by URL', 'file-url', 'messages[0].content[1]', {
    type: 'document',
    source: { type: 'url', url: script.pdfUrl },
  }),
  {
    feature: 'structured output (`parse`)',
    scenario: 'schema',
    param: 'output_config.format',
    async run(client, model) {
      const format = { type: 'json_schema' as const, schema: { ...script.answerSchema } }
      for (const answer of await askTwice(client, model, { output_config: { format } })) {
        expect(JSON.parse(readText(answer))).toEqual(script.answer)
      }
    },
  },
  {
    feature: 'thinking, asked for and read',
    scenario: 'reasoning',
    param: 'thinking',
    async run(client, model) {
      for (const answer of await askTwice(client, model, thinking)) {
        expect(answer.content[0]).toMatchObject({ type: 'thinking', thinking: script.thought.join('') })
        expect(readText(answer)).toBe('Done thinking.')
      }
    },
    async runUnsaid(client, model) {
      for (const answer of await askTwice(client, model, thinking)) {
        expect(answer.content.map(({ type }) => type)).toEqual(['text'])
      }
    },
  },
  withHistory('thinking signatures, given back', 'signatures', {}, () => [{ role: 'user', content: 'And?' }]),
  withHistory('thinking before a tool call, given back', 'reasoning-tools', { tools }, (answer) => answerCalls(answer)),
  withHistory('redacted thinking, given back', 'redacted', {}, () => [{ role: 'user', content: 'And?' }]),
  {
    feature: 'stop sequences',
    scenario: 'stop',
    param: 'stop_sequences',
    async run(client, model) {
      for (const answer of await askTwice(client, model, { stop_sequences: script.stop })) {
        expect([readText(answer), answer.stop_reason]).toEqual(['Up to here ', 'stop_sequence'])
        expect(answer.stop_sequence).toBe(script.stop[0])
      }
    },
    async runUnsaid(client, model) {
      for (const answer of await askTwice(client, model, { stop_sequences: script.stop })) {
        expect(readText(answer)).toBe('Up to here ')
        expect(['end_turn', 'stop_sequence']).toContain(answer.stop_reason)
      }
    },
  },
  {
    feature: 'output limit',
    scenario: 'max-tokens',
    param: 'max_tokens',
    async run(client, model) {
      for (const answer of await askTwice(client, model, { max_tokens: script.maxTokens })) {
        expect([readText(answer), answer.stop_reason]).toEqual(['I am cut', 'max_tokens'])
      }
    },
  },
  {
    feature: 'answers filtered by the provider',
    scenario: 'filter',
    param: null,
    async run(client, model) {
      for (const answer of await askTwice(client, model)) expect(answer.stop_reason).toBe('refusal')
    },
  },
  {
    feature: 'refusals',
    scenario: 'refusal',
    param: null,
    async run(client, model) {
      for (const answer of await askTwice(client, model)) expect(answer.stop_reason).toBe('refusal')
    },
    async runUnsaid(client, model) {
      for (const answer of await askTwice(client, model)) {
        expect([readText(answer), answer.stop_reason]).toEqual(['I can’t help with that.', 'end_turn'])
      }
    },
  },
  withField('temperature', 'temperature', 'temperature', { temperature: script.temperature }),
  withField('top_p', 'top-p', 'top_p', { top_p: script.topP }),
  withField('top_k', 'top-k', 'top_k', { top_k: script.topK }),
  withField('end user’s id', 'end-user', 'metadata.user_id', { metadata: { user_id: script.endUser } }),
  withField('prompt cache markers', 'cache-markers', 'cache_control', {
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Long.', cache_control: { type: 'ephemeral' } }] }],
  }),
  withField('tools the provider runs (web search)', 'plain', 'tools[0]', {
    tools: [{ type: 'web_search_20250305', name: 'web_search' }],
  }),
  {
    feature: '`count_tokens`',
    scenario: 'plain',
    param: 'count_tokens',
    async run(client, model) {
      expect(await client.messages.countTokens({ model, messages: ask })).toEqual({ input_tokens: 14 })
    },
  },
  says('error 400', 'error-bad', (error) => {
    expect(error).toBeInstanceOf(BadRequestError)
    expect([error.type, error.message.includes(errors.bad.message)]).toEqual(['invalid_request_error', true])
  }),
  says('error 404', 'error-not-found', (error) => {
    expect(error).toBeInstanceOf(NotFoundError)
    expect(error.type).toBe('not_found_error')
  }),
  says('error 429 with `retry-after`', 'error-rate-limited', (error) => {
    expect(error).toBeInstanceOf(RateLimitError)
    expect([error.type, error.headers?.get('retry-after')]).toEqual(['rate_limit_error', '7'])
  }),
  says('error 500', 'error-broken', (error) => {
    expect(error).toBeInstanceOf(InternalServerError)
    expect([error.status, error.type]).toEqual([500, 'api_error'])
  }),
  says('error: overloaded', 'error-overloaded', (error) => {
    expect(error).toBeInstanceOf(InternalServerError)
    expect(error.type).toBe('overloaded_error')
  }),
  says('error: our credential refused', 'error-unauthorized', (error) => {
    expect([error.status, error.type]).toEqual([502, 'api_error'])
    expect(error.message).not.toContain(errors.unauthorized.message)
  }),
  {
    feature: 'stream that begins with an error',
    scenario: 'stream-error',
    param: null,
    async run(client, model) {
      expect((await streamToError(client, model)).text).toBe('')
    },
  },
  {
    feature: 'stream that is cut: an error, never an end',
    scenario: 'cut',
    param: null,
    async run(client, model) {
      const { text } = await streamToError(client, model)
      expect(script.chat.join('').startsWith(text)).toBe(true)
      await catchError(client.messages.create(createBody(model, {})))
    },
  },
  {
    feature: 'stream that fails halfway: an error event',
    scenario: 'late-error',
    param: null,
    async run(client, model) {
      const { text, error } = await streamToError(client, model)
      expect(script.chat.join('').startsWith(text)).toBe(true)
      expect(error.error).toMatchObject({ type: 'error', error: { type: expect.stringMatching(/_error$/) } })
    },
  },
]
