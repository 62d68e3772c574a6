// What users do with `client.chat.completions` of the official openai client.
import type OpenAI from 'openai'
import { expect } from 'vitest'
import { script } from './backends/scenarios.ts'
import { chatErrorCases } from './chat-error-cases.ts'
import type { ClientCase } from './client-case.ts'

type Case = ClientCase<OpenAI>
type Body = Omit<OpenAI.Chat.ChatCompletionCreateParamsNonStreaming, 'stream'>
type Message = OpenAI.Chat.ChatCompletionMessageParam
type Completion = OpenAI.Chat.ChatCompletion

const ask: Message[] = [{ role: 'user', content: 'What is the weather in Zürich?' }]
const { description, parameters } = { description: script.toolDescription, parameters: { ...script.toolSchema } }
const weather = { type: 'function' as const, function: { name: 'get_weather', description, parameters } }
const tools = [weather]

/** `fields`: also what the client's types don't know (`cache_control`). */
function createBody(model: string, fields: object): Body {
  return { model, messages: ask, ...fields }
}

/** The same question unary and streamed, the stream folded by the client's own helper. */
async function askTwice(client: OpenAI, model: string, fields: object = {}): Promise<readonly Completion[]> {
  const body = createBody(model, fields)
  const unary = await client.chat.completions.create(body)
  const streamed = await client.chat.completions.stream(body).finalChatCompletion()
  return [unary, streamed]
}

const message = (answer: Completion) => answer.choices[0]?.message
const finish = (answer: Completion) => answer.choices[0]?.finish_reason

function readCalls(answer: Completion): readonly unknown[] {
  return (message(answer)?.tool_calls ?? []).map((call) =>
    call.type === 'function' ? [call.function.name, JSON.parse(call.function.arguments)] : call,
  )
}

/** A request field that changes nothing in the answer. */
function withField(feature: string, scenario: string, param: string, fields: object): Case {
  return {
    feature,
    scenario,
    param,
    async run(client, model) {
      for (const answer of await askTwice(client, model, fields)) expect(message(answer)?.content).toBe('OK.')
    },
  }
}

const withPart = (feature: string, scenario: string, param: string, part: object) =>
  withField(feature, scenario, param, {
    messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, part] }],
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

/** The signature of the first thinking block, beside DeepSeek's `reasoning_content`. */
function readSignature(answer: Completion): unknown {
  const said: object = message(answer) ?? {}
  const blocks: unknown = 'thinking_blocks' in said ? said.thinking_blocks : []
  const first: unknown = Array.isArray(blocks) ? blocks[0] : undefined
  return typeof first === 'object' && first !== null && 'signature' in first ? first.signature : undefined
}

/** A stream's deltas as a program without helpers folds them: strings are joined, lists appended by index. */
async function foldStream(client: OpenAI, body: Body): Promise<Message> {
  const folded: Record<string, unknown> = {}
  for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
    merge(folded, { ...chunk.choices[0]?.delta })
  }
  return castMessage(folded)
}

function merge(into: Record<string, unknown>, delta: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(delta)) {
    const before = into[key]
    if (Array.isArray(value)) into[key] = mergeList(Array.isArray(before) ? before : [], value)
    else if (isObject(value) && isObject(before)) merge(before, value)
    else if (typeof value === 'string' && typeof before === 'string' && !fixed.has(key)) into[key] = before + value
    else if (value !== undefined && value !== null) into[key] = isObject(value) ? { ...value } : value
  }
}

const fixed = new Set(['role', 'type', 'id', 'name'])

function mergeList(before: readonly unknown[], value: readonly unknown[]): unknown[] {
  const list = [...before]
  for (const one of value) {
    if (!isObject(one) || typeof one.index !== 'number') list.push(one)
    else if (isObject(list[one.index])) merge(castObject(list[one.index]), one)
    else list[one.index] = structuredClone(one)
  }
  return list
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const castObject = (value: unknown) => value as Record<string, unknown>
const castMessage = (value: unknown) => value as Message

/** Answers, and goes on from what it got, as it got it. */
function withHistory(feature: string, scenario: string, fields: object, reply: (answer: Message) => Message[]): Case {
  return {
    feature,
    scenario,
    param: null,
    async run(client, model) {
      const body = createBody(model, { reasoning_effort: 'high', ...fields })
      const unary = (await client.chat.completions.create(body)).choices[0]?.message
      for (const answer of [unary, await foldStream(client, body)]) {
        if (answer === undefined) throw new Error('no answer')
        const next = await client.chat.completions.create({ ...body, messages: [...ask, answer, ...reply(answer)] })
        expect(next.choices[0]?.message.content).toBe('I remember.')
      }
    },
  }
}

function answerCalls(answer: Message, content: string = script.result): Message[] {
  const calls = answer.role === 'assistant' ? (answer.tool_calls ?? []) : []
  return calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content }))
}

const conversation: Message[] = [
  { role: 'system', content: script.system },
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hello!' },
  { role: 'user', content: script.question },
]
const schemaFormat = {
  type: 'json_schema' as const,
  json_schema: { name: 'weather', schema: { ...script.answerSchema }, strict: true },
}

export const chatCases: readonly Case[] = [
  {
    feature: 'text, several turns, system',
    scenario: 'chat',
    param: null,
    async run(client, model) {
      const answer = await client.chat.completions.create(createBody(model, { messages: conversation }))
      expect(answer).toMatchObject({ object: 'chat.completion', choices: [{ finish_reason: 'stop', index: 0 }] })
      expect(message(answer)).toMatchObject({ role: 'assistant', content: script.chat.join('') })
      expect(answer.id).not.toBe('')
      expect(answer.usage).toMatchObject({ prompt_tokens: 21, completion_tokens: 9, total_tokens: 30 })
    },
  },
  {
    feature: 'developer’s texts',
    scenario: 'chat',
    param: 'messages[0].role',
    async run(client, model) {
      const messages = [{ role: 'developer', content: script.system }, ...conversation.slice(1)]
      const answer = await client.chat.completions.create(createBody(model, { messages }))
      expect(message(answer)?.content).toBe(script.chat.join(''))
    },
  },
  {
    feature: 'stream',
    scenario: 'chat',
    param: null,
    async run(client, model) {
      const body = createBody(model, { messages: conversation })
      const texts: string[] = []
      const finishes: unknown[] = []
      let ids = new Set<string>()
      for await (const { id, object, choices, usage } of await client.chat.completions.create({
        ...body,
        stream: true,
      })) {
        expect(object === 'chat.completion.chunk' || choices.length === 0).toBe(true)
        expect(model.startsWith('mistral') ? null : (usage ?? null)).toBeNull()
        if (choices[0]?.delta.content) texts.push(choices[0].delta.content)
        if (choices[0]?.finish_reason != null) finishes.push(choices[0].finish_reason)
        if (choices.length > 0) ids = ids.add(id)
      }
      expect([texts.join(''), finishes, ids.size]).toEqual([script.chat.join(''), ['stop'], 1])
      // As they come, not in one.
      expect(texts.length).toBe(script.chat.length)
      const folded = await client.chat.completions.stream(body).finalChatCompletion()
      expect(message(folded)?.content).toBe(script.chat.join(''))
    },
  },
  {
    feature: 'usage in streams, asked for',
    scenario: 'usage',
    param: 'stream_options',
    async run(client, model) {
      const stream = client.chat.completions.stream({
        ...createBody(model, {}),
        stream: true,
        stream_options: { include_usage: true },
      })
      expect(await stream.totalUsage()).toMatchObject({
        prompt_tokens: 1200,
        completion_tokens: 300,
        total_tokens: 1500,
      })
    },
  },
  {
    feature: 'usage: cached tokens',
    scenario: 'usage',
    param: null,
    async run(client, model) {
      const { usage } = await client.chat.completions.create(createBody(model, {}))
      expect(usage).toMatchObject({ prompt_tokens: 1200, prompt_tokens_details: { cached_tokens: 1024 } })
    },
  },
  {
    feature: 'usage: reasoning tokens',
    scenario: 'usage',
    param: null,
    async run(client, model) {
      const { usage } = await client.chat.completions.create(createBody(model, {}))
      expect(usage).toMatchObject({ completion_tokens: 300, completion_tokens_details: { reasoning_tokens: 200 } })
    },
    async runUnsaid(client, model) {
      const { usage } = await client.chat.completions.create(createBody(model, {}))
      expect([usage?.completion_tokens, usage?.completion_tokens_details?.reasoning_tokens ?? 0]).toEqual([300, 0])
    },
  },
  {
    feature: 'system texts between turns',
    scenario: 'late-system',
    param: null,
    async run(client, model) {
      const messages = [...conversation, { role: 'system', content: script.laterSystem }]
      // A user's turn is last, as some backends want it.
      const ordered = [...messages.slice(0, 3), messages[4], messages[3]]
      const answer = await client.chat.completions.create(createBody(model, { messages: ordered }))
      expect(message(answer)?.content).toBe('OK.')
    },
  },
  {
    feature: 'tools: call, result, answer (`runTools`)',
    scenario: 'tools',
    param: 'tools',
    async run(client, model) {
      for (const answer of await askTwice(client, model, { tools })) {
        expect([readCalls(answer), finish(answer)]).toEqual([[['get_weather', script.zurich]], 'tool_calls'])
      }
      const asked: string[] = []
      const run = () => {
        const parse = (text: string): unknown => JSON.parse(text)
        const answerIt = (input: unknown) => {
          asked.push(JSON.stringify(input))
          return script.result
        }
        return [{ type: 'function' as const, function: { ...weather.function, parse, function: answerIt } }]
      }
      const unary = client.chat.completions.runTools({ model, messages: ask, tools: castTools(run()) })
      expect(await unary.finalContent()).toBe('It is 21 °C in Zürich.')
      const streamed = client.chat.completions.runTools({ model, messages: ask, tools: castTools(run()), stream: true })
      expect(await streamed.finalContent()).toBe('It is 21 °C in Zürich.')
      expect(asked).toEqual(Array(2).fill(JSON.stringify(script.zurich)))
    },
  },
  {
    feature: 'parallel tool calls, streamed arguments',
    scenario: 'parallel-tools',
    param: 'tools',
    async run(client, model) {
      const both = [
        ['get_weather', script.zurich],
        ['get_weather', script.bergen],
      ]
      for (const answer of await askTwice(client, model, { tools })) {
        expect(readCalls(answer)).toEqual(both)
        const said = message(answer)
        const calls = said?.tool_calls ?? []
        expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
        const results = [script.result, script.otherResult].map((content, at) => ({
          role: 'tool',
          tool_call_id: calls[at]?.id,
          content,
        }))
        const history = { messages: [...ask, { role: 'assistant', tool_calls: calls }, ...results], tools }
        const next = await client.chat.completions.create(createBody(model, history))
        expect(message(next)?.content).toBe('Zürich is warmer.')
      }
    },
  },
  {
    feature: 'tools without arguments',
    scenario: 'no-arguments',
    param: 'tools',
    async run(client, model) {
      const time = [{ type: 'function' as const, function: { name: 'get_time' } }]
      for (const answer of await askTwice(client, model, { tools: time })) {
        expect(readCalls(answer)).toEqual([['get_time', {}]])
        const said = message(answer)
        const messages = [
          ...ask,
          { role: 'assistant', tool_calls: said?.tool_calls },
          ...answerCalls(castMessage(said)),
        ]
        const next = await client.chat.completions.create(createBody(model, { tools: time, messages }))
        expect(message(next)?.content).toBe('OK.')
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
        content: null,
        tool_calls: [script.zurich, script.bergen].map((input, at) => ({
          id: `toolu_01T1x1fJ34qAmk2tNTrN7Up${at}`,
          type: 'function',
          function: { name: 'get_weather', arguments: JSON.stringify(input) },
        })),
      },
      { role: 'tool', tool_call_id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up1', content: script.otherResult },
      { role: 'tool', tool_call_id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up0', content: script.result },
    ],
  }),
  withCall('tool choice: required', 'choice-required', 'tool_choice', { tool_choice: 'required' }),
  withCall('tool choice: a named tool', 'choice-named', 'tool_choice', {
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
  }),
  withField('tool choice: none', 'choice-none', 'tool_choice', { tools, tool_choice: 'none' }),
  withCall('one call at a time', 'single-call', 'parallel_tool_calls', { parallel_tool_calls: false }),
  withCall('strict tools', 'strict-tools', 'tools[0].function.strict', {
    tools: [{ ...weather, function: { ...weather.function, strict: true } }],
  }),
  withPart('images', 'image', 'messages[0].content[1]', {
    type: 'image_url',
    image_url: { url: `data:image/png;base64,${script.png}` },
  }),
  withPart('images by URL', 'image-url', 'messages[0].content[1]', {
    type: 'image_url',
    image_url: { url: script.imageUrl },
  }),
  withPart('files (PDF)', 'file', 'messages[0].content[1]', {
    type: 'file',
    file: { filename: script.pdfName, file_data: `data:application/pdf;base64,${script.pdf}` },
  }),
  withPart('audio', 'audio', 'messages[0].content[1]', {
    type: 'input_audio',
    input_audio: { data: script.wav, format: 'wav' },
  }),
  {
    feature: 'structured output (`parse`)',
    scenario: 'schema',
    param: 'response_format',
    async run(client, model) {
      const body = createBody(model, { response_format: schemaFormat })
      const parsed = await client.chat.completions.parse({ ...body, response_format: schemaFormat })
      expect(parsed.choices[0]?.message.parsed).toEqual(script.answer)
      const streamed = client.chat.completions.stream({ ...body, response_format: schemaFormat })
      expect((await streamed.finalChatCompletion()).choices[0]?.message.parsed).toEqual(script.answer)
    },
  },
  {
    feature: 'JSON without a schema',
    scenario: 'json-object',
    param: 'response_format',
    async run(client, model) {
      for (const answer of await askTwice(client, model, { response_format: { type: 'json_object' } })) {
        expect(JSON.parse(message(answer)?.content ?? '')).toEqual(script.answer)
      }
    },
  },
  {
    feature: 'reasoning, asked for and read',
    scenario: 'reasoning',
    param: 'reasoning_effort',
    async run(client, model) {
      const body = createBody(model, { reasoning_effort: 'high' })
      const unary = await client.chat.completions.create(body)
      for (const answer of [message(unary), await foldStream(client, body)]) {
        expect(answer).toMatchObject({ content: 'Done thinking.', reasoning_content: script.thought.join('') })
      }
    },
    async runUnsaid(client, model) {
      const answer = await client.chat.completions.create(createBody(model, { reasoning_effort: 'high' }))
      expect(JSON.stringify(message(answer)?.content)).toContain('Done thinking.')
      expect(message(answer)).not.toHaveProperty('reasoning_content')
    },
  },
  {
    ...withHistory('reasoning signatures, given back', 'signatures', {}, () => [{ role: 'user', content: 'And?' }]),
    async runUnsaid(client, model) {
      const answer = await client.chat.completions.create(createBody(model, { reasoning_effort: 'high' }))
      expect(readSignature(answer)).toBeUndefined()
    },
  },
  {
    ...withHistory('reasoning before a tool call, given back', 'reasoning-tools', { tools }, answerCalls),
    async runUnsaid(client, model) {
      const answer = await client.chat.completions.create(createBody(model, { reasoning_effort: 'high', tools }))
      expect(readSignature(answer)).toBeUndefined()
    },
  },
  {
    feature: 'stop sequences',
    scenario: 'stop',
    param: 'stop',
    async run(client, model) {
      for (const answer of await askTwice(client, model, { stop: script.stop })) {
        expect([message(answer)?.content, finish(answer)]).toEqual(['Up to here ', 'stop'])
      }
    },
  },
  {
    feature: 'output limit',
    scenario: 'max-tokens',
    param: 'max_tokens',
    async run(client, model, { family }) {
      // Mistral's own name of it is the old one.
      const name = family === 'Mistral' ? 'max_tokens' : 'max_completion_tokens'
      for (const field of new Set(['max_tokens', name])) {
        for (const answer of await askTwice(client, model, { [field]: script.maxTokens })) {
          expect([message(answer)?.content, finish(answer)]).toEqual(['I am cut', 'length'])
        }
      }
    },
  },
  {
    feature: 'answers filtered by the provider',
    scenario: 'filter',
    param: null,
    async run(client, model) {
      for (const answer of await askTwice(client, model)) expect(finish(answer)).toBe('content_filter')
    },
  },
  withField('temperature', 'temperature', 'temperature', { temperature: script.temperature }),
  withField('temperature over 1', 'hot-temperature', 'temperature', { temperature: 1.5 }),
  withField('top_p', 'top-p', 'top_p', { top_p: script.topP }),
  withField('seed', 'seed', 'seed', { seed: script.seed }),
  withField('frequency_penalty', 'frequency-penalty', 'frequency_penalty', { frequency_penalty: script.penalty }),
  withField('presence_penalty', 'presence-penalty', 'presence_penalty', { presence_penalty: script.penalty }),
  withField('logit_bias', 'logit-bias', 'logit_bias', { logit_bias: script.logitBias }),
  {
    feature: 'log probabilities, with alternatives',
    scenario: 'logprobs',
    param: 'logprobs',
    async run(client, model) {
      for (const answer of await askTwice(client, model, { logprobs: true, top_logprobs: script.topLogprobs })) {
        const [first] = answer.choices[0]?.logprobs?.content ?? []
        expect(first).toMatchObject({ token: 'Yes', logprob: -0.125 })
        expect(first?.top_logprobs.map(({ token }) => token)).toEqual(['Yes', 'No'])
      }
    },
  },
  {
    feature: 'several answers (`n`)',
    scenario: 'choices',
    param: 'n',
    async run(client, model) {
      for (const { choices } of await askTwice(client, model, { n: 2 })) {
        expect(choices.map((choice) => [choice.index, choice.message.content])).toEqual([
          [0, 'One of two.'],
          [1, 'One of two.'],
        ])
      }
    },
  },
  withField('verbosity', 'verbosity', 'verbosity', { verbosity: 'low' }),
  withField('service_tier', 'service-tier', 'service_tier', { service_tier: 'priority' }),
  withField('end user’s id', 'end-user', 'user', { user: script.endUser }),
  withField('metadata', 'metadata', 'metadata', { metadata: script.metadata }),
  withField('prompt cache key', 'cache-key', 'prompt_cache_key', { prompt_cache_key: script.cacheKey }),
  withField('prompt cache markers', 'cache-markers', 'cache_control', {
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Long.', cache_control: { type: 'ephemeral' } }] }],
  }),
  withField('fields only OpenAI has (`prediction`)', 'plain', 'prediction', {
    prediction: { type: 'content', content: 'x' },
  }),
  ...chatErrorCases,
]

type RunnableTools = Parameters<OpenAI['chat']['completions']['runTools']>[0]['tools']
// The client's types want a schema library's own tools.
const castTools = (given: unknown) => given as RunnableTools
