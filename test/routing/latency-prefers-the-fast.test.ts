// LowestLatency: the fastest gets nearly everything; unknown ones are looked at without a herd; slow ones now and then,
// so that one that has recovered is found.
import { expect, test } from 'vitest'
import { createStrategy } from '../../src/routing/pick-target.ts'
import type { Strategy } from '../../src/routing/strategies/strategy.ts'
import { createRandom, makeCandidates, open, type TestCandidate } from './pick-fixture.ts'

const create = (candidates: readonly TestCandidate[]) =>
  createStrategy('LowestLatency', candidates, null, createRandom(5))

/** Requests one after another, `everyMs` apart, answered in the time that `readMs` says; who got how many. */
function run(
  strategy: Strategy,
  candidates: readonly TestCandidate[],
  readMs: (at: number) => number,
  run: { from: number; count: number; everyMs: number },
) {
  const counts = candidates.map(() => 0)
  for (let request = 0; request < run.count; request++) {
    const now = run.from + request * run.everyMs
    const at = strategy.pick(open(candidates.length), null, now)
    const load = candidates[at]?.load
    if (load === undefined) throw new Error('none')
    load.pickedAt = now
    load.firstByteMs = load.firstByteMs === 0 ? readMs(at) : load.firstByteMs * 0.5 + readMs(at) * 0.5
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts
}

test('each is tried once, then the fastest gets the rest', () => {
  const candidates = makeCandidates([1, 1, 1])
  const counts = run(create(candidates), candidates, (at) => [200, 50, 400][at] ?? 0, {
    from: 1,
    count: 500,
    everyMs: 1,
  })
  expect(counts).toEqual([1, 498, 1])
})

test('those about as fast share by weight', () => {
  const candidates = makeCandidates([3, 1, 1])
  const counts = run(create(candidates), candidates, (at) => [100, 110, 300][at] ?? 0, {
    from: 1,
    count: 4_000,
    everyMs: 1,
  })
  expect((counts[0] ?? 0) / 4_000).toBeCloseTo(0.75, 1)
  expect((counts[1] ?? 0) / 4_000).toBeCloseTo(0.25, 1)
})

test('a few fast ones among many slow ones share, too', () => {
  const candidates = makeCandidates(Array.from({ length: 100 }, () => 1))
  const slow = (at: number) => (at === 17 || at === 71 ? 50 : 900)
  const counts = run(create(candidates), candidates, slow, { from: 1, count: 2_100, everyMs: 1 })
  expect((counts[17] ?? 0) + (counts[71] ?? 0)).toBe(2_002)
  expect(Math.abs((counts[17] ?? 0) - (counts[71] ?? 0))).toBeLessThan(200)
})

test('no herd: of an unknown one only one request at a time is asked, the others go to those that are known', () => {
  const candidates = makeCandidates([1, 1])
  const [known, unknown] = candidates
  if (known === undefined || unknown === undefined) throw new Error('two were made')
  known.load.firstByteMs = 80
  const strategy = create(candidates)
  expect(strategy.pick(open(2), null, 5_000)).toBe(1)
  unknown.load.pickedAt = 5_000
  unknown.load.active = 1
  for (let request = 0; request < 100; request++) expect(strategy.pick(open(2), null, 5_001 + request)).toBe(0)
  // It failed without an answer: not asked again at once, but a second later.
  unknown.load.active = 0
  expect(strategy.pick(open(2), null, 5_500)).toBe(0)
  expect(strategy.pick(open(2), null, 6_000)).toBe(1)
})

test('all unknown and all being asked: by weight, and not all to one', () => {
  const candidates = makeCandidates([1, 1, 1])
  for (const { load } of candidates) Object.assign(load, { active: 1, pickedAt: 1 })
  const strategy = create(candidates)
  const picked = new Set(Array.from({ length: 50 }, () => strategy.pick(open(3), null, 2)))
  expect(picked).toEqual(new Set([0, 1, 2]))
})

test('a slow one is looked at again now and then; recovered, it gets the requests', () => {
  const candidates = makeCandidates([1, 1])
  const strategy = create(candidates)
  const slow = (at: number) => (at === 0 ? 30 : 2_000)
  const before = run(strategy, candidates, slow, { from: 1, count: 2_000, everyMs: 20 })
  // 40 s: looked at every 10 s, one request of hundreds.
  expect(before[1]).toBeGreaterThanOrEqual(3)
  expect(before[1]).toBeLessThanOrEqual(5)
  const after = run(strategy, candidates, (at) => (at === 0 ? 30 : 5), { from: 40_001, count: 10_000, everyMs: 20 })
  expect(after[1]).toBeGreaterThan(after[0] ?? 0)
})

test('with few requests hardly any goes to a slow one', () => {
  const candidates = makeCandidates([1, 1])
  const strategy = create(candidates)
  const counts = run(strategy, candidates, (at) => (at === 0 ? 30 : 2_000), { from: 1, count: 400, everyMs: 60_000 })
  expect(counts[1]).toBeLessThanOrEqual(21)
})

test('one that falls silent is slow before anybody has waited to the end', () => {
  const candidates = makeCandidates([1, 1])
  const [fast, slow] = candidates
  if (fast === undefined || slow === undefined) throw new Error('two were made')
  Object.assign(fast.load, { firstByteMs: 10, pickedAt: 1_000 })
  Object.assign(slow.load, { firstByteMs: 50, pickedAt: 1_000 })
  const strategy = create(candidates)
  Object.assign(fast.load, { active: 3, silentSince: 1_000 })
  expect(strategy.pick(open(2), null, 1_050)).toBe(0)
  expect(strategy.pick(open(2), null, 1_200)).toBe(1)
  fast.load.silentSince = 1_195
  expect(strategy.pick(open(2), null, 1_200)).toBe(0)
})
