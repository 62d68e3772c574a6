// G3: what a backend may write into `retry-after`, and what is made of it.
import { expect, test } from 'vitest'
import { readRetryAfterMs } from '../../src/upstream/health/read-retry-after.ts'

const now = Date.parse('Sun, 22 Nov 2026 12:00:00 GMT')

test.each<[string, number | null]>([
  ['1', 1_000],
  ['1.5', 1_500],
  ['3600', 3_600_000],
  ['Sun, 22 Nov 2026 12:00:07 GMT', 7_000],
  ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
  ['-1', 0],
  ['abc', 0],
  ['', 0],
  ['1e9', 0],
  ['99999999999', 99_999_999_999_000],
])('%s is %s ms', (value, ms) => {
  expect(readRetryAfterMs(['content-type', 'x', 'retry-after', value], now)).toBe(ms)
})

test('milliseconds win, and none is none', () => {
  expect(readRetryAfterMs(['retry-after', '3', 'retry-after-ms', '120'], now)).toBe(120)
  expect(readRetryAfterMs(['retry-after', '3', 'retry-after-ms', 'x'], now)).toBe(3_000)
  expect(readRetryAfterMs(['x-retry-after', '3'], now)).toBeNull()
})
