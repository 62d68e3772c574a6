// How a prompt begins, as 32 bits: requests that begin alike find their provider's prompt cache warm on one target.
// Reads raw bytes; what it reads has been scanned before, so that its JSON is known to be right.
import { crc32 } from 'node:zlib'
import { JsonScanner } from './json-scanner.ts'

/** Where it stands in the body; an end of 0: not there. */
export type PromptPlace = Readonly<{
  /** `system` or `instructions`. */
  systemStart: number
  systemEnd: number
  /** `messages`, `prompt` or `input`. */
  contentStart: number
  contentEnd: number
}>

/** Of each part no more is read: an image may stand in it. */
const maxPartBytes = 65_536
const openBracket = 0x5b
const closeBracket = 0x5d

/**
 * The system prompt, and the messages up to the first that is not the system's: the same for every turn of a
 * conversation, another for the next. Null: the body has neither.
 */
export function hashPrompt(body: Buffer, place: PromptPlace): number | null {
  const { systemStart, systemEnd, contentStart, contentEnd } = place
  if (systemEnd === 0 && contentEnd === 0) return null
  let hash = systemEnd === 0 ? 0 : addPart(0, body, systemStart, systemEnd)
  if (contentEnd === 0) return hash
  if (body[contentStart] !== openBracket) return addPart(hash, body, contentStart, contentEnd)
  const scanner = new JsonScanner(body)
  scanner.offset = contentStart + 1
  for (let isEmpty = systemEnd === 0; ; isEmpty = false) {
    scanner.skipSeparators()
    const start = scanner.offset
    if (start >= contentEnd || body[start] === closeBracket) return isEmpty ? null : hash
    scanner.skipValue(1)
    hash = addPart(hash, body, start, scanner.offset)
    if (!isSystems(body.subarray(start, scanner.offset))) return hash
  }
}

function addPart(hash: number, body: Buffer, start: number, end: number): number {
  return crc32(body.subarray(start, Math.min(end, start + maxPartBytes)), hash)
}

/** A message of the role `system` or `developer`. */
function isSystems(message: Buffer): boolean {
  if (message[0] !== 0x7b) return false
  const scanner = new JsonScanner(message)
  scanner.openObject()
  while (scanner.hasMember()) {
    const key = scanner.readKey()
    const start = scanner.offset
    scanner.skipValue(1)
    if (key !== 'role') continue
    const role = message.toString('latin1', start, scanner.offset)
    return role === '"system"' || role === '"developer"'
  }
  return false
}
