// Gives back what an exchange held and charges what it used instead.
import { readUsed } from '../policies/limits/enforce.ts'
import { nothing } from '../routing/quantity.ts'
import type { Exchange } from '../upstream/exchange.ts'

/** Called once, when the response has closed. */
export function settleLimits(exchange: Exchange): void {
  const { holding, usage } = exchange
  if (holding === null) return
  exchange.holding = null
  const tokens = usage === null ? 0 : usage.input + usage.output
  holding.hold.settle(readUsed(holding.charges, { tokens, costIn: () => nothing }))
}
