// When a window ends, what the count says of that moment, and what clocks that are set do to it (E3, E7).
import { describe, expect, test } from 'vitest'
import type { LimitWindow } from '../../src/routing/limit.ts'
import { ask, countAdmitted, createClock, createLimit, createStore } from './limit-fixtures.ts'

const second: LimitWindow = { kind: 'fixed', seconds: 1 }
const day: LimitWindow = { kind: 'fixed', seconds: 86_400 }
const readReset = (asked: ReturnType<typeof ask>) => asked.states[0]?.resetMs ?? Number.NaN

describe.each([
  ['a second', second, 1_000],
  ['a day', day, 86_400_000],
] as const)('a window of %s', (_, window, lengthMs) => {
  const limit = createLimit({ amount: 100, window })

  test('E3: begins with the first request and ends to the millisecond', () => {
    const clock = createClock()
    const store = createStore(clock)
    clock.advance(lengthMs * 3.7)
    expect(countAdmitted(store, [limit], 150)).toBe(100)
    clock.advance(lengthMs - 5)
    expect(countAdmitted(store, [limit], 150)).toBe(0)
    clock.advance(4)
    expect(countAdmitted(store, [limit], 150)).toBe(0)
    clock.advance(1)
    expect(countAdmitted(store, [limit], 150)).toBe(100)
    clock.advance(5)
    expect(countAdmitted(store, [limit], 150)).toBe(0)
  })

  test('E3: bursts on both sides of an edge are twice the limit and never more', () => {
    const clock = createClock()
    const store = createStore(clock)
    const admittedAt: number[] = []
    const burst = () => {
      for (let at = 0; at < 300; at++) if (ask(store, [limit]).outcome === 'admitted') admittedAt.push(clock.nowMs())
    }
    expect(ask(store, [limit]).outcome).toBe('admitted')
    for (const step of [lengthMs - 5, 5, 5, lengthMs / 2, lengthMs / 2 - 10, 5, 5, lengthMs]) {
      clock.advance(step)
      burst()
    }
    for (const end of admittedAt) {
      const within = admittedAt.filter((at) => at > end - lengthMs && at <= end)
      expect(within.length).toBeLessThanOrEqual(200)
    }
    // The bound is met: this is what fixed windows are.
    expect(Math.max(...admittedAt.map((end) => admittedAt.filter((at) => at > end - 11 && at <= end).length))).toBe(199)
  })

  test('E3: the moment it starts anew never moves back, and is never past', () => {
    const clock = createClock()
    const store = createStore(clock)
    let latest = 0
    for (let at = 0; at < 400; at++) {
      const resetMs = readReset(ask(store, [limit]))
      expect(resetMs).toBeGreaterThan(0)
      expect(resetMs).toBeLessThanOrEqual(lengthMs)
      const moment = Math.floor(clock.nowMs()) + resetMs
      expect(moment).toBeGreaterThanOrEqual(latest)
      latest = moment
      clock.advance((lengthMs / 97) * (at % 3))
    }
  })
})

test('E11: who waits as long as the count says is admitted', () => {
  const clock = createClock()
  const store = createStore(clock)
  const limits = [
    createLimit({ id: 'default/r/requestsPerSecond', amount: 2, window: second }),
    createLimit({ id: 'default/r/requestsPerMinute', amount: 5 }),
  ]
  for (let round = 0; round < 50; round++) {
    const asked = ask(store, limits)
    if (asked.outcome !== 'refused') continue
    const full = asked.states.filter(({ limit, used }) => used.whole >= limit.amount.whole)
    clock.advance(Math.max(...full.map(({ resetMs }) => resetMs ?? 0)))
    expect(ask(store, limits).outcome).toBe('admitted')
  }
})

describe('E7: the wall clock is set', () => {
  const noon = Date.UTC(2026, 10, 22, 12)
  const hour = 3_600_000
  const calendar = createLimit({
    id: 'default/p/a/budget/Day/USD',
    unit: 'cost',
    currency: 'USD',
    amount: 10,
    window: { kind: 'calendar', period: 'Day' },
  })
  const spend = { cost: { whole: 10, fraction: 0 } }

  test.each([-30_000, 30_000, -86_400_000 * 400, 86_400_000 * 400])(
    'by %d ms: windows of seconds do not notice',
    (by) => {
      const clock = createClock(noon)
      const store = createStore(clock)
      const limit = createLimit({ amount: 1 })
      expect(countAdmitted(store, [limit], 5)).toBe(1)
      clock.setEpoch(noon + by)
      const refused = ask(store, [limit])
      expect(refused.outcome).toBe('refused')
      expect(readReset(refused)).toBe(60_000)
    },
  )

  test('half a minute back over midnight: the new day goes on, its end is still ahead', () => {
    const midnight = Date.UTC(2026, 10, 23)
    const clock = createClock(midnight + 10_000)
    const store = createStore(clock)
    expect(ask(store, [calendar], {}, spend).outcome).toBe('admitted')
    clock.setEpoch(midnight - 20_000)
    const refused = ask(store, [calendar], {}, spend)
    expect(refused.outcome).toBe('refused')
    expect(readReset(refused)).toBe(86_400_000 + 20_000)
  })

  test('years ahead by mistake and back: nobody waits for years', () => {
    const clock = createClock(noon)
    const store = createStore(clock)
    clock.setEpoch(Date.UTC(2036, 0, 1))
    expect(ask(store, [calendar], {}, spend).outcome).toBe('admitted')
    expect(ask(store, [calendar], {}, spend).outcome).toBe('refused')
    clock.setEpoch(noon)
    const asked = ask(store, [calendar], {}, spend)
    expect(asked.outcome).toBe('admitted')
    expect(readReset(asked)).toBe(12 * hour)
    expect(ask(store, [calendar], {}, spend).outcome).toBe('refused')
  })

  test('however it jumps, no time left is zero or less, or longer than the period and an hour', () => {
    const clock = createClock(noon)
    const store = createStore(clock)
    for (let at = 1; at <= 2_000; at++) {
      clock.setEpoch(noon + Math.sin(at * 12.9898) * 86_400_000 * (at % 50))
      const resetMs = readReset(ask(store, [calendar], {}, spend))
      expect(resetMs).toBeGreaterThan(0)
      expect(resetMs).toBeLessThanOrEqual(25 * hour)
    }
  })
})
