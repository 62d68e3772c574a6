// LowestCost: the cheapest gets everything while it is open; equal prices share by weight; no price comes last.
import { expect, test } from 'vitest'
import { createStrategy } from '../../src/routing/pick-target.ts'
import { countPicks, createRandom, makeCandidates, open } from './pick-fixture.ts'

test('the cheapest, whatever its place and weight', () => {
  const candidates = makeCandidates([10, 1, 10], [5, 2, 9])
  const strategy = createStrategy('LowestCost', candidates, null, createRandom(1))
  expect(countPicks(strategy, open(3), 100)).toEqual([0, 100, 0])
  expect(countPicks(strategy, open(3, 1), 100)).toEqual([100, 0, 0])
  expect(countPicks(strategy, open(3, 0, 1), 100)).toEqual([0, 0, 100])
})

test('equal prices share by weight', () => {
  const candidates = makeCandidates([3, 5, 1], [2, 7, 2])
  const counts = countPicks(createStrategy('LowestCost', candidates, null, createRandom(1)), open(3), 40_000)
  expect(counts[1]).toBe(0)
  expect((counts[0] ?? 0) / 40_000).toBeCloseTo(0.75, 2)
})

test('nothing is cheaper than free, and those without a price share what is left', () => {
  const candidates = makeCandidates([1, 1, 1, 1], [null, 0, null, 1])
  const strategy = createStrategy('LowestCost', candidates, null, createRandom(1))
  expect(countPicks(strategy, open(4), 10)).toEqual([0, 10, 0, 0])
  const [first = 0, , third = 0] = countPicks(strategy, open(4, 1, 3), 10_000)
  expect(first + third).toBe(10_000)
  expect(first / 10_000).toBeCloseTo(0.5, 1)
})
