// How a thought signature of one of Gemini's tool calls travels through a client that knows only Anthropic's blocks: as
// an empty thinking block before the call. https://ai.google.dev/gemini-api/docs/thought-signatures
import type { RequestFields } from '../request-fields.ts'

/** No signature of Anthropic's holds a colon: theirs are base64. */
const prefix = 'gemini:'

/** The signature of such a block. */
export function writeGeminiSignature(signature: string): string {
  return prefix + signature
}

/** Null: it is a block of thinking. */
export function readGeminiSignature(block: RequestFields): string | null {
  if (block.value('type') !== 'thinking' || block.value('thinking') !== '') return null
  const signature = block.value('signature')
  return typeof signature === 'string' && signature.startsWith(prefix) ? signature.slice(prefix.length) : null
}
