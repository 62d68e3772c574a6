// The simulator's time and faults on the wire, and that its raw answers are what the vendors' pages say.
import { expect, test } from 'vitest'
import { renderHead, renderRequest } from '../support/http-bytes.ts'
import { connectRaw, exchangeRaw } from '../support/raw-client.ts'
import { post, startSimulator } from './start-simulator.ts'

const messages = [{ role: 'user', content: 'Why is the sky blue?' }]
const chat = (body: object) => renderRequest('POST', '/v1/chat/completions', {}, JSON.stringify({ messages, ...body }))

test('the first token comes after ttft, the others one by one', async () => {
  const { port } = await startSimulator({ ttftMs: 30, interTokenMs: 5, answerTokens: 10 })
  const client = await connectRaw(port)
  const start = performance.now()
  await client.write(chat({ stream: true }))
  await client.whenReceived('data: ')
  // Timers may fire a millisecond early.
  expect(performance.now() - start).toBeGreaterThanOrEqual(28)
  const response = await client.readResponse()
  expect(performance.now() - start).toBeGreaterThanOrEqual(28 + 12 * 4)
  // Role, ten tokens, finish and [DONE] in chunks of their own.
  expect(response.message.chunkSizes).toHaveLength(13)
  client.reset()
})

test('without delays a stream is one write, and ends with [DONE]', async () => {
  const { port } = await startSimulator()
  const response = await exchangeRaw(port, chat({ stream: true }))
  expect(response.message.chunkSizes).toHaveLength(1)
  expect(response.header('content-type')).toContain('text/event-stream')
  expect(response.text.endsWith('data: [DONE]\n\n')).toBe(true)
})

test('a reset ends a stream without a clean end, a hang leaves it open', async () => {
  const resetting = await startSimulator({ resetRate: 1, interTokenMs: 1 })
  const client = await connectRaw(resetting.port)
  await client.write(chat({ stream: true }))
  expect((await client.whenClosed()).kind).toBe('reset')
  expect(client.text).not.toContain('[DONE]')

  const hanging = await startSimulator({ hangRate: 1 })
  const waiting = await connectRaw(hanging.port)
  await waiting.write(chat({}))
  await expect(waiting.readResponse({ deadlineMs: 50 })).rejects.toThrow('not within')
  expect(waiting.isClosed).toBe(false)
})

test('the same seed gives the same faults, in the share that was asked for', async () => {
  const run = async () => {
    const { port } = await startSimulator({ failRate: 0.3, failStatus: 503, seed: 7 })
    const statuses: number[] = []
    for (let count = 0; count < 60; count++) statuses.push((await exchangeRaw(port, chat({}))).status)
    return statuses
  }
  const first = await run()
  expect(await run()).toEqual(first)
  const failed = first.filter((status) => status === 503).length
  expect(failed).toBeGreaterThan(8)
  expect(failed).toBeLessThan(30)
})

test('Anthropic messages: whole, streamed, tools, errors, counting', async () => {
  const { url, port } = await startSimulator()
  const body = { model: 'claude', max_tokens: 100, messages }
  const whole = await post(`${url}/v1/messages`, body)
  expect(whole.json).toMatchObject({ type: 'message', stop_reason: 'end_turn', usage: { output_tokens: 32 } })
  const bytes = renderRequest('POST', '/v1/messages', {}, JSON.stringify({ ...body, stream: true }))
  const events = (await exchangeRaw(port, bytes)).text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [])
  expect(events.map(([, name]) => name)).toEqual([
    'message_start',
    'content_block_start',
    'ping',
    ...Array.from({ length: 32 }, () => 'content_block_delta'),
    'content_block_stop',
    'message_delta',
    'message_stop',
  ])
  const text = events.map(([, , data]) => JSON.parse(data ?? '{}').delta?.text ?? '').join('')
  expect(whole.json).toMatchObject({ content: [{ type: 'text', text }] })

  const tools = [{ name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }]
  const asked = await post(`${url}/v1/messages`, { ...body, tools, tool_choice: { type: 'any' } })
  expect(asked.json).toMatchObject({ stop_reason: 'tool_use', content: [{ type: 'tool_use', name: 'get_weather' }] })
  const results = [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'rain' }] }]
  const answered = await post(`${url}/v1/messages`, { ...body, tools, messages: [...messages, ...results] })
  expect(answered.json).toMatchObject({ content: [{ text: 'The tool answered: rain' }] })

  const refused = await post(`${url}/v1/messages`, { model: 'claude', messages })
  expect(refused).toMatchObject({ status: 400, json: { type: 'error', error: { type: 'invalid_request_error' } } })
  const counted = await post(`${url}/v1/messages/count_tokens`, body)
  expect(counted.json).toEqual({ input_tokens: 12 })
})

test('sentiment and rerank', async () => {
  const { url } = await startSimulator()
  const ask = async (body: object) => (await post(`${url}/any/base/sentiment`, body)).json
  expect(await ask({ text: 'I love this great product' })).toMatchObject({ label: 'positive' })
  expect(await ask({ input: 'a terrible, slow thing' })).toMatchObject({ label: 'negative' })
  expect(await ask({ input: ['fine', 'bad'] })).toMatchObject({
    results: [{ label: 'positive' }, { label: 'negative' }],
  })
  const ranked = await post(`${url}/v1/rerank`, { query: 'blue sky', documents: ['tax law', 'a blue sky'], top_n: 1 })
  expect(ranked.json).toMatchObject({ results: [{ index: 1 }] })
})

test.each([
  ['broken JSON', 'POST', '/v1/chat/completions', '{"a":', 400, 'invalid_json'],
  ['a list for an object', 'POST', '/v1/chat/completions', '[]', 400, 'invalid_json'],
  ['an unknown path', 'POST', '/v1/nothing', '{}', 404, 'unknown_url'],
  ['a wrong method', 'GET', '/v1/embeddings', '', 405, 'method_not_allowed'],
])('%s is refused in the shape OpenAI uses', async (_, method, target, body, status, code) => {
  const { port } = await startSimulator()
  const response = await exchangeRaw(port, renderRequest(method, target, {}, body))
  expect(response.status).toBe(status)
  expect(response.json()).toMatchObject({ error: { code, type: 'invalid_request_error' } })
})

test('a body that is announced too large is refused before it comes', async () => {
  const { port } = await startSimulator()
  const head = renderHead('POST /v1/embeddings HTTP/1.1', { host: 'a', 'content-length': '100000000' })
  const response = await exchangeRaw(port, head)
  expect([response.status, response.header('connection')]).toEqual([413, 'close'])
})

test('health is answered, and stop lets a running stream end', async () => {
  const { createSimulator } = await import('../../src/simulator/create-simulator.ts')
  const { defaultSimulatorSettings } = await import('../../src/simulator/simulator-settings.ts')
  const simulator = createSimulator({ ...defaultSimulatorSettings, port: 0, ttftMs: 1, interTokenMs: 3 })
  const { port } = await simulator.start()
  expect((await exchangeRaw(port, renderRequest('GET', '/healthz'))).text).toBe('ok')
  const client = await connectRaw(port)
  await client.write(chat({ stream: true }))
  await client.whenReceived('data: ')
  const stopped = simulator.stop()
  expect((await client.readResponse()).text).toContain('[DONE]')
  await stopped
  await client.whenClosed()
})
