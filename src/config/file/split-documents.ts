// Cuts a YAML text into its documents, so that an edit of one document need not parse the others again.
// Knows only where documents begin: what is in them is parse-manifest.ts's.

export type DocumentText = Readonly<{
  text: string
  /** 1-based line of the file on which `text` begins. */
  startLine: number
}>

/**
 * The documents of a text in order. A `---` in the first column always begins a document, even inside a block scalar
 * (YAML 1.2.2 section 9.1.2), so that cutting there is exact. A text with directives or document end markers, which
 * tie documents together, stays whole.
 */
export function splitDocuments(text: string): readonly DocumentText[] {
  if (/^(?:%|\.\.\.(?:\s|$))/m.test(text)) return [{ text, startLine: 1 }]
  const documents: DocumentText[] = []
  let startLine = 1
  for (const part of text.split(/^(?=---(?:\s|$))/m)) {
    documents.push({ text: part, startLine })
    startLine += countLineBreaks(part)
  }
  return documents
}

function countLineBreaks(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
