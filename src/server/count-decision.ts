// Counts what limits decided. Series are looked up by a limit's identity: it lives as long as it is in the table.
import type { Limit } from '../routing/limit.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { CounterSeries } from '../telemetry/series.ts'

/** `warned`: admitted, and over the soft percent of a budget. */
export type LimitDecision = 'admitted' | 'refused' | 'warned'

const seriesByLimit = new WeakMap<Limit, Map<LimitDecision, CounterSeries>>()

export function countDecision(metrics: Metrics, limit: Limit, decision: LimitDecision): void {
  let byDecision = seriesByLimit.get(limit)
  if (byDecision === undefined) {
    byDecision = new Map()
    seriesByLimit.set(limit, byDecision)
  }
  let series = byDecision.get(decision)
  if (series === undefined) {
    series = metrics.limitDecisions.series({ limit: limit.id, decision })
    byDecision.set(decision, series)
  }
  series.increment()
}
