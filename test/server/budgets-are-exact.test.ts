// Money: what an answer costs is charged to the last digit to the budgets of its currency, shown in the log and counted
// in the metrics; near its end a budget warns before it refuses.
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'
import { exchangeRaw, type RawResponse } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import { readLogLine, readMetric } from './fault-gateway.ts'
import { renderMeteredChat, renderMeteredModel, startMeteredGateway } from './metered-gateway.ts'

let backend: HttpBackend
let gateway: TestGateway | null = null
beforeEach(async () => {
  backend = await createHttpBackend()
})
afterEach(async () => {
  await gateway?.stop()
  await backend.close()
})

const usage = { prompt_tokens: 11, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 3 } }
// (11 - 3) × 0.15 + 3 × 0.075 + 7 × 0.6 = 5.625 millionths
const pricing = { currency: 'USD', input: '0.15', cachedInput: '0.075', output: '0.6' }
const costOfOne = '0.000005625'

async function start(budgets: readonly object[], model: object, extra = ''): Promise<TestGateway> {
  const budgetsByMonth = budgets.map((budget) => ({ currency: 'USD', period: 'Month', ...budget }))
  gateway = await startMeteredGateway({ endpoint: backend.url, consumer: { budgets: budgetsByMonth }, model, extra })
  return gateway
}

/** Resolves when the exchange has been settled, too. */
async function ask(served: TestGateway, fields: object = {}): Promise<RawResponse> {
  const id = randomUUID()
  const response = await exchangeRaw(served.port, renderMeteredChat({ max_tokens: 1, ...fields }, id))
  await readLogLine(served, id)
  return response
}

test('a thousand small costs add up exactly: the budget of just that much ends there, not one later', async () => {
  backend.setHandler(json(200, { choices: [], usage }))
  const served = await start([{ amount: '0.005625' }], { pricing })
  for (let count = 1; count < 1000; count++) {
    if ((await ask(served)).status !== 200) throw new Error(`request ${count} was refused`)
  }
  // One is left: 999 have not spent it all.
  expect((await ask(served)).status).toBe(200)
  const refused = await ask(served)
  expect(refused.status).toBe(429)
  expect(refused.json()).toMatchObject({ error: { code: 'budget_exceeded' } })
  const cost = await readMetric(served, 'sluice_cost_total', {
    consumer_group: 'default/policy/team',
    model: 'm1',
    currency: 'USD',
  })
  expect(cost).toBeCloseTo(0.005625, 12)
}, 60_000)

test('ten tenths make one, an eleventh is too much; a billionth more, and it is not', async () => {
  backend.setHandler(json(200, { choices: [], usage: { prompt_tokens: 1000, completion_tokens: 0 } }))
  const model = { pricing: { currency: 'USD', input: '100', output: '0' } }
  // In floating point ten of them are 0.9999999999999999.
  for (const [amount, fitting] of [
    ['1', 10],
    ['1.000000001', 11],
  ] as const) {
    const served = await start([{ amount }], model)
    for (let count = 1; count <= fitting; count++) expect((await ask(served)).status, `request ${count}`).toBe(200)
    expect((await ask(served)).status).toBe(429)
    await served.stop()
  }
})

test('the log has the exact cost; usage that was estimated makes an estimated cost', async () => {
  backend.setHandler((request, response) =>
    json(200, request.text.includes('"silent":true') ? { choices: [] } : { choices: [], usage })(request, response),
  )
  const served = await start([{ amount: '1' }], { pricing })
  await ask(served)
  await ask(served, { silent: true })
  const [reported, estimated] = served.log.filter(({ msg }) => msg === 'request')
  expect(reported).toMatchObject({ cost: costOfOne, currency: 'USD', inputTokens: 11, outputTokens: 7 })
  expect(reported).not.toHaveProperty('usageEstimated')
  // {"choices":[]} is 14 bytes, its reserve was one token; the body's estimate is charged at the full price.
  expect(estimated).toMatchObject({ outputTokens: 1, usageEstimated: true, currency: 'USD' })
  const input = Number(estimated?.inputTokens)
  expect(Number(estimated?.cost)).toBeCloseTo((input * 0.15 + 0.6) / 1e6, 15)
})

test('without a budget cost is counted all the same, a stream without usage by what was streamed', async () => {
  backend.setHandler((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (let count = 0; count < 10; count++) response.write('data: {"choices":[{"delta":{"content":" x"}}]}\n\n')
    response.end('data: [DONE]\n\n')
  })
  const served = await start([], { pricing: { currency: 'EUR', input: '0', output: '2' } })
  await ask(served, { stream: true })
  expect(served.log.at(-1)).toMatchObject({ outputTokens: 10, usageEstimated: true, cost: '0.00002', currency: 'EUR' })
  expect(await readMetric(served, 'sluice_cost_total', { currency: 'EUR' })).toBeCloseTo(0.00002, 12)
})

describe('a budget is of one currency', () => {
  test('what costs another, or nothing that is known, is not on it', async () => {
    backend.setHandler(json(200, { choices: [], usage: { prompt_tokens: 1_000_000, completion_tokens: 0 } }))
    const m2 = renderMeteredModel('m2', backend.url, { pricing: { currency: 'EUR', input: '4', output: '0' } })
    const m3 = renderMeteredModel('m3', backend.url, {})
    const budgets = [{ amount: '9' }, { amount: '5', currency: 'EUR' }]
    const served = await start(budgets, { pricing: { currency: 'USD', input: '4', output: '0' } }, `${m2}\n---\n${m3}`)
    const statuses = async (model: string, count: number) => {
      const answers: number[] = []
      for (let at = 0; at < count; at++) answers.push((await ask(served, { model })).status)
      return answers
    }
    expect(await statuses('m3', 4)).toEqual([200, 200, 200, 200])
    expect(await statuses('m1', 2)).toEqual([200, 200])
    // 8 of 9 USD are spent; two times 4 of 5 EUR end that budget, for every model.
    expect(await statuses('m2', 3)).toEqual([200, 200, 429])
    expect(await statuses('m1', 1)).toEqual([429])
    expect(await readMetric(served, 'sluice_cost_total', { model: 'm1', currency: 'USD' })).toBe(8)
    expect(await readMetric(served, 'sluice_cost_total', { model: 'm2', currency: 'EUR' })).toBe(8)
    expect(await readMetric(served, 'sluice_cost_total', { model: 'm3' })).toBe(0)
  })
})

test('from its soft percent on every answer says how much is used, and a metric counts it', async () => {
  backend.setHandler(json(200, { choices: [], usage: { prompt_tokens: 100_000, completion_tokens: 0 } }))
  const model = { pricing: { currency: 'USD', input: '1', output: '0' } }
  const budgets = [
    { amount: '1', softPercent: 75 },
    { amount: '2', softPercent: 10, period: 'Week' },
    { amount: '3', period: 'Day' },
  ]
  const served = await start(budgets, model)
  const seen: (string | null)[] = []
  for (let count = 0; count < 11; count++) {
    const response = await ask(served)
    seen.push(response.header('x-sluice-budget-used-percent'))
    expect(response.status).toBe(count < 10 ? 200 : 429)
  }
  // Ten cents each; its own small reserve makes no whole percent. The higher of two is told, a refusal tells none.
  expect(seen).toEqual([null, null, '10', '15', '20', '25', '30', '35', '80', '90', null])
  const warned = (limit: string) =>
    readMetric(served, 'sluice_limit_decisions_total', {
      decision: 'warned',
      limit: `default/policy/team/budget/${limit}`,
    })
  expect([await warned('Month/USD'), await warned('Week/USD'), await warned('Day/USD')]).toEqual([2, 8, 0])
})

test('numbers no backend can mean are counted as a trillion, or not at all: never below nothing, never NaN', async () => {
  const reports = [
    { prompt_tokens: -5, completion_tokens: 3 },
    { prompt_tokens: '9', completion_tokens: 2.7 },
    { prompt_tokens: null, completion_tokens: [1] },
    { prompt_tokens: 1e308, completion_tokens: 1e308 },
  ]
  let at = 0
  backend.setHandler((request, response) => {
    const text = JSON.stringify({ choices: [], usage: reports[at++] }).replace('[1]', '1e400')
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    response.end(text)
    expect(request.method).toBe('POST')
  })
  const served = await start([{ amount: '999999999' }], {
    pricing: { currency: 'USD', input: '999999999', output: '1' },
  })
  for (const _ of reports) await ask(served)
  const lines = served.log.filter(({ msg }) => msg === 'request')
  expect(lines.map(({ inputTokens, outputTokens }) => [inputTokens, outputTokens])).toEqual([
    [0, 3],
    [0, 2],
    [0, 1e12],
    [1e12, 1e12],
  ])
  expect(lines.map(({ cost }) => cost)).toEqual(['0.000003', '0.000002', '1000000', '10000000'])
  const text = await until(async () => (await served.readMetrics()).match(/^sluice_cost_total.*$/m)?.[0], 'a cost')
  expect(Number(text.split(' ').at(-1))).toBeCloseTo(11_000_000.000005, 4)
})
