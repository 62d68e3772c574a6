// A scrape of thousands of routes holds up no request: the page is rendered in pieces, with turns of the loop between.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createMetrics } from '../../src/telemetry/metrics.ts'

const readPage = async (metrics: ReturnType<typeof createMetrics>) => (await Array.fromAsync(metrics.render())).join('')

test('counters, gauges and histograms in the text format, labels escaped', async () => {
  const metrics = createMetrics()
  metrics.requests.series({ route: 'a/b', target: 'back\\slash "quote"\nline' }).increment(3)
  metrics.streamsOpen.series({}).increment(2)
  const duration = metrics.requestDuration.series({ route: 'a/b' })
  duration.observe(0.015)
  duration.observe(1000)
  metrics.timeToFirstToken.series({ route: 'never streamed' })
  const lines = (await readPage(metrics)).split('\n')
  expect(lines).toContain('# TYPE sluice_requests_total counter')
  expect(lines).toContain('sluice_requests_total{route="a/b",target="back\\\\slash \\"quote\\"\\nline"} 3')
  expect(lines).toContain('# TYPE sluice_streams_open gauge')
  expect(lines).toContain('sluice_streams_open 2')
  const name = 'gen_ai_server_request_duration_seconds'
  expect(lines).toContain(`${name}_bucket{route="a/b",le="0.01"} 0`)
  expect(lines).toContain(`${name}_bucket{route="a/b",le="0.02"} 1`)
  expect(lines).toContain(`${name}_bucket{route="a/b",le="+Inf"} 2`)
  expect(lines).toContain(`${name}_sum{route="a/b"} 1000.015`)
  expect(lines).toContain(`${name}_count{route="a/b"} 2`)
  expect(lines.filter((line) => line.includes('never streamed'))).toEqual([])
  expect(lines).toContain('# TYPE gen_ai_server_time_to_first_token_seconds histogram')
  expect(lines.some((line) => line.startsWith('sluice_config_compile_seconds_bucket{'))).toBe(true)
})

test('three thousand routes: the loop turns all through the page', async () => {
  const metrics = createMetrics()
  for (let at = 0; at < 3_000; at += 1) {
    const labels = { route: `team/route-${at}`, model: 'gemma', target: `team/route-${at} service` }
    metrics.requestDuration.series(labels).observe(0.1)
    metrics.overhead.series(labels).observe(0.0001)
  }
  let turns = 0
  let isDone = false
  const count = async () => {
    for (; !isDone; turns += 1) await nextTurn()
  }
  const counting = count()
  const pieces = await Array.fromAsync(metrics.render())
  isDone = true
  await counting
  const lengths = pieces.map(({ length }) => length)
  expect(lengths.reduce((sum, length) => sum + length)).toBeGreaterThan(10_000_000)
  expect(Math.max(...lengths)).toBeLessThan(300_000)
  expect(turns).toBeGreaterThanOrEqual(pieces.length - 2)
})
