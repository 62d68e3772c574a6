// The instruments of one route, resolved when it is bound: settling an exchange hashes no label.
import type { ErrorOwner } from '../errors/error-table.ts'
import type { Metrics } from './metrics.ts'
import type { CounterSeries, HistogramSeries } from './series.ts'

export type StreamOutcome = 'complete' | 'incomplete' | 'client_closed' | 'timeout'
export type AttemptOutcome =
  | 'ok'
  | 'error_status'
  | 'connect_failure'
  | 'reset'
  | 'timeout'
  | 'invalid_response'
  | 'cancelled'
export type TokenType = 'input' | 'output' | 'cached_input' | 'reasoning'

/** Made with the first answer of a target: a route that only ever refused has no durations. */
type AnswerSeries = Readonly<{
  duration: HistogramSeries
  overhead: HistogramSeries
  firstToken: HistogramSeries
  perToken: HistogramSeries
}>

type TargetSeries = {
  answers: AnswerSeries | null
  requests: Map<string, CounterSeries>
  attempts: Map<string, CounterSeries>
  streams: Map<string, CounterSeries>
  tokens: Map<string, HistogramSeries>
}

/** One a route; its targets' series are made when first used. Statuses are few, so are series. */
export class ExchangeSeries {
  readonly #metrics: Metrics
  readonly #labels: Readonly<{ route: string; model: string }>
  #openStreams: CounterSeries | null = null
  readonly #targets = new Map<string, TargetSeries>()

  constructor(metrics: Metrics, routeId: string, modelName: string | null) {
    this.#metrics = metrics
    this.#labels = { route: routeId, model: modelName ?? '' }
  }

  countRequest(target: string, provider: string, status: number, owner: ErrorOwner | 'none'): void {
    const series = this.#target(target)
    find(series.requests, `${status} ${owner}`, () =>
      this.#metrics.requests.series({ route: this.#labels.route, target, provider, status: String(status), owner }),
    ).increment()
  }

  countAttempt(target: string, outcome: AttemptOutcome): void {
    const series = this.#target(target)
    find(series.attempts, outcome, () => this.#metrics.attempts.series({ target, outcome })).increment()
  }

  countStream(target: string, outcome: StreamOutcome): void {
    const series = this.#target(target)
    find(series.streams, outcome, () => this.#metrics.streamOutcomes.series({ outcome })).increment()
  }

  changeOpenStreams(by: 1 | -1): void {
    this.#openStreams ??= this.#metrics.streamsOpen.series({})
    this.#openStreams.increment(by)
  }

  observeDuration(target: string, seconds: number, overheadSeconds: number): void {
    const series = this.#answers(target)
    series.duration.observe(seconds)
    series.overhead.observe(overheadSeconds)
  }

  observeFirstToken(target: string, seconds: number): void {
    this.#answers(target).firstToken.observe(seconds)
  }

  observePerToken(target: string, seconds: number): void {
    this.#answers(target).perToken.observe(seconds)
  }

  observeTokens(target: string, type: TokenType, count: number): void {
    const series = this.#target(target)
    find(series.tokens, type, () =>
      this.#metrics.tokenUsage.series({ ...this.#labels, target, gen_ai_token_type: type }),
    ).observe(count)
  }

  #answers(target: string): AnswerSeries {
    const series = this.#target(target)
    if (series.answers === null) {
      const labels = { ...this.#labels, target }
      series.answers = {
        duration: this.#metrics.requestDuration.series(labels),
        overhead: this.#metrics.overhead.series(labels),
        firstToken: this.#metrics.timeToFirstToken.series(labels),
        perToken: this.#metrics.timePerOutputToken.series(labels),
      }
    }
    return series.answers
  }

  #target(target: string): TargetSeries {
    let series = this.#targets.get(target)
    if (series === undefined) {
      series = { answers: null, requests: new Map(), attempts: new Map(), streams: new Map(), tokens: new Map() }
      this.#targets.set(target, series)
    }
    return series
  }
}

function find<T>(map: Map<string, T>, key: string, create: () => T): T {
  let value = map.get(key)
  if (value === undefined) {
    value = create()
    map.set(key, value)
  }
  return value
}
