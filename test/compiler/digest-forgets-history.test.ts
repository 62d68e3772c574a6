// Runs of a list are digested once. Whatever was digested before, a list's digest is that of the same list made anew.
import { expect, test } from 'vitest'
import { digestList } from '../../src/compiler/digest-list.ts'

type Item = Readonly<{ id: string; value: number }>

const digest = (items: readonly Item[]) => digestList(items, ({ id }) => id)
/** Digested from nothing: no item was ever seen. */
const digestAnew = (items: readonly Item[]) => digest(items.map((item) => ({ ...item })))

const create = (count: number): Item[] => Array.from({ length: count }, (_, at) => ({ id: `route-${at}`, value: at }))

test('a list that grows and shrinks item by item, at its end and at its start', () => {
  const items = create(200)
  const lengths = Array.from({ length: 200 }, (_, at) => at)
  for (const end of [...lengths, ...lengths.toReversed()]) {
    const part = items.slice(0, end)
    expect(digest(part)).toBe(digestAnew(part))
  }
  for (const start of lengths) expect(digest(items.slice(start))).toBe(digestAnew(items.slice(start)))
})

test('an item changed, removed, added or moved anywhere', () => {
  const items = create(150)
  const before = digest(items)
  for (let at = 0; at < items.length; at += 1) {
    const changed = items.with(at, { id: `route-${at}`, value: -1 })
    const removed = items.toSpliced(at, 1)
    const added = items.toSpliced(at, 0, { id: `new-${at}`, value: at })
    for (const list of [changed, removed, added]) {
      expect(digest(list)).toBe(digestAnew(list))
      expect(digest(list)).not.toBe(before)
    }
    expect(digest(items)).toBe(before)
  }
  expect(digest(items.toReversed())).toBe(digestAnew(items.toReversed()))
})

test('items that were digested are not looked at again', () => {
  const items = create(500)
  let looks = 0
  const count = ({ id }: Item) => {
    looks += 1
    return id
  }
  const first = digestList(items, count)
  expect(looks).toBe(500)
  looks = 0
  expect(digestList([...items], count)).toBe(first)
  expect(looks).toBe(0)
  digestList(items.with(250, { id: 'route-250', value: -1 }), count)
  expect(looks).toBeLessThan(200)
})
