// The one that has been fastest to its first byte. Those about as fast share by weight; those that nobody knows are
// asked first, one request at a time; those found slow are asked again now and then.
import type { Candidate, Random, Strategy } from './strategy.ts'

/** Means jump about: up to this many times the fastest is as fast. */
const sameSpeed = 1.25
/** What is not known is asked no sooner again: it may be failing, which is for health to find. Milliseconds. */
const unknownPauseMs = 1_000
/** A mean is believed for so long without being looked at again. Milliseconds. */
const staleAfterMs = 10_000
/** At most one request of so many goes to one that is known as slow. */
const picksPerProbe = 20

export class LowestLatency implements Strategy {
  readonly #candidates: readonly Candidate[]
  readonly #random: Random
  #picksSinceProbe = 0

  constructor(candidates: readonly Candidate[], random: Random) {
    this.#candidates = candidates
    this.#random = random
  }

  pick(isOpen: Uint8Array, _hash: number | null, now: number): number {
    const candidates = this.#candidates
    let fastestMs = Number.POSITIVE_INFINITY
    let stalest = -1
    let stalestAt = now - staleAfterMs
    for (let at = 0; at < candidates.length; at++) {
      if (isOpen[at] !== 1) continue
      const load = candidates[at]?.load
      if (load === undefined) continue
      const { firstByteMs, pickedAt } = load
      if (firstByteMs === 0) {
        if (load.active === 0 && (pickedAt === 0 || now - pickedAt >= unknownPauseMs)) return at
        continue
      }
      if (firstByteMs < fastestMs) fastestMs = firstByteMs
      if (pickedAt <= stalestAt) {
        stalest = at
        stalestAt = pickedAt
      }
    }
    this.#picksSinceProbe++
    if (stalest !== -1 && this.#picksSinceProbe >= picksPerProbe) {
      this.#picksSinceProbe = 0
      return stalest
    }
    return this.#drawFast(isOpen, fastestMs * sameSpeed)
  }

  /** By weight among those up to `limitMs`; nobody known (Infinity): among all. */
  #drawFast(isOpen: Uint8Array, limitMs: number): number {
    const candidates = this.#candidates
    let total = 0
    for (let at = 0; at < candidates.length; at++) {
      const candidate = candidates[at]
      if (isOpen[at] === 1 && candidate !== undefined && isWithin(candidate, limitMs)) total += candidate.weight
    }
    let left = this.#random() * total
    let last = 0
    for (let at = 0; at < candidates.length; at++) {
      const candidate = candidates[at]
      if (isOpen[at] !== 1 || candidate === undefined || !isWithin(candidate, limitMs)) continue
      last = at
      left -= candidate.weight
      if (left < 0) break
    }
    return last
  }
}

function isWithin({ load }: Candidate, limitMs: number): boolean {
  return limitMs === Number.POSITIVE_INFINITY || (load.firstByteMs !== 0 && load.firstByteMs <= limitMs)
}
