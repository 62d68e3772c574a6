// Thousands of requests at random, beside a model that keeps everything for ever and looks at all of it each time.
import { expect, test } from 'vitest'
import type { Limit } from '../../src/routing/limit.ts'
import { fractionsPerWhole, type Quantity } from '../../src/routing/quantity.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { ask, createClock, createLimit, createStore } from './limit-fixtures.ts'

const start = Date.UTC(2026, 10, 22, 23, 55)
const dayMs = 86_400_000

const limits: readonly Limit[] = [
  createLimit({ id: 'n/r/requestsPerSecond', amount: 4, window: { kind: 'fixed', seconds: 1 } }),
  createLimit({ id: 'n/r/requestsPerMinute', amount: 60, per: ['consumer'] }),
  createLimit({ id: 'n/p/a/tokensPerMinute', unit: 'tokens', amount: 500, per: ['consumer', 'model'] }),
  createLimit({ id: 'n/p/a/concurrentRequests', unit: 'concurrency', amount: 3, window: null, per: ['clientAddress'] }),
  createLimit({
    id: 'n/p/a/budget/Day/USD',
    unit: 'cost',
    currency: 'USD',
    amount: { whole: 300, fraction: 1 },
    window: { kind: 'calendar', period: 'Day' },
    per: ['consumer'],
  }),
]

const toBig = ({ whole, fraction }: Quantity) => BigInt(whole) * BigInt(fractionsPerWhole) + BigInt(fraction)

/** What a count has been charged, and from when to when it counts. */
type Entry = { readonly count: string; readonly endsMs: number; amount: bigint }

test.each([1, 2, 3, 4, 5])('seed %i', (seed) => {
  const random = createRandom(seed)
  const pick = (count: number) => Math.floor(random() * count)
  const clock = createClock(start)
  const store = createStore(clock)
  let entries: Entry[] = []
  const open: (() => void)[] = []
  const outcomes = { admitted: 0, refused: 0, unavailable: 0 }

  const readNow = ({ window }: Limit) => (window?.kind === 'calendar' ? clock.epochMs() : Math.floor(clock.nowMs()))
  const findEnd = (limit: Limit, alive: readonly Entry[]) => {
    const now = readNow(limit)
    if (limit.window === null) return Number.POSITIVE_INFINITY
    if (limit.window.kind === 'calendar') return (Math.floor(now / dayMs) + 1) * dayMs
    return alive[0]?.endsMs ?? now + limit.window.seconds * 1000
  }

  for (let step = 0; step < 4_000; step++) {
    if (random() < 0.3) clock.advance(pick(10) === 0 ? pick(40_000) : pick(300))
    if (open.length > 0 && random() < 0.5) {
      open.splice(pick(open.length), 1)[0]?.()
      continue
    }
    const asked = limits.filter(() => random() < 0.6)
    const subject = {
      consumer: ['n/p/a', 'n/p/b', null][pick(3)] ?? null,
      modelName: ['m', 'k'][pick(2)] ?? 'm',
      clientAddress: `192.0.2.${pick(2)}`,
    }
    const reserve = { tokens: pick(200), cost: { whole: pick(20), fraction: pick(fractionsPerWhole) } }
    const used = { tokens: pick(200), cost: { whole: pick(20), fraction: pick(fractionsPerWhole) } }
    const { outcome, charges, states, settle } = ask(store, asked, subject, reserve)
    outcomes[outcome]++

    const seen = charges.map(({ limit, key, amount }) => {
      const count = JSON.stringify([limit.id, key])
      const alive = entries.filter((entry) => entry.count === count && entry.endsMs > readNow(limit))
      const sum = alive.reduce((total, entry) => total + entry.amount, 0n)
      return { limit, count, sum, endsMs: findEnd(limit, alive), amount: toBig(amount) }
    })
    const isAdmitted = seen.every(({ limit, sum }) => sum < toBig(limit.amount))
    expect(outcome).toBe(isAdmitted ? 'admitted' : 'refused')
    for (const [at, { limit, sum, endsMs, amount }] of seen.entries()) {
      const state = states[at]
      expect(state === undefined ? null : toBig(state.used)).toBe(isAdmitted ? sum + amount : sum)
      expect(state?.resetMs).toBe(limit.window === null ? null : endsMs - readNow(limit))
    }
    if (!isAdmitted) continue
    const made = seen.map(({ count, endsMs, amount }): Entry => ({ count, endsMs, amount }))
    entries = [...entries.filter(({ endsMs }) => endsMs > Math.min(clock.nowMs(), start)), ...made]
    open.push(() => {
      settle(used)
      for (const [at, entry] of made.entries()) {
        const unit = charges[at]?.limit.unit
        if (unit === 'concurrency') entry.amount = 0n
        if (unit === 'tokens') entry.amount = BigInt(used.tokens) * BigInt(fractionsPerWhole)
        if (unit === 'cost') entry.amount = toBig(used.cost)
      }
    })
  }
  // Both happened often: nothing was proved by a store that refuses all.
  expect(outcomes.admitted).toBeGreaterThan(200)
  expect(outcomes.refused).toBeGreaterThan(200)
})
