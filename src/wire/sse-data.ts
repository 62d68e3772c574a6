// Owns cheap questions about the bytes of server-sent events: which field, is it the end, has it a usage, an error.
// Looks at bytes; parses only what has the text `"error"` in it.

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const SPACE = 0x20
const QUOTE = 0x22

export const usageNeedle = Buffer.from('"usage"')
const doneText = Buffer.from('[DONE]')

// What is looked for in a chunk begins with a byte that events rarely have: the native search stops at each of those,
// and with a quote in front it takes eight times as long.
const usageTail = Buffer.from('usage"')
const errorTail = Buffer.from('rror"')
const doneTail = Buffer.from('DONE]')

/** Where the first thing worth a look may stand in these bytes; -1: nothing to see here. */
export function findNoteworthy(buffer: Buffer): number {
  let first = findReported(buffer)
  for (const tail of [errorTail, doneTail]) {
    const at = buffer.indexOf(tail)
    if (at !== -1 && (first === -1 || at < first)) first = at
  }
  return first
}

/** Who is asked for usage says `"usage":null` in every event but the last: those tell nothing. */
function findReported(buffer: Buffer): number {
  let at = buffer.indexOf(usageTail)
  while (at !== -1) {
    const colon = at + usageTail.length
    const value = buffer[colon + 1] === SPACE ? colon + 2 : colon + 1
    if (buffer[colon] !== COLON || buffer[value] !== 0x6e) return at
    at = buffer.indexOf(usageTail, value)
  }
  return -1
}

/** Offset of `"usage"` at or after `from`, or -1. */
export function findUsage(buffer: Buffer, from: number): number {
  for (let at = buffer.indexOf(usageTail, from); at !== -1; at = buffer.indexOf(usageTail, at + 1)) {
    if (at > from && buffer[at - 1] === QUOTE) return at - 1
  }
  return -1
}

/** Offset of what may be `"error"` at or after `from`, or -1. */
export function findError(buffer: Buffer, from: number): number {
  for (let at = buffer.indexOf(errorTail, from); at !== -1; at = buffer.indexOf(errorTail, at + 1)) {
    if (at > from + 1 && buffer[at - 1] === 0x65 && buffer[at - 2] === QUOTE) return at - 2
  }
  return -1
}

/** `[DONE]`, white space behind it allowed, as the official clients do. */
export function isDoneData(buffer: Buffer, start: number, end: number): boolean {
  if (end - start < doneText.length) return false
  for (let index = 0; index < doneText.length; index++) if (buffer[start + index] !== doneText[index]) return false
  for (let at = start + doneText.length; at < end; at++) if (buffer[at] !== SPACE && buffer[at] !== 0x09) return false
  return true
}

/**
 * Is there a member of that name with a value other than null in `[at, end)`? In JSON, `"usage"` can't occur inside
 * a longer string (its quotes would be escaped), so only names and whole values look like it; a name has a colon.
 */
export function hasMember(buffer: Buffer, firstAt: number, end: number, needle: Buffer): boolean {
  for (let at = firstAt; at !== -1 && at < end; at = buffer.indexOf(needle, at + needle.length)) {
    let next = skipSpace(buffer, at + needle.length, end)
    if (next === end || buffer[next] !== COLON) continue
    next = skipSpace(buffer, next + 1, end)
    if (next < end && buffer[next] !== 0x6e) return true
  }
  return false
}

function skipSpace(buffer: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && (buffer[at] === SPACE || buffer[at] === 0x09 || buffer[at] === LF || buffer[at] === CR)) at++
  return at
}

/** Is it an object with an `error` other than null? For the rare event in which `"error"` occurs at all. */
export function hasTopLevelError(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && 'error' in parsed && parsed.error != null
  } catch {
    return false
  }
}

/** Is the line `name` or `name:…`? `tail`: the up to four bytes after the first, big endian. */
export function isField(buffer: Buffer, start: number, end: number, nameLength: number, tail: number): boolean {
  const nameEnd = start + nameLength
  if (nameEnd > end || (nameEnd < end && buffer[nameEnd] !== COLON)) return false
  for (let at = start + 1, shift = 24; at < nameEnd; at++, shift -= 8) {
    if (buffer[at] !== ((tail >>> shift) & 0xff)) return false
  }
  return true
}
