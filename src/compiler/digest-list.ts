// Owns the digest of a long list: cut into runs, each digested once for as long as its items are the same objects.
// Where a run ends depends on the items alone, so the digest does not depend on what was digested before.
import { hash } from 'node:crypto'

type Run = Readonly<{ items: readonly object[]; digest: string }>

/** By first item. */
const known = new WeakMap<object, Run>()

/** SHA-256 (hex) over JSON. One run in about 32 items. */
export function digestList<T extends object>(items: readonly T[], readId: (item: T) => string): string {
  let digests = ''
  let start = 0
  for (const [at, item] of items.entries()) {
    if (at + 1 < items.length && !endsRun(readId(item))) continue
    digests += digestRun(items, start, at + 1)
    start = at + 1
  }
  return hash('sha256', digests)
}

/** FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv: spreads well, and nothing but speed hangs on it. */
function endsRun(id: string): boolean {
  let sum = 0x811c9dc5
  for (let at = 0; at < id.length; at++) sum = Math.imul(sum ^ id.charCodeAt(at), 0x01000193)
  return (sum & 0x1f) === 0
}

function digestRun(items: readonly object[], start: number, end: number): string {
  const first = items[start]
  if (first === undefined) return ''
  const earlier = known.get(first)
  if (earlier !== undefined && isSameRun(earlier.items, items, start, end)) return earlier.digest
  const run = items.slice(start, end)
  const digest = hash('sha256', JSON.stringify(run))
  known.set(first, { items: run, digest })
  return digest
}

function isSameRun(run: readonly object[], items: readonly object[], start: number, end: number): boolean {
  if (run.length !== end - start) return false
  for (let at = 0; at < run.length; at++) if (run[at] !== items[start + at]) return false
  return true
}
