// Step 13: what an exchange leaves behind, exactly once, when its response has closed.
import { GatewayError } from '../errors/gateway-error.ts'
import { renderAmount } from '../routing/money.ts'
import type { AccessRecord } from '../telemetry/access-log.ts'
import type { Exchange } from '../upstream/exchange.ts'
import { countCost } from './count-cost.ts'
import type { DataPlane } from './data-plane.ts'
import { type MeteredUsage, meterUsage } from './meter-usage.ts'
import { settleLimits } from './settle-limits.ts'

export function settle(plane: DataPlane, exchange: Exchange): void {
  if (!plane.exchanges.delete(exchange)) return
  exchange.markClosed()
  if (exchange.isAbandoned && exchange.error === null) exchange.error = new GatewayError('client_closed')
  // Whoever still waits for a backend stops: its connection goes back or is closed now (B6).
  // Its relay has said what it knows of the usage when this returns.
  let metered: MeteredUsage | null = null
  try {
    exchange.cancel(null)
    metered = meterUsage(exchange)
  } finally {
    settleLimits(exchange, metered)
  }
  countCost(plane.metrics, exchange, metered)

  const durationMs = performance.now() - exchange.startedAt
  const overheadMs = Math.max(0, durationMs - exchange.upstreamMs - exchange.bodyReadMs)
  const targetId = exchange.member?.target.id ?? ''
  const provider = exchange.member === null ? '' : (exchange.member.target.provider ?? 'service')
  const series = exchange.route?.series ?? plane.unroutedSeries
  series.countRequest(targetId, provider, exchange.finalStatus, exchange.error?.entry.owner ?? 'none')
  if (exchange.member !== null) series.observeDuration(targetId, durationMs / 1000, overheadMs / 1000)
  if (exchange.isStream) {
    series.changeOpenStreams(-1)
    exchange.streamOutcome ??= 'client_closed'
    series.countStream(targetId, exchange.streamOutcome)
    if (exchange.firstByteMs !== null) series.observeFirstToken(targetId, exchange.firstByteMs / 1000)
  }
  const { usage } = exchange
  if (usage !== null) {
    series.observeTokens(targetId, 'input', usage.input)
    series.observeTokens(targetId, 'output', usage.output)
    if (usage.cachedInput > 0) series.observeTokens(targetId, 'cached_input', usage.cachedInput)
    if (usage.reasoning > 0) series.observeTokens(targetId, 'reasoning', usage.reasoning)
    if (exchange.isStream && exchange.firstByteMs !== null && usage.output > 1) {
      series.observePerToken(targetId, (durationMs - exchange.firstByteMs) / 1000 / (usage.output - 1))
    }
  }
  plane.accessLog(describeExchange(exchange, metered, durationMs, overheadMs))
}

const maxTextLength = 256

function describeExchange(
  exchange: Exchange,
  metered: MeteredUsage | null,
  durationMs: number,
  overheadMs: number,
): AccessRecord {
  const { head, error, member } = exchange
  const hasDetail = error !== null && error.message !== error.entry.publicText
  return {
    requestId: exchange.id,
    method: head?.method ?? exchange.request.method ?? '',
    path: (head?.path ?? '').slice(0, maxTextLength),
    status: exchange.finalStatus,
    durationMs: round(durationMs),
    overheadMs: round(overheadMs),
    clientAddress: exchange.clientAddress,
    route: exchange.route?.route.id,
    target: member?.target.id,
    provider: member === null ? undefined : (member.target.provider ?? 'service'),
    attempts: member === null ? undefined : exchange.attempts,
    operation: exchange.operation ?? undefined,
    model: exchange.requestedModel?.slice(0, maxTextLength),
    consumer: exchange.caller?.consumer,
    firstByteMs: exchange.firstByteMs === null ? undefined : round(exchange.firstByteMs),
    stream: exchange.streamOutcome ?? undefined,
    inputTokens: metered?.input,
    outputTokens: metered?.output,
    usageEstimated: metered?.isEstimated || undefined,
    cost: metered?.cost ? renderAmount(metered.cost) : undefined,
    currency: metered?.currency ?? undefined,
    bytesIn: exchange.bytesIn,
    bytesOut: exchange.bytesOut,
    generation: exchange.bound.generation,
    code: error?.code,
    owner: error?.entry.owner,
    detail: hasDetail ? error.message : undefined,
    cause: error?.code === 'internal_error' && error.cause instanceof Error ? error.cause.stack : undefined,
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
