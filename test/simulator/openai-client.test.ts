// The official OpenAI client against the simulator: what it accepts, a gateway may be tested with.
import { Ajv } from 'ajv'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { startSimulator } from './start-simulator.ts'

const model = 'gemma-2b-it'
const messages = [{ role: 'user' as const, content: 'Why is the sky blue?' }]

async function startClient(settings?: Parameters<typeof startSimulator>[0], base = '/v1') {
  const { url } = await startSimulator(settings)
  return new OpenAI({ apiKey: 'unused', baseURL: `${url}${base}`, maxRetries: 0 })
}

test('a chat is answered with words of the prompt, the same each time, and adds up', async () => {
  const client = await startClient()
  const first = await client.chat.completions.create({ model, messages })
  const second = await client.chat.completions.create({ model, messages })
  const other = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'Is grass green?' }],
  })
  expect(first.model).toBe(model)
  expect(first.choices[0]?.message.content).toContain('sky blue')
  expect(first.choices[0]?.finish_reason).toBe('stop')
  expect(second.choices[0]?.message.content).toBe(first.choices[0]?.message.content)
  expect(second.id).not.toBe(first.id)
  expect(other.choices[0]?.message.content).not.toBe(first.choices[0]?.message.content)
  expect(first.usage?.completion_tokens).toBe(32)
  expect(first.usage?.total_tokens).toBe((first.usage?.prompt_tokens ?? 0) + 32)
})

test('a stream says what the whole answer says, and its usage when asked', async () => {
  const client = await startClient({ interTokenMs: 1 })
  const whole = await client.chat.completions.create({ model, messages })
  const stream = await client.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  const finishReasons: unknown[] = []
  let usage: unknown = null
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    if (chunk.choices[0]?.finish_reason) finishReasons.push(chunk.choices[0].finish_reason)
    if (chunk.usage) usage = chunk.usage
  }
  expect(text).toBe(whole.choices[0]?.message.content)
  expect(finishReasons).toEqual(['stop'])
  expect(usage).toEqual(whole.usage)
})

// https://platform.openai.com/docs/api-reference/chat/create#chat_create-stream_options
test.each([
  ['chat/completions', { messages }],
  ['completions', { prompt: 'Why is the sky blue?' }],
])('a stream of %s has usage as OpenAI sends it', async (operation, fields) => {
  const { url } = await startSimulator()
  const read = async (options: object) => {
    const body = JSON.stringify({ model, ...fields, stream: true, ...options })
    const text = await (await fetch(`${url}/v1/${operation}`, { method: 'POST', body })).text()
    const data = text.split('\n\n').map((event) => event.slice('data: '.length))
    expect(data.slice(-2)).toEqual(['[DONE]', ''])
    return data.slice(0, -2).map((event): { choices: unknown[]; usage?: unknown } => JSON.parse(event))
  }
  const asked = await read({ stream_options: { include_usage: true } })
  const last = asked.at(-1)
  expect(last?.choices).toEqual([])
  expect(last?.usage).toMatchObject({ completion_tokens: 32 })
  for (const chunk of asked.slice(0, -1)) {
    expect(chunk.choices).toHaveLength(1)
    expect(chunk.usage).toBeNull()
  }
  for (const options of [{}, { stream_options: null }, { stream_options: { include_usage: false } }]) {
    const chunks = await read(options)
    expect(chunks).toHaveLength(asked.length - 1)
    for (const chunk of chunks) expect(chunk).not.toHaveProperty('usage')
  }
})

test('limits: max_tokens, stop and n', async () => {
  const client = await startClient()
  const short = await client.chat.completions.create({ model, messages, max_completion_tokens: 3, n: 2 })
  expect(short.choices.map((choice) => choice.finish_reason)).toEqual(['length', 'length'])
  expect(short.usage?.completion_tokens).toBe(6)
  const stopped = await client.chat.completions.create({ model, messages, stop: ['sky'] })
  expect(stopped.choices[0]?.message.content).not.toContain('sky')
  const two = await client.chat.completions.create({ model, messages, n: 2 })
  expect(two.choices[0]?.message.content).not.toBe(two.choices[1]?.message.content)
})

const parameters = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    unit: { type: 'string', enum: ['celsius', 'kelvin'] },
    days: { type: 'integer', minimum: 2, maximum: 5 },
    place: { $ref: '#/$defs/place' },
    tags: { type: 'array', items: { type: 'string', minLength: 12 }, minItems: 2 },
  },
  required: ['city', 'unit', 'days', 'place', 'tags'],
  additionalProperties: false,
  $defs: {
    place: {
      anyOf: [
        { type: 'null' },
        { type: 'object', required: ['lat'], properties: { lat: { type: 'number', exclusiveMinimum: 1.2 } } },
      ],
    },
  },
}
const tools = [
  { type: 'function' as const, function: { name: 'get_weather', parameters } },
  { type: 'function' as const, function: { name: 'book_flight', parameters } },
]
const isValid = new Ajv({ strict: false }).compile(parameters)

test('tools: the prompt or tool_choice decides, the arguments satisfy the schema, a result gets words', async () => {
  const client = await startClient()
  const question = [{ role: 'user' as const, content: "What's the weather in Paris?" }]
  const asked = await client.chat.completions.create({ model, messages: question, tools })
  const message = asked.choices[0]?.message
  expect(asked.choices[0]?.finish_reason).toBe('tool_calls')
  const call = message?.tool_calls?.[0]
  if (call?.type !== 'function' || message === undefined) throw new Error('no function call')
  expect(call.function.name).toBe('get_weather')
  expect(JSON.parse(call.function.arguments)).toMatchObject({ city: 'Paris' })
  expect(isValid(JSON.parse(call.function.arguments)), JSON.stringify(isValid.errors)).toBe(true)

  const answer = await client.chat.completions.create({
    model,
    messages: [...question, message, { role: 'tool', tool_call_id: call.id, content: '21 degrees' }],
    tools,
  })
  expect(answer.choices[0]?.message.content).toContain('21 degrees')
  expect(answer.choices[0]?.message.tool_calls).toBeUndefined()

  const unasked = await client.chat.completions.create({ model, messages, tools })
  expect(unasked.choices[0]?.message.tool_calls).toBeUndefined()
  const named = await client.chat.completions.create({
    model,
    messages,
    tools,
    tool_choice: { type: 'function', function: { name: 'book_flight' } },
  })
  expect(named.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'book_flight' } })
})

test('a streamed tool call comes in pieces that join to valid arguments', async () => {
  const client = await startClient()
  const runner = client.chat.completions.stream({ model, messages, tools, tool_choice: 'required' })
  let pieces = 0
  runner.on('tool_calls.function.arguments.delta', () => pieces++)
  const final = await runner.finalChatCompletion()
  const call = final.choices[0]?.message.tool_calls?.[0]
  if (call?.type !== 'function') throw new Error('no function call')
  expect(pieces).toBeGreaterThan(3)
  expect(isValid(JSON.parse(call.function.arguments))).toBe(true)
})

test('response_format gives JSON by the schema', async () => {
  const client = await startClient()
  const answer = await client.chat.completions.create({
    model,
    messages,
    response_format: { type: 'json_schema', json_schema: { name: 'weather', schema: parameters } },
  })
  expect(isValid(JSON.parse(answer.choices[0]?.message.content ?? ''))).toBe(true)
  const object = await client.chat.completions.create({ model, messages, response_format: { type: 'json_object' } })
  expect(JSON.parse(object.choices[0]?.message.content ?? '')).toHaveProperty('answer')
})

test('completions, whole and streamed', async () => {
  const client = await startClient()
  const whole = await client.completions.create({ model, prompt: 'The sky is', max_tokens: 5 })
  expect(whole.choices[0]?.finish_reason).toBe('length')
  let text = ''
  for await (const chunk of await client.completions.create({
    model,
    prompt: 'The sky is',
    max_tokens: 5,
    stream: true,
  })) {
    text += chunk.choices[0]?.text ?? ''
  }
  expect(text).toBe(whole.choices[0]?.text)
})

test('embeddings are unit vectors, near for texts that share words', async () => {
  const client = await startClient()
  // Without an encoding the client asks for base64 and decodes it.
  const { data, usage } = await client.embeddings.create({
    model,
    input: ['a blue sky', 'the blue sky', 'tax law'],
    dimensions: 64,
  })
  const floats = await client.embeddings.create({
    model,
    input: 'a blue sky',
    dimensions: 64,
    encoding_format: 'float',
  })
  const [one = [], near = [], far = []] = data.map((entry) => entry.embedding)
  const product = (left: number[], right: number[]) =>
    left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0)
  expect(one).toHaveLength(64)
  expect(product(one, one)).toBeCloseTo(1, 5)
  expect(product(one, near)).toBeGreaterThan(product(one, far) + 0.2)
  expect(floats.data[0]?.embedding[0]).toBeCloseTo(one[0] ?? Number.NaN, 6)
  expect(usage.prompt_tokens).toBeGreaterThan(0)
})

test('models: listed, and refused when there is a list', async () => {
  const client = await startClient({ models: ['one', 'org/two'] })
  const listed = await client.models.list()
  expect(listed.data.map((entry) => entry.id)).toEqual(['one', 'org/two'])
  expect((await client.models.retrieve('org/two')).id).toBe('org/two')
  await expect(client.chat.completions.create({ model, messages })).rejects.toBeInstanceOf(OpenAI.NotFoundError)
})

test('responses, whole, streamed and with a function call', async () => {
  const client = await startClient()
  const whole = await client.responses.create({ model, input: 'Why is the sky blue?' })
  expect(whole.output_text).toContain('sky blue')
  const stream = await client.responses.create({ model, input: 'Why is the sky blue?', stream: true })
  let text = ''
  const types: string[] = []
  for await (const event of stream) {
    types.push(event.type)
    if (event.type === 'response.output_text.delta') text += event.delta
    if (event.type === 'response.completed') expect(event.response.usage).toEqual(whole.usage)
  }
  expect(text).toBe(whole.output_text)
  expect([types[0], types.at(-1)]).toEqual(['response.created', 'response.completed'])
  const called = await client.responses.create({
    model,
    input: 'The weather, please',
    tools: [{ type: 'function', name: 'get_weather', parameters, strict: false }],
  })
  const item = called.output[0]
  expect(item?.type === 'function_call' && isValid(JSON.parse(item.arguments))).toBe(true)
})

test('moderation, pictures, speech and transcripts', async () => {
  const client = await startClient()
  const moderated = await client.moderations.create({ input: ['I will kill you', 'good day'] })
  expect(moderated.results.map((result) => result.flagged)).toEqual([true, false])
  const image = await client.images.generate({ model, prompt: 'a sky' })
  expect(
    Buffer.from(image.data?.[0]?.b64_json ?? '', 'base64')
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG')
  const speech = await client.audio.speech.create({ model, voice: 'alloy', input: 'hello' })
  expect(
    Buffer.from(await speech.arrayBuffer())
      .subarray(0, 4)
      .toString(),
  ).toBe('RIFF')
  const file = new File(['sound'], 'sound.wav')
  expect((await client.audio.transcriptions.create({ model, file })).text).toContain('recording')
})

test('any base path serves the same operations', async () => {
  const client = await startClient({}, '/gemma/v1')
  expect((await client.chat.completions.create({ model, messages })).choices).toHaveLength(1)
})

test('a bad request and a simulated failure reach the client as its own error classes', async () => {
  const client = await startClient()
  await expect(client.chat.completions.create({ model, messages: [] })).rejects.toBeInstanceOf(OpenAI.BadRequestError)
  await expect(client.chat.completions.create({ model, messages, max_tokens: 0 })).rejects.toMatchObject({
    status: 400,
    param: 'max_tokens',
  })
  const failing = await startClient({ failRate: 1, failStatus: 429 })
  await expect(failing.chat.completions.create({ model, messages })).rejects.toBeInstanceOf(OpenAI.RateLimitError)
})
