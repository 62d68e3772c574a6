// The compiled form of every quota: a number of something, per whom, per which time. Plain data of the table.
import type { Quantity } from './quantity.ts'

/** `concurrency`: requests under way at one moment. `cost`: money, by the prices of the targets. */
export type LimitUnit = 'requests' | 'tokens' | 'concurrency' | 'cost'

/** `fixed` begins with the first request it counts. `calendar` is UTC's, a week begins on Monday. */
export type LimitWindow =
  | Readonly<{ kind: 'fixed'; seconds: number }>
  | Readonly<{ kind: 'calendar'; period: 'Day' | 'Week' | 'Month' }>

/** A part of a request that has a count of its own. */
export type LimitKeyPart = 'consumer' | 'route' | 'model' | 'clientAddress'

export type Limit = Readonly<{
  /**
   * Names its counters, which outlive tables, and labels metrics: `namespace/route/requestsPerMinute`,
   * `namespace/policy/consumer/tokensPerDay`, `namespace/policy/defaults/budget/Month/USD`.
   */
  id: string
  /** The namespace. All limits of one request are of one group, so a store may keep a group in one place. */
  group: string
  unit: LimitUnit
  /** More than nothing. For `cost` see Quantity. */
  amount: Quantity
  /** Null for `concurrency` alone. */
  window: LimitWindow | null
  /** Empty: one count for everybody. */
  per: readonly LimitKeyPart[]
  /** While a shared store can't be reached: count in this process alone, or refuse. */
  onStoreFailure: 'Allow' | 'Deny'
  /** ISO 4217 code of a `cost` limit, else null. */
  currency: string | null
  /** From this share of the amount on a caller is warned, 1 to 100; null: never. */
  softPercent: number | null
}>

/** What a target charges: exact decimals per million tokens, as written (`"0.15"`). */
export type Pricing = Readonly<{ currency: string; input: string; cachedInput: string; output: string }>
