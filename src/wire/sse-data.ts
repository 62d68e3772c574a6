// Owns cheap questions about the data of one server-sent event: is it the end, has it a usage, is it an error.
// Looks at bytes; parses only what has the text `"error"` in it.

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const SPACE = 0x20

export const usageNeedle = Buffer.from('"usage"')
export const errorNeedle = Buffer.from('"error"')
export const doneNeedle = Buffer.from('[DONE]')

/** `[DONE]`, white space behind it allowed, as the official clients do. */
export function isDoneData(buffer: Buffer, start: number, end: number): boolean {
  if (end - start < doneNeedle.length) return false
  for (let index = 0; index < doneNeedle.length; index++) if (buffer[start + index] !== doneNeedle[index]) return false
  for (let at = start + doneNeedle.length; at < end; at++) if (buffer[at] !== SPACE && buffer[at] !== 0x09) return false
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
