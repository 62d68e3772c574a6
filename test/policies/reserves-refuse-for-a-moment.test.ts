// E11: who is refused because of others' reserves is told to come back soon; who is refused by what was used, when the
// window ends. A reserve that is settled is no reserve any more.
import { expect, test } from 'vitest'
import { createCharges, findRefusal } from '../../src/policies/limits/enforce.ts'
import { MemoryLimitStore } from '../../src/policies/limits/memory-store.ts'
import type { Limit } from '../../src/routing/limit.ts'
import { countOf, nothing } from '../../src/routing/quantity.ts'
import { createClock, createLimit, createSubject } from './limit-fixtures.ts'

const tokens = createLimit({ id: 'default/r/tokensPerDay', unit: 'tokens', amount: 100 })

function createWorld(limits: readonly Limit[]) {
  const store = new MemoryLimitStore(createClock())
  const ask = (reserve: number) => {
    const acquired = store.acquire(
      createCharges(limits, createSubject(), { tokens: reserve, costIn: () => countOf(reserve) }),
    )
    return {
      settle: (used: number) => {
        if (acquired.outcome === 'admitted') acquired.hold?.settle(limits.map(() => countOf(used)))
      },
      refusal: acquired.outcome === 'refused' ? findRefusal(acquired.states) : null,
    }
  }
  return { ask }
}

test('what is held may come back at any moment, what was used stays', () => {
  const { ask } = createWorld([tokens])
  const first = ask(60)
  const second = ask(60)
  expect([first.refusal, second.refusal]).toEqual([null, null])
  expect(ask(1).refusal).toEqual({ limit: tokens, waitMs: null })
  first.settle(70)
  // 70 used and 60 held.
  expect(ask(1).refusal).toEqual({ limit: tokens, waitMs: null })
  second.settle(30)
  expect(ask(1).refusal).toEqual({ limit: tokens, waitMs: 60_000 })
})

test('a reserve that comes back admits', () => {
  const { ask } = createWorld([tokens])
  const first = ask(500)
  expect(ask(1).refusal?.waitMs).toBeNull()
  first.settle(0)
  expect(ask(1).refusal).toBeNull()
})

test('of a reserve and a count that is used up, the count decides', () => {
  const requests = createLimit({ amount: 1 })
  const { ask } = createWorld([tokens, requests])
  expect(ask(500).refusal).toBeNull()
  expect(ask(1).refusal).toEqual({ limit: requests, waitMs: 60_000 })
})

test('a budget is held and used to the last digit', () => {
  const amount = { whole: 1, fraction: 1 }
  const budget = createLimit({ unit: 'cost', amount, currency: 'USD', window: { kind: 'calendar', period: 'Day' } })
  const store = new MemoryLimitStore(createClock())
  const charge = [{ limit: budget, key: '', amount }]
  const first = store.acquire(charge)
  const refused = store.acquire(charge)
  if (first.outcome !== 'admitted' || refused.outcome !== 'refused') throw new Error('not as set up')
  expect(refused.states[0]).toMatchObject({ used: amount, held: amount })
  first.hold?.settle([amount])
  const later = store.acquire(charge)
  if (later.outcome !== 'refused') throw new Error('not as set up')
  expect(later.states[0]).toMatchObject({ used: amount, held: nothing })
})
