// Gemini signs texts and thoughts as well as calls. Such a signature travels as that of a reasoning part, marked as ours:
// another provider's would be refused. https://ai.google.dev/gemini-api/docs/thought-signatures

const prefix = 'gemini-text:'

export function markSignature(signature: string): string {
  return prefix + signature
}

/** As Gemini wrote it; null: it is no signature of Gemini's. */
export function readMarkedSignature(marked: string): string | null {
  return marked.startsWith(prefix) ? marked.slice(prefix.length) : null
}
