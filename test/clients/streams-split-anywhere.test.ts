// B1, B2: every family's stream, in two pieces cut at every byte and in pieces of one, decodes to the same events, and
// reads the same in each client API, however it came.
import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../src/conversation/answer-event.ts'
import { conversationApis } from '../../src/dialects/index.ts'
import { providers } from '../../src/providers/index.ts'
import type { Operation } from '../../src/providers/operation.ts'
import { anthropicWire } from './backends/anthropic.ts'
import { bedrockWire } from './backends/bedrock.ts'
import { cohereWire } from './backends/cohere.ts'
import { geminiWire } from './backends/gemini.ts'
import { nothingHeard } from './backends/heard.ts'
import { createChatWire } from './backends/openai-chat.ts'
import { callPart, type Reply, say, textPart } from './backends/said.ts'
import { script } from './backends/scenarios.ts'
import type { Wire } from './backends/scripted-family.ts'

const wires: readonly (readonly [string, Wire])[] = [
  ['OpenAI', createChatWire('openai')],
  ['VLLM', createChatWire('vllm')],
  ['Mistral', createChatWire('mistral')],
  ['AzureOpenAI', createChatWire('azure')],
  ['Anthropic', anthropicWire],
  ['AWSBedrock', bedrockWire],
  ['GoogleGemini', geminiWire],
  ['GoogleVertexAI', geminiWire],
  ['Cohere', cohereWire],
]

const reply = say(
  [
    { kind: 'reasoning', pieces: script.thought, signature: script.signature },
    textPart(...script.chat),
    callPart('get_weather', script.zurich),
    callPart('get_weather', script.bergen),
  ],
  { usage: script.usage },
)

function renderBytes(wire: Wire, { said }: Extract<Reply, { readonly kind: 'said' }>): Buffer {
  const frames = wire.renderStream(said, 'model', { ...nothingHeard, isStream: true })
  return Buffer.concat(frames.map((frame) => Buffer.from(frame)))
}

function decode(provider: string, pieces: readonly Buffer[]): readonly AnswerEvent[] {
  const call = { model: 'model', isStream: true, basePath: '', maxOutputTokens: null }
  const decoder = providers.get(provider)?.chat?.createStreamDecoder(call)
  if (decoder === undefined) throw new Error(`${provider} has no decoder`)
  const events = pieces.flatMap((piece) => decoder.push(piece))
  if (!decoder.isComplete) throw new Error('the stream is not whole')
  return [...events, ...(decoder.finish?.() ?? [])]
}

const requests: readonly (readonly [Operation, object])[] = [
  ['chat/completions', { messages: [{ role: 'user', content: 'Hi' }], stream_options: { include_usage: true } }],
  ['messages', { max_tokens: 1000, messages: [{ role: 'user', content: 'Hi' }] }],
  ['responses', { input: 'Hi', reasoning: { summary: 'auto' } }],
]

function render(operation: Operation, body: object, batches: readonly (readonly AnswerEvent[])[]): string {
  const api = conversationApis[operation]
  if (api === undefined) throw new Error(`${operation} is not translated`)
  const request = api.parse(Buffer.from(JSON.stringify({ model: 'model', stream: true, ...body })))
  const renderer = api.createStreamRenderer({ request, seed: 'seed', createdSeconds: 1 })
  const text = batches.map((events) => renderer.render(events)).join('')
  // Anthropic's first event says the usage as far as it is known by then.
  return text.replace(/^(event: message_start\n.*"usage":)\{.*\}(\}\}\n)/, '$1$2')
}

describe.each(wires)('B1, B2: %s', (provider, wire) => {
  if (reply.kind !== 'said') throw new Error('nothing is said')
  const bytes = renderBytes(wire, reply)
  const whole = decode(provider, [bytes])

  test('cut at every byte, the events are the same', () => {
    const expected = JSON.stringify(whole)
    const different: number[] = []
    for (let at = 1; at < bytes.length; at++) {
      const events = decode(provider, [bytes.subarray(0, at), bytes.subarray(at)])
      if (JSON.stringify(events) !== expected) different.push(at)
    }
    expect(different).toEqual([])
    expect(whole.at(-1)?.type).toBe('end')
  })

  test('in pieces of one byte, the events are the same', () => {
    expect(
      decode(
        provider,
        Array.from(bytes, (byte) => Buffer.of(byte)),
      ),
    ).toEqual(whole)
  })

  test.each(requests)('in pieces or at once, %s reads the same', (operation, body) => {
    const atOnce = render(operation, body, [whole])
    expect(
      render(
        operation,
        body,
        whole.map((event) => [event]),
      ),
    ).toBe(atOnce)
    expect(atOnce).toContain('get_weather')
  })
})
