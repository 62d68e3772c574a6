// What counts against limits: in memory, or shared in Redis. One call takes all of a request's limits or none of them.
import type { Limit } from '../../routing/limit.ts'
import type { Quantity } from '../../routing/quantity.ts'

/** One limit as it applies to one request. */
export type Charge = Readonly<{
  limit: Limit
  /** Whose count it is among the limit's: the values of its `per`, unambiguous; empty where `per` is. */
  key: string
  /** Taken at once: 1 for requests and concurrency, a reserve for tokens and cost. */
  amount: Quantity
}>

/** A count after it was asked: with the request's own charge when admitted, without it when refused. */
export type LimitState = Readonly<{
  limit: Limit
  used: Quantity
  /** Until the window starts anew, over 0; null for concurrency. Milliseconds. */
  resetMs: number | null
}>

/** `held`: the part of `used` that is reserved by requests under way; some of it will come back when they end. */
export type RefusedState = LimitState & Readonly<{ held: Quantity }>

/**
 * `states`: one for each charge, in order. Refused: at least one count had reached its amount, and none was changed.
 * Unavailable: the store can't be reached and one of the limits says Deny.
 */
export type Acquisition =
  | Readonly<{ outcome: 'admitted'; states: readonly LimitState[]; hold: Hold | null }>
  | Readonly<{ outcome: 'refused'; states: readonly RefusedState[] }>
  | Readonly<{ outcome: 'unavailable' }>

/** What an admitted request holds until it has ended: permits and reserves. Its process gone, it expires by itself. */
export interface Hold {
  /**
   * Gives permits back and replaces reserves by what was used: one quantity for each charge, in order; those for
   * requests and concurrency are not read. Call once. Returns at once and never throws; a request counts in the
   * window in which it was admitted, and not at all any more when that has ended.
   */
  settle(used: readonly Quantity[]): void
}

/**
 * A request is admitted while each of its counts is under its amount: the one that crosses is admitted, so a count goes
 * over by less than one request's charge.
 */
export interface LimitStore {
  /** A value where no waiting is needed, a promise (which never rejects) where it is. */
  acquire(charges: readonly Charge[]): Acquisition | Promise<Acquisition>
  /** Forgets what no table names any more, by limit id. */
  sweep(inUse: ReadonlySet<string>): void
  stop(): Promise<void>
}
