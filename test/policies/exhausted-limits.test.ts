// A flood is refused by memory of the last refusal: only what a store would refuse too, and never past its end.
import { expect, test } from 'vitest'
import { createCharges, findRefusal } from '../../src/policies/limits/enforce.ts'
import { ExhaustedLimits } from '../../src/policies/limits/exhausted-limits.ts'
import { MemoryLimitStore } from '../../src/policies/limits/memory-store.ts'
import type { Limit } from '../../src/routing/limit.ts'
import { countOf } from '../../src/routing/quantity.ts'
import { createClock, createLimit, createSubject } from './limit-fixtures.ts'

function createWorld(limits: readonly Limit[]) {
  const clock = createClock()
  const store = new MemoryLimitStore(clock)
  const exhausted = new ExhaustedLimits(() => clock.nowMs())
  const ask = (subject = {}) => {
    const charges = createCharges(limits, createSubject(subject), { tokens: 10, costIn: () => countOf(0) })
    const known = exhausted.find(charges)
    const outcome = store.acquire(charges)
    if (outcome.outcome === 'refused') exhausted.note(charges, outcome.states)
    return { known, outcome: outcome.outcome, states: outcome.outcome === 'refused' ? outcome.states : [] }
  }
  return { clock, exhausted, ask }
}

test('what is remembered says what the store says, for a second', () => {
  const { clock, exhausted, ask } = createWorld([
    createLimit({ amount: 1 }),
    createLimit({ id: 'default/r/tokensPerDay', unit: 'tokens', amount: 100 }),
  ])
  expect(exhausted.isEmpty).toBe(true)
  expect(ask()).toMatchObject({ known: null, outcome: 'admitted' })
  expect(ask()).toMatchObject({ known: null, outcome: 'refused' })
  expect(exhausted.isEmpty).toBe(false)
  clock.advance(400)
  const { known, outcome, states } = ask()
  expect(outcome).toBe('refused')
  expect(known).toEqual(states)
  clock.advance(1_000)
  expect([exhausted.isEmpty, ask().known]).toEqual([true, null])
})

test('never past the end of the window', () => {
  const { clock, ask } = createWorld([createLimit({ amount: 1 })])
  ask()
  clock.advance(59_500)
  expect(ask().outcome).toBe('refused')
  expect(findRefusal(ask().known ?? [])?.waitMs).toBe(500)
  clock.advance(500)
  expect(ask()).toMatchObject({ known: null, outcome: 'admitted' })
})

test('of others nothing is said', () => {
  const { ask } = createWorld([createLimit({ amount: 1, per: ['consumer'] })])
  ask({ consumer: 'default/p/a' })
  ask({ consumer: 'default/p/a' })
  expect(ask({ consumer: 'default/p/b' })).toMatchObject({ known: null, outcome: 'admitted' })
  expect(ask({ consumer: 'default/p/a' }).known).not.toBeNull()
})

test('whoever shares a count with a caller that was refused is asked for: its own counts are others', () => {
  const day = { kind: 'fixed', seconds: 86_400 } as const
  const { ask } = createWorld([
    createLimit({ amount: 2 }),
    createLimit({ id: 'default/p/defaults/requestsPerDay', amount: 1, window: day, per: ['consumer'] }),
  ])
  expect(ask({ consumer: 'default/p/a' }).outcome).toBe('admitted')
  expect(ask({ consumer: 'default/p/b' }).outcome).toBe('admitted')
  expect(ask({ consumer: 'default/p/a' }).outcome).toBe('refused')
  const { known, states } = ask({ consumer: 'default/p/c' })
  expect(known).toBeNull()
  expect(findRefusal(states)?.waitMs).toBe(60_000)
})

test.each(['tokens', 'concurrency'] as const)('%s may come back at any moment: not remembered', (unit) => {
  const { exhausted, ask } = createWorld([
    createLimit({ unit, amount: 1 }),
    createLimit({ id: 'default/q/r', amount: 1 }),
  ])
  ask()
  expect(ask().outcome).toBe('refused')
  expect([exhausted.isEmpty, ask().known]).toEqual([true, null])
})

test('a limit that was changed is asked anew', () => {
  const before = createLimit({ amount: 1 })
  const exhausted = new ExhaustedLimits()
  const charges = createCharges([before], createSubject(), null)
  exhausted.note(charges, [{ limit: before, used: countOf(1), held: countOf(0), resetMs: 1_000 }])
  expect(exhausted.find(charges)).not.toBeNull()
  const after = createLimit({ amount: 2 })
  expect(exhausted.find(createCharges([after], createSubject(), null))).toBeNull()
})

test('a flood of keys is forgotten, not kept', () => {
  const limit = createLimit({ per: ['clientAddress'] })
  const exhausted = new ExhaustedLimits(() => 0)
  const chargeOf = (at: number) => createCharges([limit], createSubject({ clientAddress: `a${at}` }), null)
  for (let at = 0; at < 10_001; at++)
    exhausted.note(chargeOf(at), [{ limit, used: countOf(1), held: countOf(0), resetMs: 1_000 }])
  expect([exhausted.find(chargeOf(0)), exhausted.find(chargeOf(10_000))]).toEqual([null, expect.anything()])
})
