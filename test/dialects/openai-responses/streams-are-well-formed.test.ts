// Issue 5, translation: a stream of the Responses API obeys its own rules (every added has its done, indexes and sequence
// numbers without gaps), and says what the whole answer says.
import { describe, expect, test } from 'vitest'
import { openAiResponses } from '../../../src/dialects/openai-responses/openai-responses.ts'
import { GatewayError } from '../../../src/errors/gateway-error.ts'
import { isRecord } from '../../../src/is-record.ts'
import { answers, createContext } from './answers.ts'
import { readResponsesStream, splitEvents } from './read-responses-stream.ts'

const { createStreamRenderer, renderAnswer } = openAiResponses

describe.each(Object.entries(answers))('an answer: %s', (_name, events) => {
  test.each([{}, { reasoning: { effort: 'low', summary: 'auto' } }])(
    'streams as it would be whole, asked %j',
    (asked) => {
      const context = createContext(asked)
      const streamed = readResponsesStream(createStreamRenderer(context).render(events)).at(-1)
      expect(streamed?.response).toEqual(JSON.parse(renderAnswer(events, context)))
    },
  )

  test('is the same stream however its events come together', () => {
    const context = createContext()
    const atOnce = createStreamRenderer(context).render(events)
    for (let split = 0; split <= events.length; split++) {
      const renderer = createStreamRenderer(context)
      const text = renderer.render(events.slice(0, split)) + renderer.render(events.slice(split))
      expect(text).toBe(atOnce)
    }
    const oneByOne = createStreamRenderer(context)
    expect(events.map((event) => oneByOne.render([event])).join('')).toBe(atOnce)
  })

  test('fails anywhere with a failed response and an error that go on counting', () => {
    const error = new GatewayError('upstream_incomplete')
    for (let cut = 0; cut < events.length; cut++) {
      const renderer = createStreamRenderer(createContext())
      const text = renderer.render(events.slice(0, cut)) + (renderer.renderError?.(error) ?? '')
      const read = readResponsesStream(text)
      expect(read.at(-1)).toMatchObject({ type: 'error', code: 'upstream_incomplete', message: error.publicText })
      const failed = read.at(-2)?.response
      expect(failed).toMatchObject({ status: 'failed', error: { code: 'server_error', message: error.publicText } })
    }
  })
})

test.each(Object.entries(answers))('the check misses no lost or doubled event: %s', (_name, events) => {
  const text = createStreamRenderer(createContext()).render(events)
  const blocks = text.slice(0, -2).split('\n\n')
  /** With the numbers made right again, so that they don't give it away. */
  const join = (parts: readonly string[]) =>
    parts.map((part, at) => `${part.replace(/"sequence_number":\d+/, `"sequence_number":${at}`)}\n\n`).join('')
  expect(join(blocks)).toBe(text)
  for (const [at, block] of blocks.entries()) {
    expect(() => readResponsesStream(join(blocks.toSpliced(at, 1))), `without ${block}`).toThrow()
    expect(() => readResponsesStream(join(blocks.toSpliced(at, 0, block))), `twice ${block}`).toThrow()
  }
})

describe('what is streamed', () => {
  const render = (name: string, asked: Readonly<Record<string, unknown>> = {}) =>
    readResponsesStream(createStreamRenderer(createContext(asked)).render(answers[name] ?? []))
  const types = (name: string, asked?: Readonly<Record<string, unknown>>) =>
    render(name, asked)
      .map(({ type }) => String(type).replace('response.', ''))
      .filter((type) => !['created', 'in_progress', 'completed'].includes(type))

  test('a text: each event at its time', () => {
    expect(types('text')).toEqual([
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
    ])
  })

  test('interleaved calls keep their own arguments', () => {
    const items = render('calls interleaved').flatMap(({ type, item }) =>
      type === 'response.output_item.done' && isRecord(item) ? [[item.call_id, item.arguments]] : [],
    )
    expect(items).toEqual([
      ['call_0', '{"city":"Rome"}'],
      ['call_1', '{"city":"Bonn"}'],
    ])
  })

  test('reasoning is a summary where one was asked for, else the reasoning itself', () => {
    expect(types('reasoning, text', { reasoning: { summary: 'auto' } })).toContain('reasoning_summary_text.delta')
    const plain = types('reasoning, text')
    expect(plain).toContain('reasoning_text.delta')
    expect(plain).not.toContain('reasoning_summary_text.delta')
  })

  test('nothing is written before there is something of an answer', () => {
    const renderer = createStreamRenderer(createContext())
    expect(renderer.render([{ type: 'start', id: null, model: 'm', createdSeconds: 7 }])).toBe('')
    const [created] = splitEvents(renderer.render([{ type: 'text', choice: 0, text: 'a' }]))
    expect(created?.response).toMatchObject({ model: 'm', created_at: 7 })
  })

  test('arguments of a call that is over are an invalid stream', () => {
    const renderer = createStreamRenderer(createContext())
    const late = { type: 'tool-arguments', choice: 0, call: 3, json: '{}' } as const
    expect(() => renderer.render([late])).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }))
  })
})
