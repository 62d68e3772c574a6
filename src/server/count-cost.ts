// Counts what exchanges cost. Labels are names of the configuration: a consumer's group, a model, a currency.
import { readAmountAsNumber } from '../routing/money.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { CounterSeries } from '../telemetry/series.ts'
import type { BoundMember } from '../upstream/bound-route.ts'
import type { Exchange } from '../upstream/exchange.ts'
import type { MeteredUsage } from './meter-usage.ts'

/** By consumer group; found again without rendering a label while the member is in the table. */
const seriesByMember = new WeakMap<BoundMember, Map<string, CounterSeries>>()

export function countCost(metrics: Metrics, exchange: Exchange, used: MeteredUsage | null): void {
  const { member, caller, route } = exchange
  if (member === null || used === null || used.cost === null || used.currency === null) return
  let byGroup = seriesByMember.get(member)
  if (byGroup === undefined) {
    byGroup = new Map()
    seriesByMember.set(member, byGroup)
  }
  const group = caller?.group ?? ''
  let series = byGroup.get(group)
  if (series === undefined) {
    const model = member.target.modelName ?? route?.route.modelName ?? ''
    series = metrics.cost.series({ consumer_group: group, model, currency: used.currency })
    byGroup.set(group, series)
  }
  series.increment(readAmountAsNumber(used.cost))
}
