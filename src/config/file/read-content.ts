// Text of one manifest file → its checked objects. Documents whose text did not change keep their objects by identity.
import { type CheckedObject, type CheckOptions, checkObject, type LocatedProblem } from './check-object.ts'
import { parseManifest, type TextProblem } from './parse-manifest.ts'
import { splitDocuments } from './split-documents.ts'

type CheckedDocument = Readonly<{
  /** Lines in here count from the document's first. */
  objects: readonly CheckedObject[]
  nameless: readonly LocatedProblem[]
  syntax: readonly TextProblem[]
  /** Foreign kinds, `apiVersion kind`: for a debug log. */
  foreignCount: number
}>

export type FileContent = Readonly<{
  text: string
  documents: readonly Readonly<{ startLine: number; text: string; document: CheckedDocument }>[]
  /** Not valid YAML somewhere: nothing of the file counts. Lines of the file. */
  syntaxProblems: readonly TextProblem[]
  /** Documents without apiVersion, kind or name. Lines of the file. */
  namelessProblems: readonly LocatedProblem[]
  objectCount: number
  foreignCount: number
  cache: ReadonlyMap<string, CheckedDocument>
}>

/** Parses and checks a file's text; `previous` lends the documents whose text is the same. Never throws. */
export function readContent(text: string, previous: FileContent | null, options: CheckOptions): FileContent {
  const cache = new Map<string, CheckedDocument>()
  const documents = splitDocuments(text).map((part) => {
    const document = cache.get(part.text) ?? previous?.cache.get(part.text) ?? checkDocument(part.text, options)
    cache.set(part.text, document)
    return { ...part, document }
  })
  const syntaxProblems = documents.flatMap(({ startLine, document }) => shift(document.syntax, startLine))
  const namelessProblems = documents.flatMap(({ startLine, document }) => shift(document.nameless, startLine))
  return {
    text,
    documents,
    syntaxProblems,
    namelessProblems,
    objectCount: documents.reduce((count, { document }) => count + document.objects.length, 0),
    foreignCount: documents.reduce((count, { document }) => count + document.foreignCount, 0),
    cache,
  }
}

/** An object with its document; `lineOffset` makes a line of the document one of the file. */
export type PlacedObject = Readonly<{ object: CheckedObject; text: string; lineOffset: number }>

export function* readObjects(content: FileContent): Generator<PlacedObject> {
  for (const { startLine, text, document } of content.documents) {
    for (const object of document.objects) yield { object, text, lineOffset: startLine - 1 }
  }
}

function checkDocument(text: string, options: CheckOptions): CheckedDocument {
  const { objects: written, problems } = parseManifest(text)
  const objects: CheckedObject[] = []
  const nameless: LocatedProblem[] = []
  let foreignCount = 0
  for (const one of written) {
    const result = checkObject(one, options)
    if (result.outcome === 'object') objects.push(result.object)
    else if (result.outcome === 'nameless') nameless.push(...result.problems)
    else foreignCount += 1
  }
  return { objects, nameless, syntax: problems, foreignCount }
}

function shift<Problem extends { line: number }>(problems: readonly Problem[], startLine: number): Problem[] {
  return startLine === 1
    ? [...problems]
    : problems.map((problem) => ({ ...problem, line: problem.line + startLine - 1 }))
}
