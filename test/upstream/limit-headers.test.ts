// What answers say of limits, from what a store says of its counts (E3, E11).
import { expect, test } from 'vitest'
import type { LimitState } from '../../src/policies/limits/store.ts'
import { appendLimitHeaders } from '../../src/upstream/limit-headers.ts'
import { createLimit } from '../policies/limit-fixtures.ts'

type Count = Readonly<{ unit?: 'requests' | 'tokens'; amount: number; used: number; resetMs: number }>

function render(...counts: readonly Count[]): Readonly<Record<string, string>> {
  const states: LimitState[] = counts.map(({ unit = 'requests', amount, used, resetMs }) => ({
    limit: createLimit({ unit, amount }),
    used: { whole: used, fraction: 0 },
    resetMs,
  }))
  const out: string[] = []
  appendLimitHeaders(states, out)
  return Object.fromEntries(
    Array.from({ length: out.length / 2 }, (_, at) => [
      (out[at * 2] ?? '').replace('x-ratelimit-', ''),
      out[at * 2 + 1] ?? '',
    ]),
  )
}

test.each([
  [0.2, '1ms'],
  [1, '1ms'],
  [120, '120ms'],
  [999, '999ms'],
  [999.5, '1s'],
  [1_000, '1s'],
  [1_001, '2s'],
  [59_000, '59s'],
  [59_001, '1m0s'],
  [60_000, '1m0s'],
  [360_000, '6m0s'],
  [3_600_000, '1h0m0s'],
  [86_399_001, '24h0m0s'],
  [31 * 86_400_000, '744h0m0s'],
])('%d ms are written %s', (resetMs, text) => {
  expect(render({ amount: 5, used: 1, resetMs })).toEqual({
    'limit-requests': '5',
    'remaining-requests': '4',
    'reset-requests': text,
  })
})

test('what is over is 0 left, never less', () => {
  const over = { unit: 'tokens', amount: 5, used: 5_000, resetMs: 1 } as const
  expect(render(over)['remaining-tokens']).toBe('0')
})

test('of several the one with the least left speaks, of equals the one that lasts longest', () => {
  const minute = { amount: 100, used: 90, resetMs: 5_000 }
  const day = { amount: 20, used: 15, resetMs: 80_000_000 }
  expect(render(minute, day)['limit-requests']).toBe('20')
  expect(render(day, minute)['limit-requests']).toBe('20')
  const spentMinute = { ...minute, used: 100 }
  const spentDay = { ...day, used: 25 }
  expect(render(spentMinute, spentDay)['limit-requests']).toBe('20')
  expect(render(spentDay, spentMinute)['limit-requests']).toBe('20')
})

test('requests and tokens each have their own', () => {
  const tokens = { unit: 'tokens', amount: 50, used: 20, resetMs: 1_000 } as const
  expect(render({ amount: 5, used: 1, resetMs: 500 }, tokens)).toEqual({
    'limit-requests': '5',
    'remaining-requests': '4',
    'reset-requests': '500ms',
    'limit-tokens': '50',
    'remaining-tokens': '30',
    'reset-tokens': '1s',
  })
})
