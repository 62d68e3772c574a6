// Owns cutting and pasting in a body without parsing it again. Knows bytes and offsets, not what they mean.

/** Replaces `[start, end)` by `bytes`; `start === end` inserts. Strings are UTF-8. */
export type BodyEdit = Readonly<{ start: number; end: number; bytes: Buffer | string }>

/**
 * Applies edits that are sorted by `start` and don't overlap, in one allocation. No edits: the body itself.
 * Throws RangeError for edits that are out of order or out of range: a bug of the caller.
 */
export function spliceBody(body: Buffer, edits: readonly BodyEdit[]): Buffer {
  if (edits.length === 0) return body
  let length = body.length
  let previousEnd = 0
  for (const { start, end, bytes } of edits) {
    if (start < previousEnd || end < start || end > body.length) throw new RangeError(`edit ${start}..${end}`)
    length += (typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length) - (end - start)
    previousEnd = end
  }
  const spliced = Buffer.allocUnsafe(length)
  let read = 0
  let write = 0
  for (const { start, end, bytes } of edits) {
    write += body.copy(spliced, write, read, start)
    write += typeof bytes === 'string' ? spliced.write(bytes, write) : bytes.copy(spliced, write)
    read = end
  }
  body.copy(spliced, write, read)
  return spliced
}

/** Where members may be inserted: what `scanBody` found. */
export type ObjectOpening = Readonly<{ firstKeyOffset: number; isEmptyObject: boolean }>

/** The edit that puts members (`"temperature":0.7`, JSON text each) in front of an object's own, or null for none. */
export function insertMembers(opening: ObjectOpening, members: readonly string[]): BodyEdit | null {
  if (members.length === 0) return null
  const bytes = opening.isEmptyObject ? members.join(',') : `${members.join(',')},`
  return { start: opening.firstKeyOffset, end: opening.firstKeyOffset, bytes }
}
