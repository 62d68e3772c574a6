// Several limits of one request are taken together: one that is used up leaves every other as it was (E10).
import { describe, expect, test } from 'vitest'
import type { Limit } from '../../src/routing/limit.ts'
import { ask, createClock, createLimit, createStore } from './limit-fixtures.ts'

const limits: readonly Limit[] = [
  createLimit({ id: 'default/r/requestsPerMinute', amount: 100 }),
  createLimit({ id: 'default/q/requestsPerHour', amount: 100, per: ['clientAddress'] }),
  createLimit({ id: 'default/p/a/requestsPerDay', amount: 100, per: ['consumer'] }),
  createLimit({ id: 'default/p/a/tokensPerMinute', unit: 'tokens', amount: 100, per: ['consumer', 'model'] }),
  createLimit({ id: 'default/p/a/concurrentRequests', unit: 'concurrency', amount: 100, window: null, per: [] }),
  createLimit({
    id: 'default/p/a/budget/Month/USD',
    unit: 'cost',
    currency: 'USD',
    amount: 100,
    window: { kind: 'calendar', period: 'Month' },
    per: ['consumer'],
  }),
]
const reserve = { tokens: 7, cost: { whole: 3, fraction: 5 } }

describe.each(limits.map(({ id }, at) => ({ id, at })))('E10: $id used up', ({ at }) => {
  const [blocked] = limits.slice(at)
  if (blocked === undefined) throw new Error('no limit')
  const withSmall = limits.map((limit) => (limit === blocked ? { ...limit, amount: { whole: 0, fraction: 1 } } : limit))

  test('refuses, and nothing of the others is taken', () => {
    const store = createStore(createClock())
    expect(ask(store, limits, {}, reserve).outcome).toBe('admitted')
    const before = ask(store, limits, {}, { tokens: 0 }).states.map(({ used }) => used)
    for (let round = 0; round < 50; round++) {
      const refused = ask(store, withSmall, {}, reserve)
      expect(refused.outcome).toBe('refused')
      expect(refused.states.map(({ used }) => used)).toEqual(before)
    }
    // The next one finds what the first two had left.
    const after = ask(store, limits, {}, { tokens: 0 }).states
    const others = after.filter((_, other) => other !== at)
    for (const [index, { limit, used }] of others.entries()) {
      const was = before.filter((_, other) => other !== at)[index]
      const own = limit.unit === 'requests' || limit.unit === 'concurrency' ? 1 : 0
      expect(used, limit.id).toEqual({ whole: (was?.whole ?? 0) + own, fraction: was?.fraction })
    }
  })
})

test('E10: the same unit on route, consumer and client address counts on three counts', () => {
  const store = createStore()
  const route = createLimit({ id: 'default/r/requestsPerMinute', amount: 5 })
  const consumer = createLimit({ id: 'default/p/a/requestsPerMinute', amount: 3, per: ['consumer'] })
  const address = createLimit({ id: 'default/q/requestsPerMinute', amount: 2, per: ['clientAddress'] })
  const all = [route, consumer, address]
  const one = { clientAddress: '192.0.2.1' }
  const two = { clientAddress: '192.0.2.2' }
  expect([ask(store, all, one).outcome, ask(store, all, one).outcome]).toEqual(['admitted', 'admitted'])
  // The address has had its two: neither the route's five nor the consumer's three lose any.
  for (let round = 0; round < 10; round++) expect(ask(store, all, one).outcome).toBe('refused')
  expect(ask(store, all, two).outcome).toBe('admitted')
  for (let round = 0; round < 10; round++) expect(ask(store, all, two).outcome).toBe('refused')
  const other = { consumer: 'default/p/b', clientAddress: '192.0.2.3' }
  expect([1, 2, 3].map(() => ask(store, all, other).outcome)).toEqual(['admitted', 'admitted', 'refused'])
  expect(ask(store, [route], other).outcome).toBe('refused')
})

test('a refused request says what is used, without itself', () => {
  const store = createStore()
  const limit = createLimit({ amount: 2 })
  const states = [1, 2, 3, 4].map(() => ask(store, [limit]).states[0]?.used.whole)
  expect(states).toEqual([1, 2, 2, 2])
})
