// What a request reserves: its body's text and how much answer it may get, by what the client, the target's parameters or
// the model say. Read from outside: what is left of a token limit while an answer is on its way.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { estimateInput } from '../../src/server/estimate-input.ts'
import type { TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'
import { renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { readLogLine } from './fault-gateway.ts'
import { meteredAuthorization, renderMeteredModel, startMeteredGateway } from './metered-gateway.ts'

let backend: HttpBackend
let gateway: TestGateway
beforeAll(async () => {
  // Refusals are charged nothing: every request finds the limit as full as the one before.
  backend = await createHttpBackend(json(400, { error: {} }))
  const { url } = backend
  const model = (name: string, fields: object) => renderMeteredModel(name, url, fields)
  gateway = await startMeteredGateway({
    endpoint: url,
    consumer: { rateLimit: { tokensPerDay: 1_000_000_000 } },
    extra: [
      model('by-parameter', { parameters: { maxTokens: 300 }, limits: { maxOutputTokens: 2000 } }),
      model('long', { limits: { maxOutputTokens: 128_000 } }),
      model('short', { limits: { maxOutputTokens: 700 } }),
      model('vectors', { modelType: 'Embedding' }),
      model('ranks', { modelType: 'Rerank' }),
      model('guard', { modelType: 'Moderation' }),
    ].join('\n---\n'),
  })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

/** What is reserved for an answer to this body. */
async function readOutputReserve(operation: string, fields: object): Promise<number> {
  const id = randomUUID()
  const body = JSON.stringify(fields)
  const headers = { authorization: meteredAuthorization, 'content-type': 'application/json', 'x-request-id': id }
  const response = await exchangeRaw(gateway.port, renderRequest('POST', `/v1/${operation}`, headers, body))
  await readLogLine(gateway, id)
  const remaining = response.header('x-ratelimit-remaining-tokens')
  if (remaining === null) throw new Error(`${response.status} ${response.text}`)
  return 1_000_000_000 - Number(remaining) - estimateInput(Buffer.from(body))
}

const messages = [{ role: 'user', content: 'hi' }]

test.each([
  ['what the client says', { model: 'm1', max_tokens: 77 }, 77],
  ['the newer name of it', { model: 'm1', max_completion_tokens: 78 }, 78],
  ['the larger of both', { model: 'm1', max_tokens: 5, max_completion_tokens: 79 }, 79],
  ['not the name of another operation', { model: 'm1', max_output_tokens: 2 }, 1024],
  ['times n', { model: 'm1', max_tokens: 10, n: 4 }, 40],
  ['but n in reason', { model: 'm1', max_tokens: 10, n: 1e9 }, 1280],
  ['not more than a model can', { model: 'short', max_tokens: 1e9 }, 700],
  ['nor than any can', { model: 'm1', max_tokens: 1e15 }, 1_000_000],
  ["else the target's parameter", { model: 'by-parameter' }, 300],
  ['not where the client has decided', { model: 'by-parameter', max_tokens: 310 }, 310],
  ['nor where it says something odd, which is passed on', { model: 'by-parameter', max_tokens: null }, 2000],
  ['else what the model says', { model: 'short' }, 700],
  ['up to a cap: long answers are rare', { model: 'long' }, 4096],
  ['else a default', { model: 'm1' }, 1024],
])('chat: %s', async (_, fields, expected) => {
  expect(await readOutputReserve('chat/completions', { messages, ...fields })).toBe(expected)
})

test.each([
  ['completions', { model: 'm1', prompt: 'hi', max_tokens: 5, best_of: 6, n: 2 }, 30],
  ['responses', { model: 'm1', input: 'hi', max_output_tokens: 55, max_tokens: 9 }, 55],
  ['responses', { model: 'm1', input: 'hi', max_tokens: 9 }, 1024],
  ['responses', { model: 'by-parameter', input: 'hi' }, 300],
  ['embeddings', { model: 'vectors', input: 'hi', max_tokens: 9 }, 0],
  ['rerank', { model: 'ranks', query: 'hi', documents: ['a'] }, 0],
  ['moderations', { model: 'guard', input: 'hi' }, 0],
])('%s: %o', async (operation, fields, expected) => {
  expect(await readOutputReserve(operation, fields)).toBe(expected)
})

describe('input', () => {
  const estimate = (value: unknown) => estimateInput(Buffer.from(JSON.stringify(value)))
  const image = (bytes: number, type = 'image/png') => `data:${type};base64,${'iVBORw0KGgo/+'.repeat(bytes / 13)}`

  test('text: a token for three bytes', () => {
    expect(estimateInput(Buffer.from('{"a":"123456789"}'))).toBe(6)
    expect(estimateInput(Buffer.alloc(0))).toBe(0)
  })

  test('an image counts the same whatever its size', () => {
    const small = estimate([{ type: 'image_url', image_url: { url: image(130) } }])
    const large = estimate([{ type: 'image_url', image_url: { url: image(1_300_000) } }])
    expect(large).toBe(small)
    expect(large).toBeGreaterThan(1500)
    expect(large).toBeLessThan(1600)
    expect(estimate([image(1300), image(1300), image(1300, 'application/pdf')])).toBeGreaterThan(4500)
  })

  test.each([
    ['as most write it', (data: string) => ({ type: 'base64', media_type: 'image/png', data })],
    ['in the order of the alphabet', (data: string) => ({ data, media_type: 'image/png', type: 'base64' })],
    ['otherwise', (data: string) => ({ media_type: 'application/pdf', type: 'base64', data })],
  ])('so do images and documents of Anthropic’s clients, their source written %s', (_, write) => {
    const ask = (bytes: number, indent?: number) => {
      const image = { type: 'image', source: write('iVBORw0KGgo/+'.repeat(bytes / 13)) }
      return estimateInput(Buffer.from(JSON.stringify([image, image, { type: 'text', text: 'Which?' }], null, indent)))
    }
    expect(ask(1_300_000)).toBe(ask(1300))
    expect(ask(1_300_000, 2)).toBe(ask(1300, 2))
    expect(ask(1300)).toBeGreaterThan(3000)
    expect(ask(1300)).toBeLessThan(3200)
  })

  test.each([
    ['text that says it is', { type: 'base64', media_type: 'image/png', data: 'so many words '.repeat(1000) }],
    ['data of another kind', { type: 'text', media_type: 'text/plain', data: 'x'.repeat(10_000) }],
    ['a media type alone', { type: 'base64', media_type: 'image/png', text: 'x'.repeat(10_000) }],
  ])('%s is text', (_, source) => {
    expect(estimate(source)).toBe(Math.ceil(JSON.stringify(source).length / 3))
  })

  test.each([
    ['text that only begins like one', `data:image/png;base64,${'so many words '.repeat(1000)}`],
    ['text in another script', `data:image/png;base64,${'日本語'.repeat(5000)}`],
    ['text with the marker in it', `see ;base64,${'abc'.repeat(5000)}`],
  ])('%s is text', (_, text) => {
    expect(estimate([text])).toBeGreaterThanOrEqual(Buffer.byteLength(text) / 3)
  })

  test('a marker without an end, and thousands of them, take no time', () => {
    const start = performance.now()
    estimateInput(Buffer.from(`"data:;base64,`.repeat(100_000)))
    estimateInput(Buffer.from(`"data:;base64,"`.repeat(100_000)))
    estimateInput(Buffer.from(`;base64,`.repeat(100_000)))
    estimateInput(Buffer.from(`"media_type":"data":"base64",`.repeat(100_000)))
    estimateInput(Buffer.from(`"data":"${'x'.repeat(1_000_000)}"${',"media_type"'.repeat(100_000)}`))
    estimateInput(Buffer.from(`"media_type"${' '.repeat(1_000_000)}`.repeat(3)))
    expect(performance.now() - start).toBeLessThan(2000)
  })
})
