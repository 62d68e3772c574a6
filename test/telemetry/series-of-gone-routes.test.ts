// Metrics don't grow with every route there ever was: the series of a route go with it, and begin anew if it comes back.
import { expect, test } from 'vitest'
import { ExchangeSeries } from '../../src/telemetry/exchange-series.ts'
import { createMetrics, keepRouteSeries, type Metrics } from '../../src/telemetry/metrics.ts'

function countOne(metrics: Metrics, route: string): void {
  const series = new ExchangeSeries(metrics, route, 'm')
  series.countRequest('ns/t', 'OpenAI', 200, 'none')
  series.observeDuration('ns/t', 0.1, 0.001)
  series.observeFirstToken('ns/t', 0.1)
  series.observePerToken('ns/t', 0.1)
  series.observeTokens('ns/t', 'input', 1)
}

/** Lines of the exposition that name this route. */
async function readLines(metrics: Metrics, route: string): Promise<readonly string[]> {
  return (await Array.fromAsync(metrics.render()))
    .join('')
    .split('\n')
    .filter((line) => line.includes(`route="${route}"`))
}

test('a route that is gone leaves no series, the others stay', async () => {
  const metrics = createMetrics()
  for (const route of ['ns/gone', 'ns/kept', '']) countOne(metrics, route)
  const before = await Promise.all(['ns/kept', ''].map((route) => readLines(metrics, route)))
  expect(await readLines(metrics, 'ns/gone')).toHaveLength(before[0]?.length ?? 0)

  keepRouteSeries(metrics, new Set(['ns/kept']))
  expect(await readLines(metrics, 'ns/gone')).toEqual([])
  expect(await Promise.all(['ns/kept', ''].map((route) => readLines(metrics, route)))).toEqual(before)

  countOne(metrics, 'ns/gone')
  expect(await readLines(metrics, 'ns/gone')).toContainEqual(expect.stringMatching(/^sluice_requests_total\{.*\} 1$/))
})

test('a limit that is gone leaves no series either', async () => {
  const metrics = createMetrics()
  for (const limit of ['ns/gone/requestsPerDay', 'ns/kept/requestsPerDay']) {
    metrics.limitDecisions.series({ limit, decision: 'admitted' }).increment()
  }
  metrics.limitDecisions.keepLimits(new Set(['ns/kept/requestsPerDay']))
  const text = (await Array.fromAsync(metrics.render())).join('')
  expect(text).toContain('limit="ns/kept/requestsPerDay"')
  expect(text).not.toContain('ns/gone')
})
