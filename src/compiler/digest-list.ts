// Owns the digest of a long list: cut into runs, each digested once for as long as its items are the same objects.
// Where a run ends depends on the items alone, so the digest does not depend on what was digested before.
import { hash } from 'node:crypto'

type Run = Readonly<{
  items: readonly object[]
  digest: string
  /** The last item ends it wherever it stands; else it ended with the list. */
  isCut: boolean
}>

/** By first item. */
const known = new WeakMap<object, Run>()

/** SHA-256 (hex) over JSON. One run in about 32 items. */
export function digestList<T extends object>(items: readonly T[], readId: (item: T) => string): string {
  let digests = ''
  for (let start = 0; start < items.length; ) {
    const run = findRun(items, start) ?? digestRun(items, start, readId)
    digests += run.digest
    start += run.items.length
  }
  return hash('sha256', digests)
}

/** The run that starts here, if its very items were digested before: not even their ids are looked at then. */
function findRun(items: readonly object[], start: number): Run | null {
  const run = known.get(items[start] ?? items)
  if (run === undefined) return null
  const end = start + run.items.length
  if (end > items.length || (!run.isCut && end < items.length)) return null
  for (let at = 1; at < run.items.length; at++) if (run.items[at] !== items[start + at]) return null
  return run
}

function digestRun<T extends object>(items: readonly T[], start: number, readId: (item: T) => string): Run {
  let isCut = false
  let end = start
  while (end < items.length && !isCut) {
    const item = items[end]
    isCut = item !== undefined && endsRun(readId(item))
    end += 1
  }
  const run = { items: items.slice(start, end), digest: '', isCut }
  run.digest = hash('sha256', JSON.stringify(run.items))
  const first = run.items[0]
  if (first !== undefined) known.set(first, run)
  return run
}

/** FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv: spreads well, and nothing but speed hangs on it. */
function endsRun(id: string): boolean {
  let sum = 0x811c9dc5
  for (let at = 0; at < id.length; at++) sum = Math.imul(sum ^ id.charCodeAt(at), 0x01000193)
  return (sum & 0x1f) === 0
}
