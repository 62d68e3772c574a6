// E8: what an answer of Anthropic's used is counted as it says, caches among the input; of a cut stream what was streamed
// is. The same numbers where its bytes pass and where they are translated.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend } from '../support/http-backend.ts'
import { readLogLine, readMetric } from './fault-gateway.ts'
import { meteredKey, startMeteredGateway } from './metered-gateway.ts'

let backend: HttpBackend
let gateway: TestGateway
beforeAll(async () => {
  backend = await createHttpBackend()
  const pricing = { input: '3', cachedInput: '0.3', output: '15', currency: 'USD' }
  gateway = await startMeteredGateway({ endpoint: backend.url, model: { modelProvider: 'Anthropic', pricing } })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

const readFixture = (name: string) =>
  readFileSync(new URL(`../providers/anthropic/fixtures/${name}`, import.meta.url), 'utf8')

/** Whole, or, where it is `cut`, up to that text and no further. */
function answerWith(name: string, cut?: string): void {
  const text = readFixture(name)
  const type = name.endsWith('.json') ? 'application/json' : 'text/event-stream'
  backend.setHandler((_request, response) => {
    response.writeHead(200, { 'content-type': type })
    if (cut === undefined) response.end(text)
    else response.write(text.slice(0, text.indexOf(cut)), () => response.destroy())
  })
}

const paths = ['messages', 'chat/completions'] as const

async function ask(path: string, stream: boolean): Promise<object> {
  const id = randomUUID()
  const response = await fetch(`${gateway.url}/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${meteredKey}`, 'content-type': 'application/json', 'x-request-id': id },
    body: JSON.stringify({ model: 'm1', max_tokens: 500, stream, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  await response.text().catch(() => null)
  const { inputTokens, outputTokens, usageEstimated } = await readLogLine(gateway, id)
  return { inputTokens, outputTokens, usageEstimated }
}

describe.each(paths)('%s', (path) => {
  test('a whole answer', async () => {
    answerWith('answer.json')
    const cachedBefore = await readMetric(gateway, 'gen_ai_client_token_usage_sum', {
      gen_ai_token_type: 'cached_input',
    })
    expect(await ask(path, false)).toEqual({ inputTokens: 471, outputTokens: 143, usageEstimated: undefined })
    const cached = await readMetric(gateway, 'gen_ai_client_token_usage_sum', { gen_ai_token_type: 'cached_input' })
    expect(cached - cachedBefore).toBe(300)
  })

  test('a stream', async () => {
    answerWith('text.sse')
    expect(await ask(path, true)).toEqual({ inputTokens: 3084, outputTokens: 19, usageEstimated: undefined })
  })

  test('a stream that is cut before it says its output', async () => {
    answerWith('text.sse', 'event: message_delta')
    expect(await ask(path, true)).toMatchObject({ inputTokens: 3084, usageEstimated: true })
  })

  test('a stream that ends with an error', async () => {
    answerWith('overloaded.sse')
    expect(await ask(path, true)).toEqual({ inputTokens: 9, outputTokens: 1, usageEstimated: true })
  })
})

test('to count tokens uses none', async () => {
  backend.setHandler((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"input_tokens":14}')
  })
  expect(await ask('messages/count_tokens', false)).toEqual({
    inputTokens: undefined,
    outputTokens: undefined,
    usageEstimated: undefined,
  })
})
