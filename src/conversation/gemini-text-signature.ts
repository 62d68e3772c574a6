// Gemini signs texts and thoughts as well as calls. Such a signature travels as that of a reasoning part, marked as
// Gemini's, since one provider refuses what another has signed. https://ai.google.dev/gemini-api/docs/thought-signatures

/** No other's signature holds a colon: they are base64. */
const prefix = 'gemini-text:'

export function markGeminiSignature(signature: string): string {
  return prefix + signature
}

/** As Gemini wrote it; null: it is no signature of Gemini's. */
export function readGeminiSignature(marked: string): string | null {
  return marked.startsWith(prefix) ? marked.slice(prefix.length) : null
}
