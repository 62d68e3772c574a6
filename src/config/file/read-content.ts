// Text of one manifest file → its checked objects. Documents whose text did not change keep their objects by identity.
import { setImmediate } from 'node:timers/promises'
import { type CheckedObject, type CheckOptions, checkObject, type LocatedProblem } from './check-object.ts'
import { type ParsedManifest, parseManifest, type TextProblem } from './parse-manifest.ts'
import { type DocumentText, splitDocuments } from './split-documents.ts'

type CheckedDocument = Readonly<{
  /** Lines in here count from the document's first. */
  objects: readonly CheckedObject[]
  nameless: readonly LocatedProblem[]
  syntax: readonly TextProblem[]
  /** Foreign kinds, `apiVersion kind`: for a debug log. */
  foreignCount: number
}>

type PlacedDocument = DocumentText & Readonly<{ document: CheckedDocument }>

export type FileContent = Readonly<{
  text: string
  documents: readonly PlacedDocument[]
  /** Not valid YAML somewhere: nothing of the file counts. Lines of the file. */
  syntaxProblems: readonly TextProblem[]
  /** Documents without apiVersion, kind or name. Lines of the file. */
  namelessProblems: readonly LocatedProblem[]
  objectCount: number
  foreignCount: number
}>

/** A file may hold thousands of documents: requests get their turn between so many milliseconds of parsing. */
const sliceMs = 8

/** Parses and checks a file's text; `previous` lends the documents whose text is the same. Never rejects. */
export async function readContent(
  text: string,
  previous: FileContent | null,
  options: CheckOptions,
): Promise<FileContent> {
  const parts = splitDocuments(text)
  const findKnown = createLookup(previous?.documents ?? [], parts.length)
  const documents: PlacedDocument[] = []
  let sliceStartMs = performance.now()
  for (const [index, part] of parts.entries()) {
    const known = findKnown(part.text, index)
    documents.push({ ...part, document: known ?? checkDocument(part.text, options) })
    if (known !== null || performance.now() - sliceStartMs < sliceMs) continue
    await setImmediate()
    sliceStartMs = performance.now()
  }
  const syntaxProblems = documents.flatMap(({ startLine, document }) => shift(document.syntax, startLine))
  const namelessProblems = documents.flatMap(({ startLine, document }) => shift(document.nameless, startLine))
  return {
    text,
    documents,
    syntaxProblems,
    namelessProblems,
    objectCount: documents.reduce((count, { document }) => count + document.objects.length, 0),
    foreignCount: documents.reduce((count, { document }) => count + document.foreignCount, 0),
  }
}

/** An object with its document; `lineOffset` makes a line of the document one of the file. */
export type PlacedObject = Readonly<{ object: CheckedObject; text: string; lineOffset: number }>

export function* readObjects(content: FileContent): Generator<PlacedObject> {
  for (const { startLine, text, document } of content.documents) {
    for (const object of document.objects) yield { object, text, lineOffset: startLine - 1 }
  }
}

/** Most edits touch one document: nearly all stand where they stood, counted from the start or from the end. */
function createLookup(known: readonly PlacedDocument[], count: number) {
  let byText: ReadonlyMap<string, CheckedDocument> | null = null
  return (text: string, index: number): CheckedDocument | null => {
    for (const near of [known[index], known[known.length - count + index]]) {
      if (near?.text === text) return near.document
    }
    // As many as before: this one was edited.
    if (known.length === count) return null
    byText ??= new Map(known.map((placed) => [placed.text, placed.document]))
    return byText.get(text) ?? null
  }
}

function checkDocument(text: string, options: CheckOptions): CheckedDocument {
  try {
    return checkObjects(parseManifest(text), options)
  } catch (error) {
    // A bug of ours must not end the process: the file keeps what was good of it. The text of the error may quote it.
    const reason = `internal: could not be checked (${error instanceof Error ? error.name : typeof error})`
    return { objects: [], nameless: [], syntax: [{ line: 1, reason }], foreignCount: 0 }
  }
}

function checkObjects({ objects: written, problems }: ParsedManifest, options: CheckOptions): CheckedDocument {
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
