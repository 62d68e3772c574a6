// What tokens cost, kept to what counters can hold: the counts come from backends.
import { computeCost, type TokenPrices } from '../routing/money.ts'
import type { Quantity } from '../routing/quantity.ts'

/** Ten million currency units, in millionths: hundreds of such answers add up exactly in a double. */
const mostWhole = 1e13

export function boundCost(
  prices: TokenPrices,
  tokens: Readonly<{ input: number; cachedInput: number; output: number }>,
): Quantity {
  const cost = computeCost(prices, tokens)
  return cost.whole < mostWhole ? cost : { whole: mostWhole, fraction: 0 }
}
