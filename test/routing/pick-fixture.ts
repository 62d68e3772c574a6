// Candidates for strategies, chance that can be repeated, and who got how much.
import type { Candidate, Strategy } from '../../src/routing/strategies/strategy.ts'

export type MutableLoad = { active: number; firstByteMs: number; silentSince: number; pickedAt: number }
export type TestCandidate = Candidate & Readonly<{ load: MutableLoad }>

export function makeCandidates(weights: readonly number[], prices: readonly (number | null)[] = []): TestCandidate[] {
  return weights.map((weight, at) => ({
    key: `team/target-${at}`,
    weight,
    price: prices[at] ?? null,
    load: { active: 0, firstByteMs: 0, silentSince: 0, pickedAt: 0 },
  }))
}

/** Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function open(count: number, ...closed: readonly number[]): Uint8Array {
  const mask = new Uint8Array(count).fill(1)
  for (const at of closed) mask[at] = 0
  return mask
}

/** How often each was picked. */
export function countPicks(
  strategy: Strategy,
  mask: Uint8Array,
  picks: number,
  hash?: (at: number) => number,
): number[] {
  const counts = Array.from(mask, () => 0)
  for (let at = 0; at < picks; at++) {
    const picked = strategy.pick(mask, hash?.(at) ?? null, at)
    counts[picked] = (counts[picked] ?? 0) + 1
  }
  return counts
}
