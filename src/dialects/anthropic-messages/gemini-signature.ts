// How a thought signature of one of Gemini's tool calls travels through a client that knows only Anthropic's blocks: as
// an empty thinking block before the call. https://ai.google.dev/gemini-api/docs/thought-signatures
import type { Fields } from './fields.ts'

/** No signature of Anthropic's holds a colon: theirs are base64. */
const prefix = 'gemini:'

/** The signature of such a block. */
export function writeGeminiSignature(signature: string): string {
  return prefix + signature
}

/** Null: it is a block of thinking. */
export function readGeminiSignature({ type, thinking, signature }: Fields): string | null {
  if (type !== 'thinking' || thinking !== '' || typeof signature !== 'string') return null
  return signature.startsWith(prefix) ? signature.slice(prefix.length) : null
}
