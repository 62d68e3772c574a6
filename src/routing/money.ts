// Exact money: decimal strings in, quantities out. Floating point never touches a price; bigints only off the table.
import type { Pricing } from './limit.ts'
import { fractionsPerWhole, type Quantity } from './quantity.ts'

/** Digits behind the point that prices and amounts may have, as the CRDs say. */
const decimals = 9
const perWhole = BigInt(fractionsPerWhole)

/** `"2.5"` → 2,500,000,000: billionths of one. Throws RangeError for anything but digits with up to nine decimals. */
export function parseDecimal(text: string): bigint {
  const match = /^([0-9]{1,9})(?:[.]([0-9]{1,9}))?$/.exec(text)
  if (match === null) throw new RangeError(`not a decimal number: ${text.slice(0, 30)}`)
  return BigInt((match[1] ?? '') + (match[2] ?? '').padEnd(decimals, '0'))
}

/** An amount of money as a limit counts it. */
export function parseAmount(text: string): Quantity {
  // Billionths of one are thousandths of a whole (a millionth).
  const billionths = parseDecimal(text)
  return { whole: Number(billionths / 1_000n), fraction: Number(billionths % 1_000n) * 1_000_000 }
}

/** Prices per token in 10^-15 of the currency: the billionths of a price per million tokens. */
export type TokenPrices = Readonly<{ currency: string; input: bigint; cachedInput: bigint; output: bigint }>

export function parsePricing({ currency, input, cachedInput, output }: Pricing): TokenPrices {
  return {
    currency,
    input: parseDecimal(input),
    cachedInput: parseDecimal(cachedInput),
    output: parseDecimal(output),
  }
}

/** Whole, non-negative token counts; `cachedInput` is a part of `input`. */
export function computeCost(
  prices: TokenPrices,
  tokens: Readonly<{ input: number; cachedInput: number; output: number }>,
): Quantity {
  const cached = Math.min(tokens.cachedInput, tokens.input)
  const rough =
    (tokens.input - cached) * Number(prices.input) +
    cached * Number(prices.cachedInput) +
    tokens.output * Number(prices.output)
  // Below 2^53 whole numbers are exact in doubles: a tenth of the work, and what nearly every answer costs.
  if (rough < Number.MAX_SAFE_INTEGER) {
    const fraction = rough % fractionsPerWhole
    return { whole: (rough - fraction) / fractionsPerWhole, fraction }
  }
  const cost =
    BigInt(tokens.input - cached) * prices.input +
    BigInt(cached) * prices.cachedInput +
    BigInt(tokens.output) * prices.output
  return { whole: Number(cost / perWhole), fraction: Number(cost % perWhole) }
}

/** `{whole: 1_500_000, …}` → `"1.5"`: exact, for the log and headers. */
export function renderAmount({ whole, fraction }: Quantity): string {
  const units = Math.floor(whole / 1_000_000)
  const rest = `${String(whole % 1_000_000).padStart(6, '0')}${String(fraction).padStart(9, '0')}`.replace(/0+$/, '')
  return rest === '' ? String(units) : `${units}.${rest}`
}

/** For a metric, which is a float by nature. */
export function readAmountAsNumber({ whole, fraction }: Quantity): number {
  return whole / 1e6 + fraction / 1e15
}
