// From a field path in a message to the YAML node it means. Reads nodes only, never values.
import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml'

/**
 * The node at `spec.backends[0].weight`; for a map entry the key's node, so that its line is the one people look for.
 * Keys may hold dots (labels): the longest key that fits is taken. Where the path leaves the document, the last node
 * on it. Merged keys (`<<`) and aliases are found where they are used.
 */
export function findNode(document: Document.Parsed, root: Node, path: string): Node {
  let shown: Node = root
  let current: unknown = root
  let rest = path
  while (rest !== '') {
    if (isAlias(current)) current = current.resolve(document)
    const step = isMap(current)
      ? stepIntoMap(current.items, rest)
      : isSeq(current)
        ? stepIntoSeq(current.items, rest)
        : null
    if (step === null) return shown
    shown = step.shown
    current = step.value
    rest = step.rest
  }
  return shown
}

type Step = { shown: Node; value: unknown; rest: string }

function stepIntoMap(items: readonly { key: unknown; value: unknown }[], rest: string): Step | null {
  let best: Step | null = null
  let bestLength = -1
  for (const { key, value } of items) {
    if (!isScalar(key)) continue
    const name = String(key.value)
    const matched = matchKey(name, rest)
    if (matched === null || name.length <= bestLength) continue
    best = { shown: key, value, rest: matched }
    bestLength = name.length
  }
  return best
}

/** What is left of the path behind a key, or null if it is not this key: `a.b`, `["a"].b` and `['a'].b` begin with a. */
function matchKey(name: string, rest: string): string | null {
  for (const written of [name, `["${name}"]`, `['${name}']`, `[${name}]`]) {
    if (!rest.startsWith(written)) continue
    const after = rest.slice(written.length)
    if (after === '') return ''
    if (after.startsWith('.')) return after.slice(1)
    if (after.startsWith('[')) return after
  }
  return null
}

function stepIntoSeq(items: readonly unknown[], rest: string): Step | null {
  const matched = /^\[?(\d+)\]?\.?/.exec(rest)
  if (matched === null) return null
  const item = items[Number(matched[1])]
  return isNode(item) ? { shown: item, value: item, rest: rest.slice(matched[0].length) } : null
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value)
}
