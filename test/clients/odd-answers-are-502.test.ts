// G11: an answer that lacks a part, or has one of another type, is read as far as it makes sense or refused as
// `upstream_invalid_response`; never a crash of ours (500). Every value of every family's answer and stream, replaced.
import { EventStreamCodec } from '@smithy/eventstream-codec'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../src/conversation/answer-event.ts'
import { conversationApis } from '../../src/dialects/index.ts'
import { GatewayError } from '../../src/errors/gateway-error.ts'
import type { ChatCodec } from '../../src/providers/codec.ts'
import { providers } from '../../src/providers/index.ts'
import { anthropicWire } from './backends/anthropic.ts'
import { bedrockWire } from './backends/bedrock.ts'
import { cohereWire } from './backends/cohere.ts'
import { geminiWire } from './backends/gemini.ts'
import { nothingHeard } from './backends/heard.ts'
import { createChatWire } from './backends/openai-chat.ts'
import { callPart, type Said, say, textPart } from './backends/said.ts'
import { script } from './backends/scenarios.ts'
import type { Wire } from './backends/scripted-family.ts'

const wires: readonly (readonly [string, Wire])[] = [
  ['OpenAI', createChatWire('openai')],
  ['VLLM', createChatWire('vllm')],
  ['Mistral', createChatWire('mistral')],
  ['Anthropic', anthropicWire],
  ['AWSBedrock', bedrockWire],
  ['GoogleGemini', geminiWire],
  ['Cohere', cohereWire],
]
const call = { model: 'model', isStream: true, basePath: '', maxOutputTokens: null }
const heard = { ...nothingHeard, isStream: true }

function createSaid(): Said {
  const parts = [
    { kind: 'reasoning', pieces: script.thought.slice(0, 1), signature: script.signature } as const,
    textPart('Hello ', '🌍'),
    callPart('get_weather', { city: 'Oslo' }),
  ]
  const reply = say(parts, { usage: script.usage, hasLogprobs: true })
  return reply.kind === 'said' ? reply.said : createSaid()
}
const said = createSaid()

const odd: readonly unknown[] = [undefined, null, 1, -1.5, 'x', '', true, [], {}, [null], [[]], { a: null }]

/** The value with each of its parts, one after another, replaced by each odd one. */
function* mutate(value: unknown): Generator<unknown> {
  yield* odd
  if (Array.isArray(value)) {
    for (const [at, one] of value.entries()) for (const other of mutate(one)) yield value.with(at, other)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) for (const other of mutate(one)) yield { ...value, [key]: other }
  }
}

const questions = [
  conversationApis['chat/completions']?.parse(
    Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], logprobs: true })),
  ),
  conversationApis.messages?.parse(
    Buffer.from(JSON.stringify({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] })),
  ),
  conversationApis.responses?.parse(Buffer.from(JSON.stringify({ model: 'm', input: 'Hi' }))),
]
const apis = [conversationApis['chat/completions'], conversationApis.messages, conversationApis.responses]

/** Everything that an error is thrown from but `upstream_invalid_response`. */
function check(read: () => readonly AnswerEvent[], isStream: boolean): string | null {
  try {
    const events = read()
    const errorAt = events.findIndex(({ type }) => type === 'error')
    const good = errorAt < 0 ? events : events.slice(0, errorAt)
    for (const [at, api] of apis.entries()) {
      const request = questions[at]
      if (api === undefined || request === undefined) throw new Error('no such API')
      const context = { request, seed: 'seed', createdSeconds: 1 }
      if (isStream) api.createStreamRenderer(context).render(good)
      else if (errorAt < 0) JSON.parse(api.renderAnswer(good, context))
    }
    return null
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'upstream_invalid_response') return null
    return error instanceof Error ? `${error.stack}` : String(error)
  }
}

function readCodec(provider: string): ChatCodec {
  const chat = providers.get(provider)?.chat
  if (chat === undefined || chat === null) throw new Error(`${provider} has no chat`)
  return chat
}

/** The JSON of a frame, and the frame around another. */
type Opened = Readonly<{ value: unknown; close: (value: unknown) => Buffer }>

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text),
)

/** Null: it holds no JSON. */
function open(frame: string | Buffer): Opened | null {
  if (typeof frame !== 'string') {
    const { headers, body } = codec.decode(frame)
    const close = (value: unknown) =>
      Buffer.from(codec.encode({ headers, body: Buffer.from(JSON.stringify(value) ?? '') }))
    return { value: JSON.parse(Buffer.from(body).toString()), close }
  }
  const [, before = '', data = '', after = ''] = /^((?:event: .*\n)?data: )(.*?)((?:\r?\n)+)$/s.exec(frame) ?? []
  if (!data.startsWith('{')) return null
  return { value: JSON.parse(data), close: (value) => Buffer.from(`${before}${JSON.stringify(value) ?? ''}${after}`) }
}

describe.each(wires)('G11: %s', (provider, wire) => {
  const chat = readCodec(provider)

  test('every value of an answer replaced', () => {
    const problems = new Set<string>()
    for (const value of mutate(JSON.parse(JSON.stringify(wire.renderAnswer(said, 'model', heard))))) {
      const problem = check(
        () => chat.decodeAnswer(value === undefined ? null : JSON.parse(JSON.stringify(value)), call),
        false,
      )
      if (problem !== null) problems.add(problem.split('\n').slice(0, 3).join(' | '))
    }
    expect([...problems]).toEqual([])
  })

  test('every value of a stream’s events replaced', () => {
    const frames = wire.renderStream(said, 'model', heard)
    const problems = new Set<string>()
    for (const [at, frame] of frames.entries()) {
      const opened = open(frame)
      if (opened === null) continue
      for (const value of mutate(opened.value)) {
        const bytes = frames.with(at, opened.close(value)).map((one) => Buffer.from(one))
        const problem = check(() => {
          const decoder = chat.createStreamDecoder(call)
          return [...decoder.push(Buffer.concat(bytes)), ...(decoder.finish?.() ?? [])]
        }, true)
        if (problem !== null) problems.add(problem.split('\n').slice(0, 3).join(' | '))
      }
    }
    expect([...problems]).toEqual([])
  })

  test.each([400, 429, 500, 503])('whatever a %i says, it is an error with a message', (status) => {
    const bodies = ['', '<html>', 'null', '[]', '1', '"x"', '{}', '{"error":null}', '{"error":{}}', '{"message":1}']
    for (const body of [...bodies, '{"error":{"message":{}}}', '{"error":"text"}', '{"detail":[{"msg":"x"}]}']) {
      const error = chat.decodeError(status, body)
      expect([body, typeof error.message, error.message !== '', error.status]).toEqual([body, 'string', true, status])
      expect([body, error.code === null || typeof error.code === 'string']).toEqual([body, true])
    }
  })
})
