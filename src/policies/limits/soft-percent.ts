// When a budget's count is worth a warning: at or over its soft percent. Refuses nobody.

import type { Limit } from '../../routing/limit.ts'
import { fractionsPerWhole, type Quantity } from '../../routing/quantity.ts'

/**
 * The percent of the amount that was used when the request came, a whole number rounded down, where the limit's soft
 * percent is reached; else null.
 */
export function readWarning(limit: Limit, used: Quantity): number | null {
  if (limit.softPercent === null) return null
  const percent = Number((toBigInt(used) * 100n) / toBigInt(limit.amount))
  return percent >= limit.softPercent ? percent : null
}

function toBigInt({ whole, fraction }: Quantity): bigint {
  return BigInt(whole) * BigInt(fractionsPerWhole) + BigInt(fraction)
}
