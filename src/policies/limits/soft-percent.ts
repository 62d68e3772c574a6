// When a budget's count is worth a warning: at or over its soft percent. Refuses nobody.
import { fractionsPerWhole, type Quantity } from '../../routing/quantity.ts'
import type { LimitState } from './store.ts'

/** The percent of the amount that is used, a whole number rounded down, where its soft percent is reached; else null. */
export function readWarning({ limit, used }: LimitState): number | null {
  if (limit.softPercent === null) return null
  const percent = Number((toBigInt(used) * 100n) / toBigInt(limit.amount))
  return percent >= limit.softPercent ? percent : null
}

function toBigInt({ whole, fraction }: Quantity): bigint {
  return BigInt(whole) * BigInt(fractionsPerWhole) + BigInt(fraction)
}
