// LeastRequest: the less busy of two drawn by weight. Nearly as even as asking all; weights hold idle and under load.
import { expect, test } from 'vitest'
import { createStrategy } from '../../src/routing/pick-target.ts'
import { countPicks, createRandom, makeCandidates, open } from './pick-fixture.ts'

test('one of two that is busier gets nothing, until the other is as busy', () => {
  const candidates = makeCandidates([1, 1])
  const strategy = createStrategy('LeastRequest', candidates, null, createRandom(1))
  for (let request = 0; request < 100; request++) {
    const picked = candidates[strategy.pick(open(2), null, 0)]
    if (picked !== undefined) picked.load.active++
  }
  expect(candidates.map(({ load }) => load.active)).toEqual([50, 50])
})

test('a thousand open streams on ten: the fullest has hardly more than its tenth, far less than by chance alone', () => {
  const spread = (type: 'LeastRequest' | 'WeightedRandom') => {
    const candidates = makeCandidates(Array.from({ length: 10 }, () => 1))
    const strategy = createStrategy(type, candidates, null, createRandom(7))
    for (let request = 0; request < 1_000; request++) {
      const picked = candidates[strategy.pick(open(10), null, 0)]
      if (picked !== undefined) picked.load.active++
    }
    return Math.max(...candidates.map(({ load }) => load.active))
  }
  expect(spread('LeastRequest')).toBeLessThanOrEqual(104)
  expect(spread('WeightedRandom')).toBeGreaterThan(110)
})

test('weights: exact shares while idle, proportional numbers of requests under load', () => {
  const idle = makeCandidates([3, 1])
  const counts = countPicks(createStrategy('LeastRequest', idle, null, createRandom(3)), open(2), 40_000)
  expect((counts[0] ?? 0) / 40_000).toBeCloseTo(0.75, 2)
  const busy = makeCandidates([3, 1])
  const strategy = createStrategy('LeastRequest', busy, null, createRandom(3))
  for (let request = 0; request < 400; request++) {
    const picked = busy[strategy.pick(open(2), null, 0)]
    if (picked !== undefined) picked.load.active++
  }
  expect(busy.map(({ load }) => load.active)).toEqual([300, 100])
})

test('the only open one is picked however busy it is', () => {
  const candidates = makeCandidates([1, 1, 1])
  for (const { load } of candidates.slice(1, 2)) load.active = 1_000
  const strategy = createStrategy('LeastRequest', candidates, null, createRandom(1))
  expect(countPicks(strategy, open(3, 0, 2), 50)).toEqual([0, 50, 0])
})
