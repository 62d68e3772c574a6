// Gives back what an exchange held and charges what it used instead.
import { readUsed } from '../policies/limits/enforce.ts'
import { nothing } from '../routing/quantity.ts'
import type { Exchange } from '../upstream/exchange.ts'
import type { MeteredUsage } from './meter-usage.ts'

/** `used` null: nothing. A second call does nothing. */
export function settleLimits(exchange: Exchange, used: MeteredUsage | null): void {
  const { holding } = exchange
  if (holding === null) return
  exchange.holding = null
  holding.hold.settle(
    readUsed(holding.charges, {
      tokens: used === null ? 0 : used.input + used.output,
      costIn: (currency) => (used?.currency === currency ? (used.cost ?? nothing) : nothing),
    }),
  )
}
