// Counters and histograms whose hot path is one array write: a labelled series is resolved once (per route and
// target) and kept, its labels' text with it. prom-client's own `inc(labels)` hashes every label on every call, and its
// registry renders all series of thousands of routes in one go.

type Labels = Readonly<Record<string, string>>

/** `text`: the labels as /metrics shows them. */
type Entry<T> = Readonly<{ labels: Labels; text: string; series: T }>

/** Renders itself in Prometheus' text format, a piece for each series. */
export interface Instrument {
  render(): Iterable<string>
}

export class CounterSeries {
  value = 0

  increment(by = 1): void {
    this.value += by
  }
}

export class Counters implements Instrument {
  readonly #series = new Map<string, Entry<CounterSeries>>()
  readonly #name: string
  readonly #head: string

  constructor(name: string, help: string, type: 'counter' | 'gauge' = 'counter') {
    this.#name = name
    this.#head = renderHead(name, help, type)
  }

  *render(): Generator<string> {
    yield this.#head
    for (const { text, series } of this.#series.values()) {
      yield `${this.#name}${text === '' ? '' : `{${text}}`} ${series.value}\n`
    }
  }

  /** The series of these labels; keep it. Label values come from configuration only. */
  series(labels: Labels): CounterSeries {
    return findOrCreate(this.#series, labels, () => new CounterSeries())
  }

  /** Forgets the series with a `route` that is not among these. */
  keepRoutes(routes: ReadonlySet<string>): void {
    forgetOthers(this.#series, 'route', routes)
  }

  /** The same of `target`. */
  keepTargets(targets: ReadonlySet<string>): void {
    forgetOthers(this.#series, 'target', targets)
  }

  /** The same of `limit`. */
  keepLimits(limits: ReadonlySet<string>): void {
    forgetOthers(this.#series, 'limit', limits)
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

export class Histograms implements Instrument {
  readonly #series = new Map<string, Entry<HistogramSeries>>()
  readonly #bounds: readonly number[]
  readonly #name: string
  readonly #head: string

  /** `bounds`: upper bounds, ascending, in the metric's own unit. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#bounds = bounds
    this.#name = name
    this.#head = renderHead(name, help, 'histogram')
  }

  /** A series without an observation is left out: most routes never stream. */
  *render(): Generator<string> {
    yield this.#head
    for (const { text, series } of this.#series.values()) {
      const piece = this.#renderSeries(text, series)
      if (piece !== '') yield piece
    }
  }

  series(labels: Labels): HistogramSeries {
    return findOrCreate(this.#series, labels, () => new HistogramSeries(this.#bounds))
  }

  /** Forgets the series with a `route` that is not among these. */
  keepRoutes(routes: ReadonlySet<string>): void {
    forgetOthers(this.#series, 'route', routes)
  }

  #renderSeries(text: string, { counts, sum }: HistogramSeries): string {
    const name = this.#name
    const labels = text === '' ? '' : `${text},`
    let lines = ''
    let total = 0
    for (let at = 0; at < counts.length; at++) {
      total += counts[at] ?? 0
      lines += `${name}_bucket{${labels}le="${this.#bounds[at] ?? '+Inf'}"} ${total}\n`
    }
    if (total === 0) return ''
    const braced = text === '' ? '' : `{${text}}`
    return `${lines}${name}_sum${braced} ${sum}\n${name}_count${braced} ${total}\n`
  }
}

function findOrCreate<T>(map: Map<string, Entry<T>>, labels: Labels, create: () => T): T {
  const key = JSON.stringify(labels)
  let entry = map.get(key)
  if (entry === undefined) {
    entry = { labels, text: renderLabels(labels), series: create() }
    map.set(key, entry)
  }
  return entry.series
}

/** An empty `route` is none: what reached no route is counted for good. */
function forgetOthers(
  map: Map<string, Readonly<{ labels: Labels }>>,
  label: 'route' | 'limit' | 'target',
  kept: ReadonlySet<string>,
): void {
  for (const [key, { labels }] of map) {
    const value = labels[label] ?? ''
    if (value !== '' && !kept.has(value)) map.delete(key)
  }
}

function renderHead(name: string, help: string, type: string): string {
  return `\n# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information */
function renderLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escapeCharacter)}"`)
    .join()
}

function escapeCharacter(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`
}
