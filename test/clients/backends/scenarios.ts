// What a scripted model answers, by the scenario that its name says (`gpt-4.1--tools`), and what it must have been
// asked for that. The same for every backend: whoever loses something on the way answers 400 here.
import { isDeepStrictEqual } from 'node:util'
import { findParts, type Heard, type HeardPart, readText } from './heard.ts'
import { fail } from './read-strictly.ts'
import { callPart, plainUsage, type Reply, type SaidError, say, textPart } from './said.ts'

/** What the client asks and hears, for both sides of the tests. */
export const script = {
  system: 'Be brief.',
  laterSystem: 'Answer in English.',
  question: 'Who are you? 🙂',
  chat: ['I am ', 'a scripted ', 'mödel 🤖', '.'],
  toolDescription: 'The weather in a city',
  toolSchema: {
    type: 'object',
    properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
    required: ['city', 'unit'],
    additionalProperties: false,
  },
  zurich: { city: 'Zürich', unit: 'celsius' },
  bergen: { city: 'Bergen "by" \\fjord', unit: 'fahrenheit' },
  result: '21 °C, sunny ☀️',
  otherResult: '9 °C, rain 🌧️',
  toolError: 'no such city',
  answerSchema: {
    type: 'object',
    properties: { city: { type: 'string' }, degrees: { type: 'integer' } },
    required: ['city', 'degrees'],
    additionalProperties: false,
  },
  answer: { city: 'Zürich', degrees: 21 },
  thought: ['First I think ', 'about 🌦️, ', 'then I answer.'],
  signature: 'RXF3QnZlcnlMb25nU2lnbmF0dXJlT2ZUaG91Z2h0cw==',
  redacted: 'RW1PblJlZGFjdGVkVGhvdWdodHM=',
  /** A real one: 1 × 1 pixel. */
  png: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  imageUrl: 'https://images.example/cat.png',
  pdf: Buffer.from('%PDF-1.4\n%âãÏÓ\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n', 'latin1').toString('base64'),
  pdfName: 'report.pdf',
  pdfUrl: 'https://files.example/report.pdf',
  wav: Buffer.from('RIFF\x24\x00\x00\x00WAVEfmt ', 'latin1').toString('base64'),
  stop: ['END', '###'],
  maxTokens: 16,
  temperature: 0.5,
  topP: 0.9,
  topK: 40,
  seed: 7,
  penalty: 0.25,
  logitBias: { '15496': -100 },
  topLogprobs: 2,
  endUser: 'user-4711',
  metadata: { team: 'blue' },
  cacheKey: 'prefix-1',
  usage: { input: 1200, cached: 1024, cacheWrite: 0, output: 300, reasoning: 200 },
} as const

export const errors = {
  bad: { status: 400, message: 'temperature must be between 0 and 2' },
  tooLong: { status: 400, message: 'too long', isTooLong: true },
  unauthorized: { status: 401, message: 'Incorrect API key provided' },
  notFound: { status: 404, message: 'model not found' },
  rateLimited: { status: 429, message: 'Too many requests, please slow down', retryAfterSeconds: 7 },
  broken: { status: 500, message: 'Something went wrong on our side' },
  overloaded: { status: 503, message: 'The model is overloaded', isOverloaded: true },
} as const satisfies Record<string, SaidError>

export type Scenario = (heard: Heard) => Reply

const fine = (answer = 'OK.') => say([textPart(answer)])
const plain: Scenario = () => fine()

/** Answers where `read` is what it should be. */
function wants(name: string, read: (heard: Heard) => unknown, expected: unknown, reply: Scenario = plain): Scenario {
  return (heard) => {
    expectSame(name, read(heard), expected)
    return reply(heard)
  }
}

const lastTurn = (heard: Heard): readonly HeardPart[] => heard.turns.at(-1)?.parts ?? []

const tools: Scenario = (heard) => {
  expectSame(
    'tools',
    heard.tools.map(({ name }) => name),
    ['get_weather'],
  )
  expectSame('tool description', heard.tools[0]?.description, script.toolDescription)
  expectSame('tool schema', heard.tools[0]?.schema, script.toolSchema)
  const results = findParts(heard, 'result')
  if (results.length === 0) return say([textPart('Let me ', 'look.'), callPart('get_weather', script.zurich)])
  expectCalls(heard, [script.zurich], [script.result])
  return say([textPart('It is 21 °C ', 'in Zürich.')])
}

const parallelTools: Scenario = (heard) => {
  const { zurich, bergen, result, otherResult } = script
  if (findParts(heard, 'result').length === 0) {
    return say([callPart('get_weather', zurich), callPart('get_weather', bergen)])
  }
  expectCalls(heard, [zurich, bergen], [result, otherResult])
  return say([textPart('Zürich is warmer.')])
}

/** Who has no field for it is told in words. */
const toolError: Scenario = (heard) => {
  const [result] = findParts(heard, 'result')
  const said = readText(result?.parts ?? [])
  const expected = result?.isError === true ? script.toolError : `Error: ${script.toolError}`
  expectSame('tool error', said, expected)
  return fine()
}

/** In the result, or right after it where results are texts. */
const toolImage: Scenario = (heard) => {
  const [result] = findParts(heard, 'result')
  const [after] = findParts(heard, 'image')
  expectSame('image of a tool', result?.parts.find(({ kind }) => kind === 'image') ?? after, image)
  return fine()
}

const image = { kind: 'image', mediaType: 'image/png', data: script.png }
const thinking = { kind: 'reasoning', pieces: script.thought, signature: script.signature } as const

const reasoning: Scenario = (heard) => {
  if (heard.reasoning === null) fail('reasoning', 'was not asked for')
  if (heard.turns.some(({ role }) => role === 'assistant')) return fine('I remember.')
  return say([thinking, textPart('Done ', 'thinking.')], { usage: { ...plainUsage, output: 40, reasoning: 31 } })
}

/** The signature comes back, and the thought where it came. */
const signatures: Scenario = (heard) => {
  const turn = heard.turns.find(({ role }) => role === 'assistant')
  if (turn !== undefined) expectThought(turn.parts)
  return reasoning(heard)
}

const reasoningTools: Scenario = (heard) => {
  if (heard.reasoning === null) fail('reasoning', 'was not asked for')
  if (findParts(heard, 'result').length === 0) return say([thinking, callPart('get_weather', script.zurich)])
  expectThought(heard.turns.find(({ role }) => role === 'assistant')?.parts ?? [])
  return fine('I remember.')
}

/** Google signs the call that comes after the thought. */
function expectThought(parts: readonly HeardPart[]): void {
  const [first] = parts
  const call = parts.find(({ kind }) => kind === 'call')
  const thought = first?.kind === 'reasoning' ? first.text : ''
  const signature = first?.kind === 'reasoning' && first.signature !== null ? first.signature : null
  expectSame('signature', signature ?? (call?.kind === 'call' ? call.signature : null), script.signature)
  if (thought !== '') expectSame('thought', thought, script.thought.join(''))
}

const signedCall: Scenario = (heard) => {
  if (findParts(heard, 'result').length === 0) return say([callPart('get_weather', script.zurich, script.signature)])
  expectSame('signature of the call', findParts(heard, 'call')[0]?.signature, script.signature)
  return fine('I remember.')
}

const redacted: Scenario = (heard) => {
  if (!heard.turns.some(({ role }) => role === 'assistant')) {
    return say([{ kind: 'redacted', data: script.redacted }, textPart('Done.')])
  }
  expectSame('redacted reasoning', findParts(heard, 'redacted'), [{ kind: 'redacted', data: script.redacted }])
  return fine('I remember.')
}

const chat: Scenario = (heard) => {
  expectSame('system', heard.system.join('\n'), script.system)
  expectSame(
    'turns',
    heard.turns.map(({ role, parts }) => [role, readText(parts)]),
    [
      ['user', 'Hi'],
      ['assistant', 'Hello!'],
      ['user', script.question],
    ],
  )
  return say([textPart(...script.chat)])
}

const cut = (heard: Heard): Reply => {
  const reply = heard.tools.length > 0 ? say([callPart('get_weather', script.zurich)]) : say([textPart(...script.chat)])
  return reply.kind === 'said' ? { ...reply, kind: 'cut' } : reply
}

const lateError = (): Reply => {
  const reply = say([textPart(...script.chat)])
  return reply.kind === 'said' ? { ...reply, kind: 'late-error', error: errors.overloaded } : reply
}

/** Two users' messages in a row: both arrive, in order, as one turn or as two. */
const sameRole: Scenario = (heard) => {
  const said = heard.turns.flatMap(({ role, parts }) => parts.map((part) => [role, readText([part])]))
  const expected = [
    ['user', 'Hi'],
    ['user', 'Are you there?'],
  ]
  expectSame('turns', said, expected)
  return fine()
}

/** Calls of another provider, with its ids, answered in the other order: each result is that of its own call. */
const foreignHistory: Scenario = (heard) => {
  const calls = findParts(heard, 'call')
  const results = findParts(heard, 'result')
  const pairs = calls.map(({ id, input }) => [input, readText(results.find((result) => result.id === id)?.parts ?? [])])
  const expected = [
    [script.zurich, script.result],
    [script.bergen, script.otherResult],
  ]
  expectSame('calls and their results', pairs, expected)
  return fine()
}

const noArguments: Scenario = (heard) => {
  const names = heard.tools.map((tool) => tool.name)
  expectSame('tools', names, ['get_time'])
  const results = findParts(heard, 'result')
  if (results.length === 0) return say([{ kind: 'call', name: 'get_time', json: [], signature: null }])
  const inputs = findParts(heard, 'call').map(({ input }) => input)
  expectSame('calls', inputs, [{}])
  return fine()
}

/** It goes on where the last turn ends. */
const prefill: Scenario = (heard) => {
  const last = heard.turns.at(-1)
  expectSame('last turn', [last?.role, readText(last?.parts ?? [])], ['assistant', 'The answer is'])
  return fine(' 42.')
}

const fails =
  (error: SaidError): Scenario =>
  () => ({ kind: 'error', error })

export const scenarios: Readonly<Record<string, Scenario>> = {
  plain,
  chat,
  'late-system': wants('system', ({ system }) => system.join('\n').split('\n'), [script.system, script.laterSystem]),
  usage: () => say([textPart('Counted.')], { usage: script.usage }),
  'max-tokens': wants(
    'max tokens',
    ({ maxTokens }) => maxTokens,
    script.maxTokens,
    () => say([textPart('I am cut')], { stop: 'length', usage: { ...plainUsage, output: script.maxTokens } }),
  ),
  stop: wants(
    'stop',
    ({ stop }) => stop,
    script.stop,
    () => say([textPart('Up to here ')], { stop: 'stop-sequence', stopSequence: script.stop[0] }),
  ),
  filter: () => say([textPart('I was ')], { stop: 'filter' }),
  refusal: () => say([{ kind: 'refusal', text: 'I can’t help with that.' }], { stop: 'refusal' }),
  tools,
  'parallel-tools': parallelTools,
  'tool-error': toolError,
  'tool-image': toolImage,
  'choice-required': wants(
    'tool choice',
    (heard) => heard.toolChoice,
    'required',
    () => say([callPart('get_weather', script.zurich)]),
  ),
  'choice-named': wants('tool choice', readNamedChoice, { name: 'get_weather' }, () =>
    say([callPart('get_weather', script.zurich)]),
  ),
  // No tools is no choice, too.
  'choice-none': wants('tool choice', (heard) => (heard.tools.length === 0 ? 'none' : heard.toolChoice), 'none'),
  'single-call': wants(
    'one call at a time',
    (heard) => heard.isSingleCall,
    true,
    () => say([callPart('get_weather', script.zurich)]),
  ),
  'strict-tools': wants(
    'strict tool',
    (heard) => heard.tools[0]?.isStrict,
    true,
    () => say([callPart('get_weather', script.zurich)]),
  ),
  schema: wants(
    'schema',
    (heard) => heard.format,
    script.answerSchema,
    () => say([textPart(...(JSON.stringify(script.answer).match(/.{1,5}/gsu) ?? []))]),
  ),
  'json-object': wants(
    'format',
    (heard) => heard.format,
    {},
    () => say([textPart(JSON.stringify(script.answer))]),
  ),
  image: wants('image', (heard) => lastTurn(heard).find(({ kind }) => kind === 'image'), image),
  'image-url': wants('image', (heard) => findParts(heard, 'image-url')[0]?.url, script.imageUrl),
  file: wants('file', (heard) => findParts(heard, 'file').map(({ mediaType, data }) => [mediaType, data]), [
    ['application/pdf', script.pdf],
  ]),
  'file-url': wants('file', (heard) => findParts(heard, 'file-url')[0]?.url, script.pdfUrl),
  audio: wants('audio', (heard) => findParts(heard, 'audio'), [{ kind: 'audio', format: 'wav', data: script.wav }]),
  reasoning,
  signatures,
  'reasoning-tools': reasoningTools,
  'signed-call': signedCall,
  redacted,
  temperature: wants('temperature', (heard) => heard.temperature, script.temperature),
  'top-p': wants('top p', (heard) => heard.topP, script.topP),
  'top-k': wants('top k', (heard) => heard.topK, script.topK),
  seed: wants('seed', (heard) => heard.seed, script.seed),
  'frequency-penalty': wants('frequency penalty', (heard) => heard.frequencyPenalty, script.penalty),
  'presence-penalty': wants('presence penalty', (heard) => heard.presencePenalty, script.penalty),
  'logit-bias': wants('logit bias', (heard) => heard.logitBias, script.logitBias),
  logprobs: wants(
    'logprobs',
    (heard) => heard.topLogprobs,
    script.topLogprobs,
    () => say([textPart('Yes')], { hasLogprobs: true }),
  ),
  choices: wants(
    'choices',
    (heard) => heard.choices,
    2,
    () => say([textPart('One of ', 'two.')], { choices: 2 }),
  ),
  verbosity: wants('verbosity', (heard) => heard.verbosity, 'low'),
  'service-tier': wants('service tier', (heard) => heard.serviceTier, 'priority'),
  'end-user': wants('end user', (heard) => heard.endUser, script.endUser),
  metadata: wants('metadata', (heard) => heard.metadata, script.metadata),
  'cache-key': wants('cache key', (heard) => heard.cacheKey, script.cacheKey),
  'cache-markers': wants('cache markers', (heard) => heard.cacheMarkers, 1),
  'same-role': sameRole,
  'foreign-history': foreignHistory,
  'no-arguments': noArguments,
  prefill,
  'hot-temperature': wants('temperature', (heard) => heard.temperature, 1.5),
  'error-bad': fails(errors.bad),
  'error-too-long': fails(errors.tooLong),
  'error-unauthorized': fails(errors.unauthorized),
  'error-not-found': fails(errors.notFound),
  'error-rate-limited': fails(errors.rateLimited),
  'error-broken': fails(errors.broken),
  'error-overloaded': fails(errors.overloaded),
  'stream-error': (heard) => ({ kind: heard.isStream ? 'stream-error' : 'error', error: errors.overloaded }),
  cut,
  'late-error': lateError,
  reset: () => ({ kind: 'reset' }),
}

/** `anthropic.claude-sonnet-4-5--tools-v1:0` → `tools`. */
export function readScenario(model: string): string {
  return /--(.+?)(?:-v1:0)?$/.exec(model)?.[1] ?? fail('model', `no scenario in ${model}`)
}

export function playScenario(name: string, heard: Heard): Reply {
  const scenario = scenarios[name]
  return scenario === undefined ? fail('model', `unknown scenario ${name}`) : scenario(heard)
}

/** A choice that is required and has one tool is of that tool. */
function readNamedChoice({ toolChoice, tools }: Heard): Heard['toolChoice'] {
  const [only, other] = tools
  return toolChoice === 'required' && only !== undefined && other === undefined ? { name: only.name } : toolChoice
}

function expectCalls(heard: Heard, inputs: readonly unknown[], outputs: readonly string[]): void {
  const calls = findParts(heard, 'call')
  const results = findParts(heard, 'result')
  expectSame(
    'calls',
    calls.map(({ name, input }) => [name, input]),
    inputs.map((input) => ['get_weather', input]),
  )
  expectSame(
    'results',
    results.map(({ parts }) => readText(parts)),
    outputs,
  )
  expectSame(
    'ids of results',
    results.map(({ id }) => id),
    calls.map(({ id }) => id),
  )
}

function expectSame(what: string, heard: unknown, expected: unknown): void {
  if (isDeepStrictEqual(heard, expected)) return
  fail(what, `heard ${JSON.stringify(heard)}, expected ${JSON.stringify(expected)}`)
}
