// A ring of 32-bit points, many for each candidate by weight. A candidate's points depend on its key alone: who comes or
// goes takes or leaves its own share and moves nobody else's, and every process has the same ring.
import type { Candidate } from './strategy.ts'

/** Points of the lightest candidate: shares are then within some 6 % of the weights. */
const pointsOfLightest = 256
/** Of all together. 6 bytes each. */
const maxPoints = 65_536
const maxOwners = 65_536

export class HashRing {
  readonly #points: Uint32Array
  readonly #owners: Uint16Array

  constructor(candidates: readonly Candidate[]) {
    const total = candidates.reduce((sum, { weight }) => sum + weight, 0)
    const lightest = Math.min(...candidates.map(({ weight }) => weight))
    const scale = Math.min(pointsOfLightest / lightest, maxPoints / total)
    // In the order of their keys: equal points have the same owner in whatever order the candidates come.
    const ranked = candidates.map((candidate, at) => ({ ...candidate, at })).sort((a, b) => (a.key < b.key ? -1 : 1))
    const counts = ranked.map(({ weight }) => Math.max(1, Math.round(weight * scale)))
    // Point and rank in one number, below 2^48: sorted natively, a tenth of the time that objects take.
    const entries = new Float64Array(counts.reduce((sum, count) => sum + count, 0))
    let end = 0
    for (const [rank, { key }] of ranked.entries()) {
      const seed = hashText(key)
      const count = counts[rank] ?? 0
      for (let at = 1; at <= count; at++) entries[end++] = mix(seed ^ mix(at)) * maxOwners + rank
    }
    entries.sort()
    this.#points = Uint32Array.from(entries, (entry) => Math.floor(entry / maxOwners))
    this.#owners = Uint16Array.from(entries, (entry) => ranked[entry % maxOwners]?.at ?? 0)
  }

  /** The open owner of the first point at or behind where `hash` lies, around the ring. */
  find(hash: number, isOpen: Uint8Array): number {
    // Mixed: hashes that differ in a bit must lie far apart.
    const place = mix(hash)
    const points = this.#points
    let low = 0
    let high = points.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((points[middle] ?? 0) < place) low = middle + 1
      else high = middle
    }
    for (let step = 0; step < points.length; step++) {
      const at = low + step
      const owner = this.#owners[at < points.length ? at : at - points.length] ?? 0
      if (isOpen[owner] === 1) return owner
    }
    return isOpen.indexOf(1)
  }
}

/** 32 bits of a text: FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv. */
export function hashText(text: string): number {
  let sum = 0x811c9dc5
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193)
  return sum >>> 0
}

/** MurmurHash3's finaliser: https://github.com/aappleby/smhasher. Each bit of the result hangs on each of `value`. */
function mix(value: number): number {
  let bits = value >>> 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
