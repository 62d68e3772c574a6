// ConsistentHash: one hash, one target, in every process; who comes or goes moves its own share and nobody else's.
import { expect, test } from 'vitest'
import { createStrategy } from '../../src/routing/pick-target.ts'
import { hashText } from '../../src/routing/strategies/hash-ring.ts'
import { countPicks, createRandom, makeCandidates, open, type TestCandidate } from './pick-fixture.ts'

const keys = Array.from({ length: 20_000 }, (_, at) => hashText(`session-${at}`))
const create = (candidates: readonly TestCandidate[]) =>
  createStrategy('ConsistentHash', candidates, null, createRandom(1))

/** The key of the target of each hash. */
function place(candidates: readonly TestCandidate[], ...closed: readonly number[]): string[] {
  const strategy = create(candidates)
  const mask = open(candidates.length, ...closed)
  return keys.map((hash) => candidates[strategy.pick(mask, hash, 0)]?.key ?? '')
}

test('the same in whatever order the targets come', () => {
  const candidates = makeCandidates([1, 1, 1, 1, 1])
  expect(place([...candidates].reverse())).toEqual(place(candidates))
})

test('shares are the weights, within a tenth', () => {
  const counts = new Map<string, number>()
  for (const key of place(makeCandidates([1, 2, 5]))) counts.set(key, (counts.get(key) ?? 0) + 1)
  for (const [at, share] of [0.125, 0.25, 0.625].entries()) {
    const found = (counts.get(`team/target-${at}`) ?? 0) / keys.length
    expect(Math.abs(found - share) / share).toBeLessThan(0.12)
  }
})

test('one leaves: only its own keys move, and to several others', () => {
  const candidates = makeCandidates(Array.from({ length: 10 }, () => 1))
  const before = place(candidates)
  const after = place(candidates.toSpliced(3, 1))
  const movedTo = new Set<string>()
  for (const [at, key] of before.entries()) {
    if (key !== 'team/target-3') expect(after[at]).toBe(key)
    else movedTo.add(after[at] ?? '')
  }
  expect(movedTo.size).toBe(9)
})

test('one comes: it takes about its share from everybody, and nothing moves between the others', () => {
  const ten = makeCandidates(Array.from({ length: 10 }, () => 1))
  const before = place(ten)
  const newcomer = makeCandidates([1]).map((candidate) => ({ ...candidate, key: 'team/new' }))
  const after = place([...ten, ...newcomer])
  const moved = after.filter((key, at) => key !== before[at])
  expect(new Set(moved)).toEqual(new Set(['team/new']))
  expect(moved.length / keys.length).toBeGreaterThan(0.07)
  expect(moved.length / keys.length).toBeLessThan(0.11)
})

test('one rests: its keys go where they would go without it, and come back', () => {
  const candidates = makeCandidates([1, 1, 1, 1])
  expect(place(candidates, 2)).toEqual(place(candidates.toSpliced(2, 1)))
})

test('nothing to hash: by weight, at random', () => {
  const counts = countPicks(create(makeCandidates([3, 1])), open(2), 10_000)
  expect((counts[0] ?? 0) / 10_000).toBeCloseTo(0.75, 1)
})

test('a table with the same targets keeps the ring: no thousands of points are made anew', () => {
  const candidates = makeCandidates(Array.from({ length: 100 }, () => 1))
  const first = create(candidates)
  const begun = performance.now()
  for (let at = 0; at < 100; at++) createStrategy('ConsistentHash', [...candidates], first, createRandom(1))
  const keptMs = (performance.now() - begun) / 100
  const again = performance.now()
  create(makeCandidates(Array.from({ length: 100 }, () => 1)))
  expect(keptMs).toBeLessThan(performance.now() - again)
})
