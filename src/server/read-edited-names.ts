// The header names that a configuration sets or removes: nobody else's say counts for them.
import type { HeaderEdits } from '../routing/table.ts'

const noNames: ReadonlySet<string> = new Set()

export function readEditedNames(edits: HeaderEdits): ReadonlySet<string> {
  if (edits.remove.length === 0 && edits.set.length === 0) return noNames
  return new Set([...edits.remove, ...edits.set.map(({ name }) => name)])
}
