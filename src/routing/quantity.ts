// An exact amount of what a limit counts: requests, tokens, permits or money. Two plain numbers instead of a bigint, so
// that it stays JSON and that Redis, whose scripts count in doubles, adds the same way. Knows no limit.

/**
 * `whole`: requests, tokens, permits, or millionths of a currency unit; under 2^53. `fraction`: billionths of that,
 * 0 to 999,999,999; only money has any. Together money is exact to 10^-15, the most a price per million tokens needs.
 */
export type Quantity = Readonly<{ whole: number; fraction: number }>

export const fractionsPerWhole = 1_000_000_000

export const nothing: Quantity = Object.freeze({ whole: 0, fraction: 0 })
export const one: Quantity = Object.freeze({ whole: 1, fraction: 0 })

export function countOf(whole: number): Quantity {
  return { whole, fraction: 0 }
}

export function addQuantities(a: Quantity, b: Quantity): Quantity {
  const fraction = a.fraction + b.fraction
  return fraction < fractionsPerWhole
    ? { whole: a.whole + b.whole, fraction }
    : { whole: a.whole + b.whole + 1, fraction: fraction - fractionsPerWhole }
}

/** Never below nothing. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  if (!isLess(b, a)) return nothing
  const fraction = a.fraction - b.fraction
  return fraction >= 0
    ? { whole: a.whole - b.whole, fraction }
    : { whole: a.whole - b.whole - 1, fraction: fraction + fractionsPerWhole }
}

export function isLess(a: Quantity, b: Quantity): boolean {
  return a.whole < b.whole || (a.whole === b.whole && a.fraction < b.fraction)
}
