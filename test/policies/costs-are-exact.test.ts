// A cost is the same to the last digit whether it is small enough for doubles or not.
import { expect, test } from 'vitest'
import { computeCost, parseDecimal, parsePricing, renderAmount } from '../../src/routing/money.ts'

const prices = [
  '0',
  '0.000000001',
  '0.075',
  '0.15',
  '2.5',
  '9007.199254740',
  '9007199.254740993',
  '999999999.999999999',
]
const counts = [0, 1, 2, 3, 999, 1_000, 8_191, 128_000, 9_007_199, 1_000_000_000, 1_000_000_000_000]

/** In 10^-15, by whole numbers of any size. */
function expectCost(
  input: number,
  cachedInput: number,
  output: number,
  price: Record<'input' | 'cached' | 'output', string>,
) {
  const cost = computeCost(
    parsePricing({ currency: 'USD', input: price.input, cachedInput: price.cached, output: price.output }),
    { input, cachedInput, output },
  )
  const cached = Math.min(cachedInput, input)
  const expected =
    BigInt(input - cached) * parseDecimal(price.input) +
    BigInt(cached) * parseDecimal(price.cached) +
    BigInt(output) * parseDecimal(price.output)
  expect(BigInt(cost.whole) * 1_000_000_000n + BigInt(cost.fraction)).toBe(expected)
  expect(cost.fraction).toBeLessThan(1_000_000_000)
}

test('every price by every count, alone and together', () => {
  for (const price of prices) {
    for (const count of counts) {
      // Beyond this the whole part is no exact double; nobody is charged so much.
      if (BigInt(count) * parseDecimal(price) >= 9_007_199_254_740_991n * 300_000_000n) continue
      expectCost(count, 0, 0, { input: price, cached: '1', output: '1' })
      expectCost(count, count, count, { input: '3', cached: price, output: price })
      expectCost(count, Math.floor(count / 3), 7, { input: price, cached: '0.000000003', output: '0.15' })
    }
  }
})

test('on both sides of what a double holds', () => {
  for (let by = -3; by <= 3; by++) {
    const price = renderAmount({ whole: 9_007_199, fraction: 254_740_991 }).slice(0, 11)
    expectCost(1_000_000 + by, 0, 0, { input: price, cached: '0', output: '0' })
    expectCost(1, 0, 9_007_199_254 + by, { input: '0.740991', cached: '0', output: '0.001' })
  }
})
