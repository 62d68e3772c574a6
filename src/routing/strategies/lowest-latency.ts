// The one that has been fastest to its first byte. Those about as fast share by weight; those that nobody knows are
// asked first, one request at a time; those found slow are asked again now and then. Silence counts before it ends.
import type { Candidate, Load, Random, Strategy } from './strategy.ts'
import { WeightedDraw } from './weighted-draw.ts'

/** Means jump about: up to this many times the fastest is as fast. */
const sameSpeed = 1.25
/** What is not known is asked no sooner again: it may be failing, which is for health to find. Milliseconds. */
const unknownPauseMs = 1_000
/** A mean is believed for so long without being looked at again. Milliseconds. */
const staleAfterMs = 10_000
/** At most one request of so many goes to one that is known as slow. */
const picksPerProbe = 20

/** So many draws of slower ones mean that few are fast: then one look at each decides. */
const maxDraws = 4

export class LowestLatency implements Strategy {
  readonly #loads: readonly Load[]
  readonly #weights: Float64Array
  readonly #draw: WeightedDraw
  readonly #random: Random
  #picksSinceProbe = 0

  constructor(candidates: readonly Candidate[], random: Random) {
    this.#loads = candidates.map(({ load }) => load)
    this.#weights = Float64Array.from(candidates, ({ weight }) => weight)
    this.#draw = new WeightedDraw(candidates, random)
    this.#random = random
  }

  pick(isOpen: Uint8Array, _hash: number | null, now: number): number {
    const loads = this.#loads
    let fastest = -1
    let fastestMs = Number.POSITIVE_INFINITY
    let secondMs = Number.POSITIVE_INFINITY
    let stalest = -1
    let stalestAt = now - staleAfterMs
    for (let at = 0; at < loads.length; at++) {
      const load = loads[at]
      if (isOpen[at] !== 1 || load === undefined) continue
      const { firstByteMs, pickedAt } = load
      if (firstByteMs === 0) {
        if (load.active === 0 && (pickedAt === 0 || now - pickedAt >= unknownPauseMs)) return at
        continue
      }
      const ms = readMs(load, now)
      if (ms < fastestMs) {
        secondMs = fastestMs
        fastestMs = ms
        fastest = at
      } else if (ms < secondMs) {
        secondMs = ms
      }
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
    // Nobody is known: by weight among all.
    if (fastest === -1) return this.#draw.draw(isOpen, -1)
    const limitMs = fastestMs * sameSpeed
    return secondMs > limitMs ? fastest : this.#drawUpTo(limitMs, isOpen, now)
  }

  /** By weight among those that are known to take no longer: at least one is. */
  #drawUpTo(limitMs: number, isOpen: Uint8Array, now: number): number {
    for (let draws = 0; draws < maxDraws; draws++) {
      const drawn = this.#draw.draw(isOpen, -1)
      if (this.#isWithin(drawn, limitMs, now)) return drawn
    }
    let total = 0
    let last = 0
    for (let at = 0; at < this.#loads.length; at++) {
      if (isOpen[at] !== 1 || !this.#isWithin(at, limitMs, now)) continue
      total += this.#weights[at] ?? 0
      last = at
    }
    let left = this.#random() * total
    for (let at = 0; at < last; at++) {
      if (isOpen[at] !== 1 || !this.#isWithin(at, limitMs, now)) continue
      left -= this.#weights[at] ?? 0
      if (left < 0) return at
    }
    return last
  }

  #isWithin(at: number, limitMs: number, now: number): boolean {
    const load = this.#loads[at]
    return load !== undefined && load.firstByteMs !== 0 && readMs(load, now) <= limitMs
  }
}

/** One that says nothing any more to those who wait is as slow as half its silence: answers take longer than their mean, too. */
function readMs({ firstByteMs, silentSince }: Load, now: number): number {
  return silentSince === 0 ? firstByteMs : Math.max(firstByteMs, (now - silentSince) / 2)
}
