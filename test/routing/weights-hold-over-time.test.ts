// WeightedRandom by its weights in the long run, RoundRobin exactly over every cycle; who is closed gets nothing.
import { expect, test } from 'vitest'
import { createStrategy } from '../../src/routing/pick-target.ts'
import { RoundRobin } from '../../src/routing/strategies/round-robin.ts'
import { countPicks, createRandom, makeCandidates, open } from './pick-fixture.ts'

test('WeightedRandom: shares are the weights, fractions too', () => {
  const candidates = makeCandidates([6, 3, 0.5, 0.5])
  const counts = countPicks(createStrategy('WeightedRandom', candidates, null, createRandom(1)), open(4), 100_000)
  for (const [at, share] of [0.6, 0.3, 0.05, 0.05].entries()) expect((counts[at] ?? 0) / 100_000).toBeCloseTo(share, 2)
})

test('WeightedRandom: the ends of chance pick the ends of the list, and nothing that is closed', () => {
  const candidates = makeCandidates([1, 1, 1])
  const first = createStrategy('WeightedRandom', candidates, null, () => 0)
  const last = createStrategy('WeightedRandom', candidates, null, () => 1 - Number.EPSILON)
  expect([first.pick(open(3), null, 0), last.pick(open(3), null, 0)]).toEqual([0, 2])
  expect([first.pick(open(3, 0), null, 0), last.pick(open(3, 2), null, 0)]).toEqual([1, 1])
})

test('RoundRobin: exact in every window of a cycle, and never one twice in a row where others have their turn', () => {
  const strategy = createStrategy('RoundRobin', makeCandidates([5, 1, 1]))
  const picks = Array.from({ length: 700 }, () => strategy.pick(open(3), null, 0))
  for (let start = 0; start + 7 <= picks.length; start++) {
    const counts = [0, 0, 0]
    for (const picked of picks.slice(start, start + 7)) counts[picked] = (counts[picked] ?? 0) + 1
    expect(counts).toEqual([5, 1, 1])
  }
  const even = createStrategy('RoundRobin', makeCandidates([1, 1, 1, 1]))
  const turns = Array.from({ length: 8 }, () => even.pick(open(4), null, 0))
  expect(turns).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
})

test('RoundRobin: while one is closed the others are exact, and afterwards nobody has to catch up', () => {
  const strategy = createStrategy('RoundRobin', makeCandidates([1, 1, 2]))
  expect(countPicks(strategy, open(4 - 1, 2), 1_000)).toEqual([500, 500, 0])
  expect(countPicks(strategy, open(3), 400)).toEqual([100, 100, 200])
})

test('RoundRobin: a new table goes on in mid-cycle, and what left is forgotten', () => {
  const before = makeCandidates([1, 1, 1])
  let strategy = new RoundRobin(before, null)
  strategy.pick(open(3))
  const [, second, third] = before
  if (second === undefined || third === undefined) throw new Error('three were made')
  strategy = new RoundRobin([third, second], strategy)
  // Both have waited one turn: whoever is first in the new order goes first, then the other.
  expect([strategy.pick(open(2)), strategy.pick(open(2))]).toEqual([0, 1])
  for (let at = 0; at < 1_000; at++)
    strategy = new RoundRobin(
      makeCandidates([1]).map((c) => ({ ...c, key: `${at}` })),
      strategy,
    )
  expect(strategy.readCredits().size).toBe(1)
})

test('RoundRobin: other weights hold at once, whatever was owed by the ones before', () => {
  const before = new RoundRobin(makeCandidates([99, 1]), null)
  for (let at = 0; at < 49; at++) before.pick(open(2))
  const after = new RoundRobin(makeCandidates([1, 1, 1]), before)
  for (const count of countPicks(after, open(3), 30)) expect(Math.abs(count - 10)).toBeLessThanOrEqual(1)
})
