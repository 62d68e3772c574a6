// Counters and histograms whose hot path is one array write: a labelled series is resolved once (per route and
// target) and kept. prom-client renders them; its own `inc(labels)` hashes every label on every call.
import type { Registry } from 'prom-client'

type Labels = Readonly<Record<string, string>>
type Sample = { labels: Record<string, string | number>; value: number; metricName?: string }

/** The part of prom-client's Metric that its registry asks for when scraped. */
type RegisteredMetric = Parameters<Registry['registerMetric']>[0]

export class CounterSeries {
  value = 0

  increment(by = 1): void {
    this.value += by
  }
}

export class Counters {
  readonly #series = new Map<string, { labels: Labels; series: CounterSeries }>()

  constructor(registry: Registry, name: string, help: string, type: 'counter' | 'gauge' = 'counter') {
    register(registry, name, help, type, () => {
      const samples: Sample[] = []
      for (const { labels, series } of this.#series.values())
        samples.push({ labels: { ...labels }, value: series.value })
      return samples
    })
  }

  /** The series of these labels; keep it. Label values come from configuration only. */
  series(labels: Labels): CounterSeries {
    return findOrCreate(this.#series, labels, () => new CounterSeries())
  }

  /** Forgets the series with a `route` that is not among these. */
  keepRoutes(routes: ReadonlySet<string>): void {
    forgetOtherRoutes(this.#series, routes)
  }
}

export class HistogramSeries {
  readonly #bounds: readonly number[]
  readonly counts: Float64Array
  sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    const bounds = this.#bounds
    let at = 0
    while (at < bounds.length && value > (bounds[at] ?? 0)) at++
    this.counts[at] = (this.counts[at] ?? 0) + 1
    this.sum += value
  }
}

export class Histograms {
  readonly #series = new Map<string, { labels: Labels; series: HistogramSeries }>()
  readonly #bounds: readonly number[]

  /** `bounds`: upper bounds, ascending, in the metric's own unit. */
  constructor(registry: Registry, name: string, help: string, bounds: readonly number[]) {
    this.#bounds = bounds
    register(registry, name, help, 'histogram', () => this.#collect(name))
  }

  series(labels: Labels): HistogramSeries {
    return findOrCreate(this.#series, labels, () => new HistogramSeries(this.#bounds))
  }

  /** Forgets the series with a `route` that is not among these. */
  keepRoutes(routes: ReadonlySet<string>): void {
    forgetOtherRoutes(this.#series, routes)
  }

  #collect(name: string): Sample[] {
    const samples: Sample[] = []
    for (const { labels, series } of this.#series.values()) {
      let total = 0
      series.counts.forEach((count, at) => {
        total += count
        const le = this.#bounds[at] ?? '+Inf'
        samples.push({ labels: { ...labels, le }, value: total, metricName: `${name}_bucket` })
      })
      samples.push({ labels: { ...labels }, value: series.sum, metricName: `${name}_sum` })
      samples.push({ labels: { ...labels }, value: total, metricName: `${name}_count` })
    }
    return samples
  }
}

function findOrCreate<T>(map: Map<string, { labels: Labels; series: T }>, labels: Labels, create: () => T): T {
  const key = JSON.stringify(labels)
  let entry = map.get(key)
  if (entry === undefined) {
    entry = { labels, series: create() }
    map.set(key, entry)
  }
  return entry.series
}

/** An empty `route` is none: what reached no route is counted for good. */
function forgetOtherRoutes(map: Map<string, { labels: Labels }>, routes: ReadonlySet<string>): void {
  for (const [key, { labels }] of map) {
    const { route = '' } = labels
    if (route !== '' && !routes.has(route)) map.delete(key)
  }
}

function register(registry: Registry, name: string, help: string, type: string, collect: () => Sample[]): void {
  const metric = {
    name,
    help,
    type,
    aggregator: 'sum',
    get: async () => ({ name, help, type, values: collect(), aggregator: 'sum' }),
    reset: () => {},
  }
  registry.registerMetric(metric as unknown as RegisteredMetric)
}
