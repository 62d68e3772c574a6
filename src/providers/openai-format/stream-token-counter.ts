// Counts the tokens of a stream by the text its events bring: for streams that end before their backend reports usage.
// An estimate that is right where an event is a token, as most backends send them. Parses nothing, keeps nothing.

/**
 * Where an event's text stands. `delta`: chat's object and Anthropic's, or the string of the Responses API; `text`: legacy
 * completions. https://platform.openai.com/docs/api-reference/chat-streaming, …/responses-streaming, …/completions,
 * https://docs.claude.com/en/docs/build-with-claude/streaming
 */
export type StreamShape = 'delta' | 'text'

/** Text of one delta up to this long is taken for one token. Bytes of UTF-8. */
const maxTokenBytes = 16
/** Longer text: what a token of English or code has on average. */
const bytesPerToken = 4

const LF = 0x0a
const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c

// In JSON a quoted name followed by a colon can only be a member: inside a string its quotes would be escaped.
const needles: Readonly<Record<StreamShape, Buffer>> = { delta: Buffer.from('"delta"'), text: Buffer.from('"text"') }

/** Some backends say reasoning under two names; text parts (Mistral) count where nothing else does. */
type Kind = 'none' | 'text' | 'reasoning' | 'part'
const kindsByName: readonly (readonly [Buffer, Kind])[] = [
  [Buffer.from('content'), 'text'],
  [Buffer.from('arguments'), 'text'],
  [Buffer.from('refusal'), 'text'],
  [Buffer.from('partial_json'), 'text'],
  [Buffer.from('reasoning_content'), 'reasoning'],
  [Buffer.from('reasoning'), 'reasoning'],
  [Buffer.from('thinking'), 'reasoning'],
  [Buffer.from('text'), 'part'],
]

export class StreamTokenCounter {
  tokens = 0
  readonly #needle: Buffer
  /** Behind the string that was read last. */
  #stringEnd = 0

  constructor(shape: StreamShape) {
    this.#needle = needles[shape]
  }

  /** Takes whole events as the framer hands them on. */
  push(events: Buffer): void {
    const needle = this.#needle
    let at = events.indexOf(needle)
    while (at !== -1) {
      let valueAt = skipSpace(events, at + needle.length)
      if (events[valueAt] === COLON) {
        valueAt = skipSpace(events, valueAt + 1)
        const first = events[valueAt]
        if (first === QUOTE) this.#count(this.#readString(events, valueAt))
        else if (first === 0x7b) this.#count(this.#readObject(events, valueAt))
        else this.#stringEnd = valueAt
        valueAt = this.#stringEnd
      }
      at = events.indexOf(needle, valueAt)
    }
  }

  #count(bytes: number): void {
    if (bytes > 0) this.tokens += bytes <= maxTokenBytes ? 1 : Math.ceil(bytes / bytesPerToken)
  }

  /** The bytes of generated text in the object that opens at `from`; leaves `#stringEnd` behind it. */
  #readObject(events: Buffer, from: number): number {
    let text = 0
    let reasoning = 0
    let part = 0
    let depth = 0
    let kind: Kind = 'none'
    let at = from
    for (; at < events.length; at++) {
      const byte = events[at] ?? 0
      if (byte === QUOTE) {
        const bytes = this.#readString(events, at)
        const end = this.#stringEnd
        if (events[skipSpace(events, end)] === COLON) {
          kind = readKind(events, at + 1, end - 1)
        } else {
          if (kind === 'text') text += bytes
          else if (kind === 'reasoning') reasoning = Math.max(reasoning, bytes)
          else if (kind === 'part') part += bytes
          kind = 'none'
        }
        at = end - 1
      } else if (byte === 0x7b || byte === 0x5b) depth++
      else if (byte === 0x7d || byte === 0x5d) {
        if (--depth === 0) break
      } else if (byte === LF && events[at + 1] === LF) break // The event ended, its object did not.
    }
    this.#stringEnd = at
    return text + reasoning || part
  }

  /** The length of a string's text in UTF-8; leaves `#stringEnd` behind its closing quote. */
  #readString(events: Buffer, from: number): number {
    let at = from + 1
    let bytes = 0
    for (; at < events.length; at++, bytes++) {
      const byte = events[at]
      if (byte === QUOTE) break
      if (byte !== BACKSLASH) continue
      at++
      if (events[at] !== 0x75) continue
      bytes += countEscapedBytes(events, at + 1) - 1
      at += 4
    }
    this.#stringEnd = at + 1
    return bytes
  }
}

/** UTF-8 bytes of `\uXXXX`; half of a surrogate pair counts half of its four. */
function countEscapedBytes(events: Buffer, at: number): number {
  const high = (readHexDigit(events[at]) << 4) | readHexDigit(events[at + 1])
  if (high === 0) return events[at + 2] !== undefined && readHexDigit(events[at + 2]) < 8 ? 1 : 2
  if (high < 0x08) return 2
  return high >= 0xd8 && high <= 0xdf ? 2 : 3
}

function readHexDigit(byte = 0): number {
  return byte <= 0x39 ? byte & 0xf : (byte & 0xf) + 9
}

function readKind(events: Buffer, start: number, end: number): Kind {
  for (const [name, kind] of kindsByName) {
    if (name.length === end - start && isSame(events, start, name)) return kind
  }
  return 'none'
}

function isSame(events: Buffer, start: number, name: Buffer): boolean {
  for (let at = 0; at < name.length; at++) if (events[start + at] !== name[at]) return false
  return true
}

function skipSpace(events: Buffer, from: number): number {
  let at = from
  let byte = events[at]
  while (byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09) byte = events[++at]
  return at
}
