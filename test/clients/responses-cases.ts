// What users do with `client.responses` of the official openai client.
import type OpenAI from 'openai'
import { APIError } from 'openai'
import { expect } from 'vitest'
import { script } from './backends/scenarios.ts'
import { createErrorCases } from './chat-error-cases.ts'
import type { ClientCase } from './client-case.ts'

type Case = ClientCase<OpenAI>
type Response = OpenAI.Responses.Response
type Body = Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, 'stream'>
type Item = OpenAI.Responses.ResponseInputItem

const ask: Item[] = [{ role: 'user', content: 'What is the weather in Zürich?' }]
const weather = {
  type: 'function' as const,
  name: 'get_weather',
  description: script.toolDescription,
  parameters: { ...script.toolSchema },
  strict: false,
}
const tools = [weather]

function createBody(model: string, fields: object): Body {
  return { model, input: ask, store: false, ...fields }
}

/** Unary, and the response that a stream ends with. */
async function askTwice(client: OpenAI, model: string, fields: object = {}): Promise<readonly Response[]> {
  const body = createBody(model, fields)
  const unary = await client.responses.create(body)
  let last: Response | null = null
  for await (const event of await client.responses.create({ ...body, stream: true })) {
    if (event.type === 'response.completed' || event.type === 'response.incomplete') last = event.response
  }
  if (last === null) throw new Error('the stream had no last response')
  return [unary, last]
}

/** Of what streams end with, too: the client joins it for unary answers only. */
function readText({ output }: Response): string {
  return output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .map((part) => (part.type === 'output_text' ? part.text : ''))
    .join('')
}

function readCalls({ output }: Response): readonly unknown[] {
  return output.flatMap((item) =>
    item.type === 'function_call' ? [[item.name, JSON.parse(item.arguments) as unknown]] : [],
  )
}

/** Everything that came, and the results of its calls. */
function goOn({ output }: Response, texts: readonly string[] = [script.result]): Item[] {
  const calls = output.filter((item) => item.type === 'function_call')
  const results = calls.map(({ call_id }, at) => ({
    type: 'function_call_output' as const,
    call_id,
    output: texts[at] ?? '',
  }))
  return [...ask, ...castItems(output), ...results]
}

// Items of an answer are items of the next question, which the client's types say of each kind alone.
const castItems = (output: unknown) => output as Item[]

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

const withPart = (feature: string, scenario: string, param: string, part: object) =>
  withField(feature, scenario, param, {
    input: [{ role: 'user', content: [{ type: 'input_text', text: 'What is this?' }, part] }],
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

const reasoning = { reasoning: { effort: 'high', summary: 'auto' }, include: ['reasoning.encrypted_content'] }

/** Answers, and goes on from what it got, as it got it. */
function withHistory(feature: string, scenario: string, fields: object, more: Item[]): Case {
  return {
    feature,
    scenario,
    param: null,
    async run(client, model) {
      for (const answer of await askTwice(client, model, { ...reasoning, ...fields })) {
        const input = [...goOn(answer), ...more]
        const next = await client.responses.create(createBody(model, { ...reasoning, ...fields, input }))
        expect(next.output_text).toBe('I remember.')
      }
    },
    async runUnsaid(client, model) {
      for (const answer of await askTwice(client, model, { ...reasoning, ...fields })) {
        expect(answer.output.filter((item) => item.type === 'reasoning' && item.encrypted_content)).toEqual([])
      }
    },
  }
}

const conversation = {
  instructions: script.system,
  input: [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello!' },
    { role: 'user', content: script.question },
  ],
}
const schemaFormat = {
  format: { type: 'json_schema' as const, name: 'weather', schema: { ...script.answerSchema }, strict: true },
}

const errorCases = createErrorCases(async (client, model, isStream, onText) => {
  const body = createBody(model, {})
  if (!isStream) return client.responses.create(body)
  for await (const event of await client.responses.create({ ...body, stream: true })) {
    if (event.type === 'response.output_text.delta') onText?.(event.delta)
    // How this API says in a stream that it failed; the client throws on the other way, `error`.
    if (event.type === 'response.failed') {
      const { error } = event.response
      throw new APIError(undefined, { message: error?.message, code: error?.code }, error?.message, undefined)
    }
  }
  return 'a clean end'
})

export const responsesCases: readonly Case[] = [
  {
    feature: 'text, several turns, instructions',
    scenario: 'chat',
    param: null,
    async run(client, model) {
      const answer = await client.responses.create(createBody(model, conversation))
      expect(answer).toMatchObject({ object: 'response', status: 'completed', error: null })
      expect(answer.output_text).toBe(script.chat.join(''))
      expect(answer.usage).toMatchObject({ input_tokens: 21, output_tokens: 9, total_tokens: 30 })
    },
  },
  {
    feature: 'stream',
    scenario: 'chat',
    param: null,
    async run(client, model) {
      const deltas: string[] = []
      const types: string[] = []
      const numbers: number[] = []
      const body = createBody(model, conversation)
      for await (const event of await client.responses.create({ ...body, stream: true })) {
        numbers.push(event.sequence_number)
        if (event.type === 'response.output_text.delta') deltas.push(event.delta)
        else types.push(event.type.replace('response.', ''))
      }
      expect(deltas).toEqual(script.chat)
      expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at))
      const item = [
        'output_item.added',
        'content_part.added',
        'output_text.done',
        'content_part.done',
        'output_item.done',
      ]
      expect(types).toEqual(['created', 'in_progress', ...item, 'completed'])
      const folded = await client.responses.stream(body).finalResponse()
      expect(folded.output_text).toBe(script.chat.join(''))
    },
  },
  {
    feature: 'usage: cached tokens',
    scenario: 'usage',
    param: null,
    async run(client, model) {
      for (const { usage } of await askTwice(client, model)) {
        expect(usage).toMatchObject({ input_tokens: 1200, input_tokens_details: { cached_tokens: 1024 } })
      }
    },
  },
  {
    feature: 'usage: reasoning tokens',
    scenario: 'usage',
    param: null,
    async run(client, model) {
      for (const { usage } of await askTwice(client, model)) {
        expect(usage).toMatchObject({ output_tokens: 300, output_tokens_details: { reasoning_tokens: 200 } })
      }
    },
    async runUnsaid(client, model) {
      for (const { usage } of await askTwice(client, model)) {
        expect(usage).toMatchObject({ output_tokens: 300, output_tokens_details: { reasoning_tokens: 0 } })
      }
    },
  },
  {
    feature: 'tools: call, result, answer',
    scenario: 'tools',
    param: 'tools',
    async run(client, model) {
      for (const answer of await askTwice(client, model, { tools })) {
        expect([readCalls(answer), answer.status]).toEqual([[['get_weather', script.zurich]], 'completed'])
        const next = await client.responses.create(createBody(model, { tools, input: goOn(answer) }))
        expect(next.output_text).toBe('It is 21 °C in Zürich.')
      }
    },
  },
  {
    feature: 'parallel tool calls, streamed arguments',
    scenario: 'parallel-tools',
    param: 'tools',
    async run(client, model) {
      const done: string[] = []
      const pieces: Record<number, string> = {}
      const body = createBody(model, { tools })
      for await (const event of await client.responses.create({ ...body, stream: true })) {
        if (event.type === 'response.function_call_arguments.done') done.push(event.arguments)
        if (event.type === 'response.function_call_arguments.delta') {
          pieces[event.output_index] = (pieces[event.output_index] ?? '') + event.delta
        }
      }
      expect(done.map((text): unknown => JSON.parse(text))).toEqual([script.zurich, script.bergen])
      expect(Object.values(pieces)).toEqual(done)
      for (const answer of await askTwice(client, model, { tools })) {
        const input = goOn(answer, [script.result, script.otherResult])
        expect((await client.responses.create(createBody(model, { tools, input }))).output_text).toBe(
          'Zürich is warmer.',
        )
      }
    },
  },
  {
    feature: 'tools without arguments',
    scenario: 'no-arguments',
    param: 'tools',
    async run(client, model) {
      const parameters = { type: 'object', properties: {} }
      const time = [{ type: 'function', name: 'get_time', parameters, strict: false }]
      for (const answer of await askTwice(client, model, { tools: time })) {
        expect(readCalls(answer)).toEqual([['get_time', {}]])
        const next = await client.responses.create(createBody(model, { tools: time, input: goOn(answer) }))
        expect(next.output_text).toBe('OK.')
      }
    },
  },
  withField('turns of one role in a row', 'same-role', 'input', {
    input: [
      { role: 'user', content: 'Hi' },
      { role: 'user', content: 'Are you there?' },
    ],
  }),
  withField('calls of another provider in the history', 'foreign-history', 'input[1]', {
    tools,
    input: [
      ...ask,
      ...[script.zurich, script.bergen].map((input, at) => ({
        type: 'function_call',
        call_id: `toolu_01T1x1fJ34qAmk2tNTrN7Up${at}`,
        name: 'get_weather',
        arguments: JSON.stringify(input),
      })),
      { type: 'function_call_output', call_id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up1', output: script.otherResult },
      { type: 'function_call_output', call_id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up0', output: script.result },
    ],
  }),
  withField('images as tool results', 'tool-image', 'input[2].output', {
    tools,
    input: [
      ...ask,
      { type: 'function_call', call_id: 'call_a', name: 'get_weather', arguments: JSON.stringify(script.zurich) },
      {
        type: 'function_call_output',
        call_id: 'call_a',
        output: [
          { type: 'input_text', text: script.result },
          { type: 'input_image', image_url: `data:image/png;base64,${script.png}`, detail: 'auto' },
        ],
      },
    ],
  }),
  withCall('tool choice: required', 'choice-required', 'tool_choice', { tool_choice: 'required' }),
  withCall('tool choice: a named tool', 'choice-named', 'tool_choice', {
    tool_choice: { type: 'function', name: 'get_weather' },
  }),
  withField('tool choice: none', 'choice-none', 'tool_choice', { tools, tool_choice: 'none' }),
  withCall('one call at a time', 'single-call', 'parallel_tool_calls', { parallel_tool_calls: false }),
  withCall('strict tools', 'strict-tools', 'tools[0].strict', { tools: [{ ...weather, strict: true }] }),
  withPart('images', 'image', 'input[0].content[1]', {
    type: 'input_image',
    image_url: `data:image/png;base64,${script.png}`,
    detail: 'auto',
  }),
  withPart('images by URL', 'image-url', 'input[0].content[1]', {
    type: 'input_image',
    image_url: script.imageUrl,
    detail: 'auto',
  }),
  withPart('files (PDF)', 'file', 'input[0].content[1]', {
    type: 'input_file',
    filename: script.pdfName,
    file_data: `data:application/pdf;base64,${script.pdf}`,
  }),
  withPart('files by URL', 'file-url', 'input[0].content[1]', { type: 'input_file', file_url: script.pdfUrl }),
  {
    feature: 'structured output (`parse`)',
    scenario: 'schema',
    param: 'text.format',
    async run(client, model) {
      const parsed = await client.responses.parse({ ...createBody(model, {}), text: schemaFormat })
      expect(parsed.output_parsed).toEqual(script.answer)
      for (const answer of await askTwice(client, model, { text: schemaFormat })) {
        expect(JSON.parse(readText(answer))).toEqual(script.answer)
      }
    },
  },
  {
    feature: 'JSON without a schema',
    scenario: 'json-object',
    param: 'text.format',
    async run(client, model) {
      for (const answer of await askTwice(client, model, { text: { format: { type: 'json_object' } } })) {
        expect(JSON.parse(readText(answer))).toEqual(script.answer)
      }
    },
  },
  {
    feature: 'reasoning, asked for and read',
    scenario: 'reasoning',
    param: 'reasoning',
    async run(client, model) {
      for (const answer of await askTwice(client, model, reasoning)) {
        const [first] = answer.output
        const said = first?.type === 'reasoning' ? first.summary.map((one) => one.text).join('') : null
        expect([said, readText(answer)]).toEqual([script.thought.join(''), 'Done thinking.'])
      }
    },
    async runUnsaid(client, model) {
      for (const answer of await askTwice(client, model, reasoning)) {
        expect(answer.output.map(({ type }) => type)).toEqual(['message'])
      }
    },
  },
  withHistory('reasoning signatures, given back', 'signatures', {}, [{ role: 'user', content: 'And?' }]),
  withHistory('reasoning before a tool call, given back', 'reasoning-tools', { tools }, []),
  {
    feature: 'output limit',
    scenario: 'max-tokens',
    param: 'max_output_tokens',
    async run(client, model) {
      for (const answer of await askTwice(client, model, { max_output_tokens: script.maxTokens })) {
        expect(readText(answer)).toBe('I am cut')
        expect([answer.status, answer.incomplete_details?.reason]).toEqual(['incomplete', 'max_output_tokens'])
      }
    },
  },
  {
    feature: 'answers filtered by the provider',
    scenario: 'filter',
    param: null,
    async run(client, model) {
      for (const answer of await askTwice(client, model)) {
        expect([answer.status, answer.incomplete_details?.reason]).toEqual(['incomplete', 'content_filter'])
      }
    },
  },
  withField('temperature', 'temperature', 'temperature', { temperature: script.temperature }),
  withField('top_p', 'top-p', 'top_p', { top_p: script.topP }),
  withField('verbosity', 'verbosity', 'text.verbosity', { text: { verbosity: 'low' } }),
  withField('service_tier', 'service-tier', 'service_tier', { service_tier: 'priority' }),
  withField('end user’s id', 'end-user', 'user', { user: script.endUser }),
  withField('metadata', 'metadata', 'metadata', { metadata: script.metadata }),
  withField('prompt cache key', 'cache-key', 'prompt_cache_key', { prompt_cache_key: script.cacheKey }),
  withField('`previous_response_id`', 'plain', 'previous_response_id', { previous_response_id: 'resp_1' }),
  ...errorCases,
]
