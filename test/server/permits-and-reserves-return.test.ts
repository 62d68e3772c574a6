// E8, E9, E13: what an exchange takes while it runs it gives back, whatever way it ends and however many end at once.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { estimateInput } from '../../src/server/estimate-input.ts'
import { defaultUpstreamLimits } from '../../src/settings.ts'
import type { TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, type HttpBackendHandler, json } from '../support/http-backend.ts'
import { renderEvent } from '../support/http-bytes.ts'
import { connectRaw, exchangeRaw, type RawClient } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import { createRandom } from '../wire/random.ts'
import { readLogLine, readMetric } from './fault-gateway.ts'
import {
  readTokensUsed,
  renderChatBody,
  renderMeteredChat,
  renderMeteredModel,
  startMeteredGateway,
} from './metered-gateway.ts'

let stopAll: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stopAll.reverse()) await stop()
  stopAll = []
})

async function start(
  handler: HttpBackendHandler,
  rateLimit: object,
  extra = '',
  firstByte = '30s',
): Promise<Readonly<{ gateway: TestGateway; backend: HttpBackend }>> {
  const backend = await createHttpBackend(handler)
  const gateway = await startMeteredGateway({
    endpoint: backend.url,
    // The one backend goes on being asked, however many of its streams are cut in a row.
    settings: { upstream: { ...defaultUpstreamLimits, maxFailuresInRow: 1_000_000 } },
    consumer: { rateLimit },
    model: { timeouts: { firstByte } },
    extra,
  })
  stopAll.push(
    () => backend.close(),
    () => gateway.stop(),
  )
  return { gateway, backend }
}

const refuse = json(400, { error: { message: 'no' } })
const event = renderEvent({ choices: [{ index: 0, delta: { content: ' tok' } }] })

test('E8: a thousand streams, cut at random points by either side', async () => {
  const inFlight = 50
  const random = createRandom(11)
  const { gateway } = await start(
    (request, response) => {
      const body = request.text
      if (body.includes('"refuse":true')) return refuse(request, response)
      const count = Number(/"seed":([0-9]+)/.exec(body)?.[1])
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
      for (let at = 0; at < count; at++) response.write(event)
      if (body.includes('"user":"cut"')) response.write(': now\n\n', () => response.socket?.resetAndDestroy())
    },
    { concurrentRequests: inFlight, tokensPerDay: 1_000_000_000 },
  )
  let produced = 0
  let started = 0
  const clients = new Map<string, RawClient>()
  const runOne = async () => {
    const count = Math.floor(random() * 20)
    const isCutByBackend = random() < 0.3
    const fields = { stream: true, max_tokens: 1000, seed: count, ...(isCutByBackend && { user: 'cut' }) }
    const id = randomUUID()
    const client = await connectRaw(gateway.port)
    clients.set(id, client)
    await client.write(renderMeteredChat(fields, id))
    const isCut = () => client.isClosed || client.hasPeerEnded || client.text.startsWith('HTTP/1.1 502')
    if (isCutByBackend) await until(isCut, 'the cut', 20_000)
    else if (count > 0) await until(() => client.text.split(' tok').length > count, 'every event', 20_000)
    client.reset()
    const line = await readLogLine(gateway, id, 20_000)
    expect([499, 502, 200]).toContain(line.status)
    const charged = Number(line.inputTokens ?? 0) + Number(line.outputTokens ?? 0)
    // A reset may overtake the last events, on our side of the backend's socket: what came is what is charged.
    if (!isCutByBackend) {
      expect(charged).toBe(count === 0 ? 0 : count + estimateInput(Buffer.from(renderChatBody(fields))))
    }
    produced += charged
    clients.delete(id)
  }
  const worker = async () => {
    while (started < 1000) {
      started++
      await runOne()
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  expect(await readTokensUsed(gateway)).toBe(produced)
  expect(await readMetric(gateway, 'sluice_limit_decisions_total', { decision: 'refused' })).toBe(0)
  expect(await readMetric(gateway, 'sluice_streams_open')).toBe(0)
  // All permits are there again: as many as before fit, and not one more.
  const again = await Promise.all(
    Array.from({ length: inFlight }, async () => {
      const client = await connectRaw(gateway.port)
      await client.write(renderMeteredChat({ stream: true, seed: 1 }))
      await client.whenReceived(' tok')
      return client
    }),
  )
  expect((await exchangeRaw(gateway.port, renderMeteredChat())).status).toBe(429)
  for (const client of again) client.reset()
}, 60_000)

test('E9: two hundred at once on a nearly empty token budget go over it by less than one reserve', async () => {
  const fields = { max_tokens: 100 }
  const reserve = estimateInput(Buffer.from(renderChatBody(fields))) + 100
  const waiting: (() => void)[] = []
  const { gateway, backend } = await start(
    (request, response) => {
      // Each uses all that it may; nobody is answered before everybody has asked.
      const usage = { prompt_tokens: reserve - 100, completion_tokens: 100 }
      waiting.push(() => void json(200, { choices: [], usage })(request, response))
    },
    { tokensPerDay: 1000 },
  )
  const asked = Array.from({ length: 200 }, () =>
    exchangeRaw(gateway.port, renderMeteredChat(fields), { deadlineMs: 20_000 }),
  )
  const refused = async () => readMetric(gateway, 'sluice_limit_decisions_total', { decision: 'refused' })
  const fitting = Math.ceil(1000 / reserve)
  await until(async () => (await refused()) + waiting.length === 200, 'all 200 are decided on')
  for (const answer of waiting) answer()
  const responses = await Promise.all(asked)
  expect(responses.filter(({ status }) => status === 200)).toHaveLength(fitting)
  expect(backend.requests).toHaveLength(fitting)
  for (const response of responses) {
    if (response.status === 200) continue
    expect(response.json()).toMatchObject({ error: { code: 'token_limit_exceeded' } })
  }
  const used = fitting * reserve
  expect(used - 1000).toBeLessThan(reserve)
  // Settled, it is still spent: the next is refused too.
  await until(() => gateway.log.filter(({ status }) => status === 200).length === fitting, 'all are settled')
  expect((await exchangeRaw(gateway.port, renderMeteredChat({ max_tokens: 1 }))).status).toBe(429)
})

test('reserves keep others out only while they are held', async () => {
  const { gateway } = await start(json(200, { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }), {
    tokensPerDay: 1000,
  })
  // Each reserves more than there is, and uses next to nothing: one after the other they all fit.
  for (let count = 0; count < 5; count++) {
    const id = randomUUID()
    expect((await exchangeRaw(gateway.port, renderMeteredChat({ max_tokens: 5000 }, id))).status).toBe(200)
    await readLogLine(gateway, id)
  }
})

test('E13: the one permit returns after a success, 4xx, 5xx, an abort, a timeout, a refused connection', async () => {
  const closed = createServer()
  const port = await new Promise<number>((resolve) => {
    closed.listen(0, '127.0.0.1', () => {
      const address = closed.address()
      closed.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
  const { gateway } = await start(
    (request, response) => {
      const status = Number(/"seed":([0-9]+)/.exec(request.text)?.[1])
      if (status > 0) return json(status, status === 200 ? { choices: [] } : { error: {} })(request, response)
    },
    { concurrentRequests: 1 },
    renderMeteredModel('gone', `http://127.0.0.1:${port}`, {}),
    '300ms',
  )
  const ask = async (fields: object, shouldLeave = false) => {
    const id = randomUUID()
    const client = await connectRaw(gateway.port)
    await client.write(renderMeteredChat(fields, id))
    if (shouldLeave) {
      await until(
        async () => (await exchangeRaw(gateway.port, renderMeteredChat({ seed: 200 }))).status === 429,
        'a 429',
      )
      client.reset()
    } else await client.readResponse()
    client.socket.destroy()
    return (await readLogLine(gateway, id)).status
  }
  expect(await ask({ seed: 200 })).toBe(200)
  expect(await ask({ seed: 422 })).toBe(422)
  expect(await ask({ seed: 500 })).toBe(500)
  expect(await ask({ model: 'gone' })).toBe(502)
  expect(await ask({ seed: 0 }, true)).toBe(499)
  expect(await ask({ seed: 0 })).toBe(504)
  expect(await ask({ seed: 200 })).toBe(200)
})
