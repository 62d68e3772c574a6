// Finds the model entry of a requested name: exact name, exact alias, then the longest alias pattern.
import type { ModelEntry } from './table.ts'

export type ModelIndex<T> = Readonly<{ find(requestedModel: string): T | undefined }>

/** `value` gives what is kept for an entry. Internal models are not reachable by name and must be left out before. */
export function bindModelIndex<T>(entries: readonly ModelEntry[], value: (entry: ModelEntry) => T): ModelIndex<T> {
  const exact = new Map<string, T>()
  const patterns: { head: string; tail: string; value: T }[] = []
  for (const entry of entries) exact.set(entry.modelName, value(entry))
  for (const entry of entries) {
    for (const alias of entry.aliases) {
      if (alias.endsWith('*')) patterns.push({ head: alias.slice(0, -1), tail: '', value: value(entry) })
      else if (alias.startsWith('*')) patterns.push({ head: '', tail: alias.slice(1), value: value(entry) })
      else if (!exact.has(alias)) exact.set(alias, value(entry))
    }
  }
  patterns.sort((a, b) => b.head.length + b.tail.length - (a.head.length + a.tail.length))
  return {
    find: (requestedModel) =>
      exact.get(requestedModel) ??
      patterns.find(({ head, tail }) => requestedModel.startsWith(head) && requestedModel.endsWith(tail))?.value,
  }
}

/** Is `modelName` among these names and `*` globs? Null allows everything. */
export function isModelAllowed(models: readonly string[] | null, modelName: string): boolean {
  if (models === null) return true
  return models.some((pattern) => matchesGlob(pattern, modelName))
}

/** `*` stands for any run of characters; no other character is special. Linear, without regular expressions. */
function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split('*')
  const first = parts[0] ?? ''
  if (parts.length === 1) return pattern === text
  const last = parts[parts.length - 1] ?? ''
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false
  let at = first.length
  const end = text.length - last.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
