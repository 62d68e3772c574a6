// YAML or JSON text of one document → plain objects that know their lines. Knows nothing of resources but `kind: List`.
// A message never quotes the text: what stands at the wrong place may be a secret.
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml'
import { findNode } from './find-node.ts'

export type TextProblem = Readonly<{
  /** 1-based line of the text. */
  line: number
  reason: string
}>

export type ManifestObject = Readonly<{
  /** 1-based line of the text on which the object begins. */
  line: number
  value: unknown
  /** Line of a field, `spec.backends[0].weight`; of its nearest parent where the field itself is absent. */
  lineOf(path: string): number
}>

export type ParsedManifest = Readonly<{ objects: readonly ManifestObject[]; problems: readonly TextProblem[] }>

/** Aliases may multiply a document by about this much, no more (the "billion laughs" attack). */
const maxAliasCount = 100
const maxDepth = 100
const maxListDepth = 4
const maxProblems = 20

/** Objects and problems of a text, lists flattened. With any problem there are no objects. Never throws. */
export function parseManifest(text: string): ParsedManifest {
  const lines = new LineCounter()
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line)
  try {
    // Own check for equal keys: the library's compares each pair, which takes minutes for a hundred thousand of them.
    const documents = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      merge: true,
      logLevel: 'silent',
    })
    if (!Array.isArray(documents)) return { objects: [], problems: [] }
    const problems = documents.flatMap((document) => [
      ...[...document.errors, ...document.warnings].map((error) => ({
        line: lineAt(error.pos[0]),
        reason: describeSyntaxError(error),
      })),
      ...checkNodes(document, lineAt),
    ])
    if (problems.length > 0) return { objects: [], problems: dropEchoes(problems) }
    return readDocuments(documents, lineAt)
  } catch (error) {
    if (error instanceof RangeError) return { objects: [], problems: [{ line: 1, reason: 'is nested too deeply' }] }
    throw error
  }
}

function readDocuments(documents: readonly Document.Parsed[], lineAt: (offset: number) => number): ParsedManifest {
  const objects: ManifestObject[] = []
  const problems: TextProblem[] = []
  for (const document of documents) {
    const root = document.contents
    if (root === null) continue
    const line = lineAt(root.range[0])
    let value: unknown
    try {
      value = document.toJS({ maxAliasCount })
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error
      problems.push({ line, reason: 'too many aliases: expanding them would exhaust memory' })
      continue
    }
    if (value === null) continue
    const bad = findUnusableValue(value, 0)
    if (bad !== null) problems.push({ line, reason: bad })
    else flatten(document, root, '', value, 0, lineAt, objects)
  }
  return problems.length > 0 ? { objects: [], problems } : { objects, problems }
}

function flatten(
  document: Document.Parsed,
  root: Node,
  prefix: string,
  value: unknown,
  depth: number,
  lineAt: (offset: number) => number,
  objects: ManifestObject[],
): void {
  if (isList(value) && depth < maxListDepth) {
    value.items.forEach((item, index) => {
      flatten(document, root, `${prefix === '' ? '' : `${prefix}.`}items[${index}]`, item, depth + 1, lineAt, objects)
    })
    return
  }
  const lineOf = (path: string) => {
    const full = prefix === '' ? path : path === '' ? prefix : `${prefix}.${path}`
    return lineAt(findNode(document, root, full).range?.[0] ?? 0)
  }
  objects.push({ line: lineOf(''), value, lineOf })
}

function isList(value: unknown): value is { items: readonly unknown[] } {
  if (typeof value !== 'object' || value === null) return false
  if (!('kind' in value) || typeof value.kind !== 'string' || !value.kind.endsWith('List')) return false
  return 'items' in value && Array.isArray(value.items)
}

/** What parses and still is no manifest: keys twice, aliases of nothing. */
function checkNodes(document: Document.Parsed, lineAt: (offset: number) => number): TextProblem[] {
  const problems: TextProblem[] = []
  const anchors = new Set<string>()
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        if (anchors.has(node.source)) return
        problems.push({ line: lineAt(node.range?.[0] ?? 0), reason: unknownAlias })
      } else if ('anchor' in node && typeof node.anchor === 'string') anchors.add(node.anchor)
      if (!isMap(node)) return
      const seen = new Set<unknown>()
      for (const { key } of node.items) {
        if (!isScalar(key)) {
          problems.push({ line: lineAt(node.range?.[0] ?? 0), reason: 'a key must be plain text' })
          continue
        }
        const name = String(key.value)
        if (seen.has(name)) problems.push({ line: lineAt(key.range?.[0] ?? 0), reason: 'the same key stands twice' })
        seen.add(name)
      }
    },
  })
  return problems
}

function findUnusableValue(value: unknown, depth: number): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'holds a number that is not finite'
  if (typeof value !== 'object' || value === null) return null
  if (depth > maxDepth) return 'is nested too deeply'
  for (const inner of Object.values(value)) {
    const bad = findUnusableValue(inner, depth + 1)
    if (bad !== null) return bad
  }
  return null
}

/** One syntax error makes others behind it: the first of a line is kept, and no more than a person reads. */
function dropEchoes(problems: readonly TextProblem[]): readonly TextProblem[] {
  const byLine = new Map<number, TextProblem>()
  for (const problem of problems) if (!byLine.has(problem.line)) byLine.set(problem.line, problem)
  return [...byLine.values()].slice(0, maxProblems)
}

const unknownAlias = 'an alias of no anchor before it (a value that starts with * needs quotes)'

/** The library's text, but for the codes whose text quotes the source. */
function describeSyntaxError(error: YAMLError): string {
  switch (error.code) {
    case 'UNEXPECTED_TOKEN':
      return 'not valid YAML: something unexpected stands here'
    case 'TAG_RESOLVE_FAILED':
      return 'not valid YAML: an unknown tag (a value that starts with ! needs quotes)'
    case 'BAD_ALIAS':
      return `not valid YAML: ${unknownAlias}`
    case 'BAD_DIRECTIVE':
      return 'not valid YAML: an unknown directive'
    case 'BAD_DQ_ESCAPE':
      return 'not valid YAML: an invalid escape sequence'
    case 'BAD_PROP_ORDER':
      return 'not valid YAML: an anchor or tag at the wrong place'
    default:
      if (error.message.includes('call stack')) return 'is nested too deeply'
      return `not valid YAML: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`
  }
}
