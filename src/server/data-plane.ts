// What the request path is made of: handed to every step, constructed once by the composition root.
import type { ExhaustedLimits } from '../policies/limits/exhausted-limits.ts'
import type { LimitStore } from '../policies/limits/store.ts'
import type { SnapshotHolder } from '../routing/snapshot.ts'
import type { AccessLog } from '../telemetry/access-log.ts'
import type { ExchangeSeries } from '../telemetry/exchange-series.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { BoundTable } from '../upstream/bound-route.ts'
import type { Exchange, Lifecycle } from '../upstream/exchange.ts'
import type { ClientAddressReader } from './client-address.ts'

export type DataPlane = Readonly<{
  snapshot: SnapshotHolder<BoundTable>
  lifecycle: Lifecycle
  limits: LimitStore
  /** What the store has just refused. */
  exhausted: ExhaustedLimits
  metrics: Metrics
  /** Counts what never reached a route. */
  unroutedSeries: ExchangeSeries
  accessLog: AccessLog
  /** For what was thrown where nothing should be. */
  reportBug: (error: unknown) => void
  readClientAddress: ClientAddressReader
  bodyLimitBytes: number
  /** Exchanges under way: what a drain waits for. */
  exchanges: Set<Exchange>
}>
