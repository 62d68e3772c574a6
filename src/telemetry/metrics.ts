// Every instrument of the data plane, named as in docs/metrics.md. Labels come from configuration only.
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { renderMetrics } from './render-metrics.ts'
import { Counters, Histograms, type Instrument } from './series.ts'

// OTel's advised buckets for GenAI durations: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/
const durationSeconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
const firstTokenSeconds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const perTokenSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]
const tokens = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304]
const overheadSeconds = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5]
const compileSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5]

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 })
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  const instruments: Instrument[] = []
  const keep = <T extends Instrument>(instrument: T): T => {
    instruments.push(instrument)
    return instrument
  }
  const histograms = (name: string, help: string, bounds: readonly number[]) => keep(new Histograms(name, help, bounds))
  const counters = (name: string, help: string, type?: 'counter' | 'gauge') => keep(new Counters(name, help, type))
  const streamsOpen = counters('sluice_streams_open', 'Streams being relayed now', 'gauge')
  // There from the start: a gauge that is absent until the first stream looks like a scrape that failed.
  streamsOpen.series({})
  return {
    contentType: registry.contentType,
    /** The text of /metrics. */
    render: () => renderMetrics(registry, instruments),
    requestDuration: histograms(
      'gen_ai_server_request_duration_seconds',
      'Time from the first byte of a request to the end of its answer',
      durationSeconds,
    ),
    timeToFirstToken: histograms(
      'gen_ai_server_time_to_first_token_seconds',
      'Time from the start of a streamed request to its first event',
      firstTokenSeconds,
    ),
    timePerOutputToken: histograms(
      'gen_ai_server_time_per_output_token_seconds',
      'Mean time between the output tokens of a stream, the first one left out',
      perTokenSeconds,
    ),
    tokenUsage: histograms('gen_ai_client_token_usage', 'Tokens a request, as the backend reported them', tokens),
    requests: counters('sluice_requests_total', 'Answered requests'),
    overhead: histograms(
      'sluice_gateway_overhead_seconds',
      'Time spent in Sluice: backend and the reading of the request body excluded',
      overheadSeconds,
    ),
    attempts: counters('sluice_upstream_attempts_total', 'Tries against a target, by how they ended'),
    targetHealthy: counters('sluice_target_healthy', 'Share of a target that is in service: 1 all, 0 nothing', 'gauge'),
    streamsOpen,
    streamOutcomes: counters('sluice_stream_outcomes_total', 'Ended streams, by how they ended'),
    limitDecisions: counters('sluice_limit_decisions_total', 'Requests that a limit decided on'),
    cost: counters('sluice_cost_total', 'What answers cost by the prices of their targets, in currency units'),
    jwksFetches: counters('sluice_jwks_fetches_total', 'Fetches of issuers’ public keys, by result'),
    /** Has a series only where a store is shared. */
    limitStoreUp: counters('sluice_limit_store_up', '1 while Redis counts limits', 'gauge'),
    upstreamConnections: gauge('sluice_upstream_connections', 'Open connections to backends'),
    draining: gauge('sluice_draining', '1 while this replica is shutting down'),
    configGeneration: gauge('sluice_config_generation', 'Count of tables published by this process'),
    configCompile: new Histogram({
      name: 'sluice_config_compile_seconds',
      help: 'Time to compile all resources into a table',
      buckets: compileSeconds,
      registers: [registry],
    }),
    configPropagation: new Histogram({
      name: 'sluice_config_propagation_seconds',
      help: 'Time from the first event of a change to the swap of the table',
      buckets: compileSeconds,
      registers: [registry],
    }),
    configProblems: gauge('sluice_config_problems', 'Objects and files in trouble now', ['kind', 'reason']),
    configLoadErrors: counters('sluice_config_load_errors_total', 'Reads of a source that failed'),
    configEventAge: gauge('sluice_config_last_event_age_seconds', 'Time since a source last heard of a kind', ['kind']),
  }
}

/** Routes come and go for as long as the process runs; the series of those that are gone go too. */
export function keepRouteSeries(metrics: Metrics, routeIds: ReadonlySet<string>): void {
  const { requests, requestDuration, timeToFirstToken, timePerOutputToken, tokenUsage, overhead } = metrics
  for (const instrument of [requests, requestDuration, timeToFirstToken, timePerOutputToken, tokenUsage, overhead]) {
    instrument.keepRoutes(routeIds)
  }
}
