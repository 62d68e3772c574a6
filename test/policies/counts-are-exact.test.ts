// What a count is after requests have come, ended and settled, and after the configuration has changed.
import { describe, expect, test } from 'vitest'
import { ask, countAdmitted, createClock, createLimit, createStore } from './limit-fixtures.ts'

const tokens = createLimit({ id: 'default/r/tokensPerMinute', unit: 'tokens', amount: 100 })
const permits = createLimit({ id: 'default/r/concurrentRequests', unit: 'concurrency', amount: 3, window: null })
const readUsed = (asked: ReturnType<typeof ask>) => asked.states[0]?.used.whole

describe('E13: permits', () => {
  test('as many at once as there are, and all of them again afterwards', () => {
    const store = createStore()
    for (let round = 0; round < 5; round++) {
      const asked = [1, 2, 3, 4, 5].map(() => ask(store, [permits]))
      expect(asked.map(({ outcome }) => outcome)).toEqual(['admitted', 'admitted', 'admitted', 'refused', 'refused'])
      expect(asked.map(readUsed)).toEqual([1, 2, 3, 3, 3])
      for (const one of asked) one.settle()
    }
    expect(readUsed(ask(store, [permits]))).toBe(1)
  })

  test('time alone gives none back', () => {
    const clock = createClock()
    const store = createStore(clock)
    expect(countAdmitted(store, [permits], 5)).toBe(3)
    clock.advance(86_400_000 * 365)
    expect(countAdmitted(store, [permits], 5)).toBe(0)
  })

  test('a limit that is taken away and comes back knows who is still under way', () => {
    const store = createStore()
    const held = [1, 2, 3].map(() => ask(store, [permits]))
    store.sweep(new Set())
    expect(ask(store, [permits]).outcome).toBe('refused')
    for (const one of held) one.settle()
    store.sweep(new Set())
    expect(readUsed(ask(store, [permits]))).toBe(1)
  })
})

describe('E8: reserves', () => {
  test('become what was used: less, more, or nothing', () => {
    const store = createStore()
    ask(store, [tokens], {}, { tokens: 40 }).settle({ tokens: 10 })
    expect(readUsed(ask(store, [tokens]))).toBe(10)
    ask(store, [tokens], {}, { tokens: 1 }).settle({ tokens: 50 })
    expect(readUsed(ask(store, [tokens]))).toBe(60)
    ask(store, [tokens], {}, { tokens: 1_000 }).settle()
    expect(readUsed(ask(store, [tokens]))).toBe(60)
  })

  test('E9: the one that crosses is admitted, the next are not until some are given back', () => {
    const store = createStore()
    const asked = Array.from({ length: 100 }, () => ask(store, [tokens], {}, { tokens: 30 }))
    const admitted = asked.filter(({ outcome }) => outcome === 'admitted')
    expect(admitted).toHaveLength(4)
    expect(readUsed(ask(store, [tokens]))).toBe(120)
    for (const one of admitted) one.settle({ tokens: 20 })
    expect(readUsed(ask(store, [tokens], {}, { tokens: 5 }))).toBe(85)
  })

  test('what is settled after its window does not reach the next one', () => {
    const clock = createClock()
    const store = createStore(clock)
    const long = ask(store, [tokens], {}, { tokens: 90 })
    clock.advance(60_000)
    expect(readUsed(ask(store, [tokens], {}, { tokens: 7 }))).toBe(7)
    long.settle({ tokens: 5_000 })
    expect(readUsed(ask(store, [tokens]))).toBe(7)
  })

  test('never make a count negative', () => {
    const store = createStore()
    const held = [1, 2, 3].map(() => ask(store, [tokens], {}, { tokens: 20 }))
    for (const one of held) one.settle()
    expect(readUsed(ask(store, [tokens]))).toBe(0)
  })

  test('of any size leave the rest exact', () => {
    const store = createStore()
    const wide = { ...tokens, amount: { whole: 1e12, fraction: 0 } }
    ask(store, [wide], {}, { tokens: 5 }).settle({ tokens: 5 })
    for (const odd of [Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NaN, -5, 2 ** 53]) {
      ask(store, [wide], {}, { tokens: odd }).settle({ tokens: 1 })
    }
    expect(readUsed(ask(store, [wide]))).toBe(10)
  })

  test('money is exact to the smallest part of a price', () => {
    const budget = createLimit({
      id: 'default/p/a/budget/Day/USD',
      unit: 'cost',
      currency: 'USD',
      amount: { whole: 1, fraction: 0 },
      window: { kind: 'calendar', period: 'Day' },
    })
    const store = createStore()
    for (let at = 0; at < 999; at++) {
      ask(store, [budget], {}, { cost: { whole: 3, fraction: 999_999_999 } }).settle({
        cost: { whole: 0, fraction: 1_001_001 },
      })
    }
    expect(ask(store, [budget], {}, {}).states[0]?.used).toEqual({ whole: 0, fraction: 999 * 1_001_001 })
    ask(store, [budget], {}, {}).settle({ cost: { whole: 0, fraction: 1_000_000_000 - 999 * 1_001_001 } })
    expect(ask(store, [budget]).outcome).toBe('refused')
  })
})

describe('a limit that was changed', () => {
  test('goes on with its count under a new amount', () => {
    const store = createStore()
    const limit = createLimit({ amount: 10 })
    expect(countAdmitted(store, [limit], 8)).toBe(8)
    const lower = { ...limit, amount: { whole: 5, fraction: 0 } }
    expect(ask(store, [lower]).outcome).toBe('refused')
    const higher = { ...limit, amount: { whole: 12, fraction: 0 } }
    expect(countAdmitted(store, [higher], 10)).toBe(4)
  })

  test('of what it counts per begins anew', () => {
    const store = createStore()
    expect(countAdmitted(store, [createLimit({ per: ['consumer'] })], 3)).toBe(1)
    expect(countAdmitted(store, [createLimit({ per: ['consumer', 'model'] })], 3)).toBe(1)
    expect(countAdmitted(store, [createLimit({ per: [] })], 3)).toBe(1)
  })

  test('that no table names any more is forgotten, the others are not', () => {
    const store = createStore()
    const gone = createLimit({ id: 'default/gone/requestsPerMinute' })
    const stays = createLimit({ id: 'default/stays/requestsPerMinute' })
    expect([countAdmitted(store, [gone], 2), countAdmitted(store, [stays], 2)]).toEqual([1, 1])
    store.sweep(new Set([stays.id]))
    expect([countAdmitted(store, [gone], 2), countAdmitted(store, [stays], 2)]).toEqual([1, 0])
  })
})
