// Hedging: where a route asks for it, a request with one answer that takes longer than most is made a second time on
// another target; the first good answer is the only one, the other attempt ends at once, and few are hedged.
import { expect, test } from 'vitest'
import { Hedging } from '../../src/upstream/hedge/hedging.ts'
import { type HttpBackendHandler, json } from '../support/http-backend.ts'
import { renderEvent } from '../support/http-bytes.ts'
import { until } from '../support/until.ts'
import { readMetric } from './fault-gateway.ts'
import { answerAs, type RetryGateway, startRetryGateway } from './retry-gateway.ts'

type Held = Readonly<{ answer(handler: HttpBackendHandler): void }>

/**
 * Both targets answer at once until `hold` is called: a busy machine may hedge some of those. Then the first one holds every
 * request back, and the second does what it is there for.
 */
async function start(second: HttpBackendHandler, hedge: object | null = { maxPercent: 50 }) {
  const held: Held[] = []
  const hedged: string[] = []
  let isHolding = false
  const gateway = await startRetryGateway({
    targets: [
      (request, response) => {
        if (!isHolding) return json(200, answerAs('first'))(request, response)
        held.push({ answer: (handler) => void handler(request, response) })
      },
      (request, response) => {
        if (!isHolding) return json(200, answerAs('second'))(request, response)
        hedged.push(request.url)
        return second(request, response)
      },
    ],
    retry: { attempts: 1, conditions: ['5xx'], ...(hedge && { hedge }) },
    models: [{ pricing: { input: '1', output: '1', currency: 'EUR' } }, {}],
  })
  return {
    ...gateway,
    held,
    /** What the second target was asked since `hold`. */
    hedged,
    hold: () => {
      isHolding = true
    },
  }
}

/** So many answers that the route knows how long they take. */
async function warmUp({ ask }: RetryGateway, count = 40): Promise<void> {
  for (let time = 0; time < count; time++) expect((await ask()).status).toBe(200)
}

test('the second target answers, the first attempt ends at once, and the usage is counted once', async () => {
  const gateway = await start(json(200, answerAs('second')))
  await warmUp(gateway)
  const { backends, log } = gateway
  const before = await readMetric(gateway, 'sluice_upstream_attempts_total', { outcome: 'cancelled' })
  const linesBefore = log.length
  gateway.hold()
  const response = await gateway.ask()
  expect(await response.json()).toEqual(answerAs('second'))
  expect([response.headers.get('x-sluice-target'), response.headers.get('x-sluice-attempts')]).toEqual([
    'default/t1',
    '2',
  ])
  await until(() => backends[0]?.countOpenSockets() === 0, 'the first attempt has ended')
  expect(await readMetric(gateway, 'sluice_upstream_attempts_total', { outcome: 'cancelled' })).toBe(before + 1)
  const line = await until(() => log.slice(linesBefore).find(({ attempts }) => attempts === 2), 'the log line')
  expect(line).toMatchObject({ status: 200, target: 'default/t1', inputTokens: 3, outputTokens: 2 })
  expect(log.filter(({ requestId }) => requestId === line.requestId)).toHaveLength(1)
})

test('the first one answers after all: the second ends, and the answer is the first’s', async () => {
  const gateway = await start(() => {})
  await warmUp(gateway)
  gateway.hold()
  const asking = gateway.ask()
  await until(() => gateway.held.length === 1 && gateway.hedged.length === 1, 'it is hedged')
  gateway.held[0]?.answer(json(200, answerAs('late')))
  const response = await asking
  expect([response.headers.get('x-sluice-target'), await response.json()]).toEqual(['default/t0', answerAs('late')])
  await until(() => gateway.backends[1]?.countOpenSockets() === 0, 'the second attempt has ended')
})

test('an error of the one does not end the other', async () => {
  const gateway = await start(json(500, { error: { message: 'x' } }))
  await warmUp(gateway)
  gateway.hold()
  const asking = gateway.ask()
  await until(() => gateway.held.length === 1 && gateway.hedged.length === 1, 'it is hedged')
  await until(
    async () => (await readMetric(gateway, 'sluice_upstream_attempts_total', { outcome: 'error_status' })) === 1,
    'the hedge has failed',
  )
  gateway.held[0]?.answer(json(200, answerAs('late')))
  expect([(await asking).status, gateway.backends[0]?.requests.length]).toEqual([200, 41])
})

test('when both fail, the last error is passed on', async () => {
  const gateway = await start(json(500, { error: { message: 'second' } }))
  await warmUp(gateway)
  gateway.hold()
  const asking = gateway.ask()
  await until(() => gateway.held.length === 1 && gateway.hedged.length === 1, 'it is hedged')
  await until(
    async () => (await readMetric(gateway, 'sluice_upstream_attempts_total', { outcome: 'error_status' })) === 1,
    'the hedge has failed',
  )
  gateway.held[0]?.answer(json(400, { error: { message: 'first' } }))
  expect((await asking).status).toBe(400)
})

test('a client that leaves ends both', async () => {
  const gateway = await start(() => {})
  await warmUp(gateway)
  gateway.hold()
  const leaving = new AbortController()
  const asking = gateway.ask({}, { signal: leaving.signal })
  await until(() => gateway.held.length === 1 && gateway.hedged.length === 1, 'it is hedged')
  leaving.abort()
  await expect(asking).rejects.toThrow()
  await until(() => gateway.backends.every((backend) => backend.countOpenSockets() === 0), 'both have ended')
})

test.each([
  ['a stream', { stream: true }, { maxPercent: 50 }],
  ['a route that does not ask for it', {}, null],
])('%s is not hedged', async (_, fields, hedge) => {
  const gateway = await start(json(200, answerAs('second')), hedge)
  await warmUp(gateway)
  gateway.hold()
  const asking = gateway.ask(fields)
  const held = await until(() => gateway.held[0], 'it is asked')
  const next = gateway.ask()
  await until(() => gateway.held.length === 2, 'the next is too')
  held.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'stream' in fields ? 'text/event-stream' : 'application/json' })
    response.end('stream' in fields ? renderEvent('[DONE]') : '{}')
  })
  gateway.held[1]?.answer(json(200, answerAs('first')))
  expect([(await asking).headers.get('x-sluice-attempts'), (await next).status]).toEqual(['1', 200])
})

test('no more than the share that was said', () => {
  const hedging = new Hedging(95, 5)
  let hedged = 0
  for (let request = 0; request < 1_000; request++) {
    hedging.noteRequest()
    if (hedging.take()) hedged++
  }
  expect(hedged).toBeLessThanOrEqual(51)
})

test('the delay is the percentile of the latest answers, once there are enough of them', () => {
  const hedging = new Hedging(95, 5)
  for (let answer = 1; answer < 20; answer++) hedging.noteAnswer(answer)
  expect(hedging.noteRequest()).toBeNull()
  hedging.noteAnswer(20)
  expect(hedging.noteRequest()).toBe(20)
  for (let answer = 0; answer < 256; answer++) hedging.noteAnswer(7)
  expect(hedging.noteRequest()).toBe(7)
})
