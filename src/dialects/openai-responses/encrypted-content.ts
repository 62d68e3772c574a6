// What a `reasoning` item carries for the backend alone: its proof that the reasoning is its own. OpenAI's servers put
// ciphertext there; ours is readable, as it holds nothing but what the backend itself sends to every client.
import { isRecord } from '../../is-record.ts'

/**
 * `signature`: of the item's text. `redacted`: reasoning shown to nobody, the item has no text. `call`: of the function
 * call with that id, the item has no text (Gemini signs calls).
 */
export type SealedReasoning =
  | Readonly<{ kind: 'signature'; signature: string }>
  | Readonly<{ kind: 'redacted'; data: string }>
  | Readonly<{ kind: 'call'; callId: string; signature: string }>

/** Tells ours from the ciphertext of OpenAI's servers, which another backend of the same model may have written. */
const prefix = 'sluice.'

export function sealReasoning(sealed: SealedReasoning): string {
  return prefix + Buffer.from(JSON.stringify(sealed)).toString('base64')
}

/** Null: not ours. */
export function openReasoning(text: string): SealedReasoning | null {
  if (!text.startsWith(prefix)) return null
  const value = parse(Buffer.from(text.slice(prefix.length), 'base64').toString())
  if (!isRecord(value)) return null
  const { kind, signature, data, callId } = value
  if (kind === 'signature' && typeof signature === 'string') return { kind, signature }
  if (kind === 'redacted' && typeof data === 'string') return { kind, data }
  if (kind === 'call' && typeof callId === 'string' && typeof signature === 'string') return { kind, callId, signature }
  return null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
