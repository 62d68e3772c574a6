// The load tests' own instruments: a wrong ruler would measure everything wrong, and nobody would see it.
import { expect, onTestFinished, test } from 'vitest'
import { Probe } from '../../loadtest/probe.ts'
import { addSample, readAdded, readRatio, readTargets, type Samples } from '../../loadtest/results.ts'
import { readVerdicts } from '../../loadtest/soak-verdict.ts'
import { spawnServer } from '../../loadtest/spawn-server.ts'
import { fitSlope, median, percentile } from '../../loadtest/statistics.ts'
import { renderChatRequest, renderEventChunks, renderUnaryAnswer, streamHead } from '../../loadtest/wire.ts'
import { lastChunk, renderChunk, renderRequest, renderStreamHead } from '../support/http-bytes.ts'
import { connectRaw, exchangeRaw } from '../support/raw-client.ts'
import { createScriptedBackend } from '../support/scripted-backend.ts'
import { until } from '../support/until.ts'

test('medians, percentiles and slopes', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, Number.NaN])
  const hundred = Array.from({ length: 100 }, (_, at) => at)
  expect([percentile(hundred, 0.5), percentile(hundred, 0.99)]).toEqual([50, 99])
  const line = fitSlope(hundred.map((x) => [x, 3 * x + (x % 2)] as const))
  expect(line.value).toBeCloseTo(3, 2)
  expect(line.uncertainty).toBeLessThan(0.01)
  expect(
    fitSlope([
      [0, 0],
      [1, 1],
    ]).uncertainty,
  ).toBe(Number.POSITIVE_INFINITY)
})

test('ratios and differences are taken within a round, so that drift cancels out', () => {
  const samples: Samples = new Map()
  // The machine halves its speed from round to round; Sluice has 0.9 of the bare relay in each.
  for (const speed of [1000, 500, 250]) {
    addSample(samples, 'direct', { p50Ms: 10 / speed })
    addSample(samples, 'bare', { requestsPerSecond: speed })
    addSample(samples, 'sluice', { requestsPerSecond: speed * 0.9, p50Ms: 10 / speed + 0.2 })
  }
  expect(readRatio(samples, 'sluice', 'bare', 'requestsPerSecond')).toBeCloseTo(0.9)
  expect(readAdded(samples, 'sluice', 'p50Ms')).toBeCloseTo(0.2)
  const [throughput, stream] = readTargets(samples)
  expect([throughput?.isMet, stream?.isMet]).toEqual([true, null])
})

test('a soak that grows, keeps sockets or meets the unexplained is bad', () => {
  const sample = (minutes: number, megabytes: number, sockets = 10) => ({
    minutes,
    rssMegabytes: megabytes,
    heapMegabytes: megabytes,
    sockets,
    files: 20,
    timers: 1,
    handles: 3,
    loopLagP99Ms: 1,
    streamsOpen: 0,
  })
  const counts = { whole: 9, abandoned: 1, failedStatus: 0, incomplete: 0, unexpected: 0 }
  const steady = (growth: number) => Array.from({ length: 60 }, (_, at) => sample(at, 100 + growth * at))
  const judge = (growth: number, sockets: number, unexpected = 0) =>
    readVerdicts({
      before: sample(0, 100),
      steady: steady(growth),
      after: sample(61, 100, sockets),
      counts: { ...counts, unexpected },
    })
      .filter(({ result }) => result !== 'good')
      .map(({ text, result }) => `${result} ${text.split(/[ :]/)[0]}`)
  expect(judge(0, 10)).toEqual([])
  expect(judge(0.5, 10)).toEqual(['bad heap', 'bad RSS'])
  expect(judge(0, 30)).toEqual(['bad sockets'])
  expect(judge(0, 10, 1)).toEqual(['bad answers'])
})

test('the probe finds the end of an answer however it is cut', async () => {
  const chunked = renderStreamHead() + renderChunk('data: 0\n\n') + renderChunk('data: 1\n\n') + lastChunk
  const backend = await createScriptedBackend(async (request, connection) => {
    const bytes = request.text.includes('"user":"unary"') ? renderUnaryAnswer() : Buffer.from(chunked)
    await connection.writeBytewise(bytes)
  })
  onTestFinished(() => backend.close())
  const probe = await Probe.connect(backend.port)
  for (const kind of ['unary', 'brief', 'unary'] as const) {
    const timing = await probe.request(renderChatRequest(kind))
    expect(timing.status).toBe(200)
    expect(timing.firstByteMs).toBeLessThanOrEqual(timing.firstBodyMs)
    expect(timing.firstBodyMs).toBeLessThanOrEqual(timing.totalMs)
  }
  expect(backend.requests).toHaveLength(3)
  probe.close()
})

test('the backend answers what is asked of it', async () => {
  const backend = await spawnServer({ name: 'backend', core: null, args: ['loadtest/backend.ts'] })
  onTestFinished(() => backend.stop())
  const unary = await exchangeRaw(backend.port, renderChatRequest('unary'))
  expect(unary.json()).toMatchObject({ object: 'chat.completion' })
  expect(unary.body.length).toBeGreaterThan(900)
  for (const kind of ['stream', 'burst'] as const) {
    const stream = await exchangeRaw(backend.port, renderChatRequest(kind))
    expect(stream.message.chunkSizes).toHaveLength(100)
    expect(stream.text.endsWith('data: [DONE]\n\n')).toBe(true)
  }
  expect((await backend.readUsage()).cpuMicros).toBeGreaterThan(0)
})

test('the bare relay passes bytes and headers, and stops upstream when the client leaves', async () => {
  const [first = Buffer.alloc(0), ...rest] = renderEventChunks(3)
  const gate = Promise.withResolvers<void>()
  const backend = await createScriptedBackend(async (request, connection) => {
    await connection.write(Buffer.concat([streamHead, first]))
    if (request.target === '/whole') await connection.writePieces(rest)
    else await gate.promise
  })
  onTestFinished(() => backend.close())
  const relay = await spawnServer({ name: 'bare', core: null, args: ['loadtest/bare-relay.ts', backend.url] })
  onTestFinished(() => relay.stop())

  const whole = await exchangeRaw(
    relay.port,
    renderRequest('POST', '/whole', { 'X-Sent': '1', connection: 'close' }, 'body'),
  )
  expect(whole.header('content-type')).toBe('text/event-stream')
  expect(whole.text.match(/^data: /gm)).toHaveLength(3)
  const seen = await backend.nextRequest()
  expect([seen.header('x-sent'), seen.text, seen.method]).toEqual(['1', 'body', 'POST'])

  const client = await connectRaw(relay.port)
  await client.write(renderRequest('GET', '/held'))
  await client.whenReceived('data: ')
  const held = await backend.nextRequest()
  client.reset()
  await held.connection.whenClosed()
  await until(() => backend.requests.length === 2, 'nothing was sent twice')
  gate.resolve()
})
