// Owns a cursor over JSON text that checks the grammar of RFC 8259 as strictly as JSON.parse and decodes only keys.
// Expects valid UTF-8 (the caller checks it, natively, at once); never recurses.
import { GatewayError } from '../errors/gateway-error.ts'

const maxDepth = 256

/** The lowest byte of a word is the first in memory. Where it isn't, strings are read byte by byte. */
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Which container is open at each depth. Shared: a scan never yields. */
const isObjectAt = new Uint8Array(maxDepth + 1)

/** 1: ends the fast run through a string (quote, backslash, control byte). */
const stopsString = new Uint8Array(256).fill(1, 0, 0x20)
stopsString[QUOTE] = 1
stopsString[BACKSLASH] = 1

export class JsonScanner {
  /** The next byte to read: at a value's first byte after `readKey`, behind its last after `skipValue`. */
  offset = 0
  readonly #body: Buffer
  /** The same memory as whole aligned 32-bit words; the body starts `#shift` bytes into the first. */
  readonly #words: Int32Array
  readonly #shift: number
  #isFirstMember = true

  constructor(body: Buffer) {
    this.#body = body
    this.#shift = body.byteOffset & 3
    const wordCount = isLittleEndian ? (body.length + this.#shift) >>> 2 : 0
    this.#words = new Int32Array(body.buffer, body.byteOffset - this.#shift, wordCount)
  }

  /** Reads up to and over the opening brace; returns the offset behind it. */
  openObject(): number {
    this.offset = this.#skipSpace(0)
    if (this.#body[this.offset] !== OPEN_BRACE) throw broken('not an object', this.offset)
    this.offset++
    return this.offset
  }

  /** Is there another member? Reads over the comma, or over the closing brace. */
  hasMember(): boolean {
    let at = this.#skipSpace(this.offset)
    const byte = this.#body[at]
    if (byte === CLOSE_BRACE) {
      this.offset = at + 1
      return false
    }
    if (!this.#isFirstMember) {
      if (byte !== COMMA) throw broken('expected a comma or closing brace', at)
      at = this.#skipSpace(at + 1)
    }
    this.#isFirstMember = false
    this.offset = at
    return true
  }

  /** Reads a key and its colon; returns the decoded name. */
  readKey(): string {
    const start = this.offset
    if (this.#body[start] !== QUOTE) throw broken('expected a key', start)
    const end = this.#skipString(start)
    this.offset = this.#skipColon(end)
    const text = this.#body.toString('utf8', start + 1, end - 1)
    if (!text.includes('\\')) return text
    const decoded: unknown = JSON.parse(`"${text}"`)
    return String(decoded)
  }

  /** Nothing but white space may follow. */
  end(): void {
    const at = this.#skipSpace(this.offset)
    if (at < this.#body.length) throw broken('data after the end', at)
  }

  /** Reads over one value of any kind, iteratively. `depth`: containers open around it. */
  skipValue(depth: number): void {
    const body = this.#body
    const base = depth
    let at = this.offset
    for (;;) {
      // At the first byte of a value.
      const byte = body[at]
      if (byte === QUOTE) {
        at = this.#skipString(at)
      } else if (byte === OPEN_BRACE) {
        if (depth >= maxDepth) throw broken('nested too deep', at)
        const next = this.#skipSpace(at + 1)
        if (body[next] === CLOSE_BRACE) {
          at = next + 1
        } else {
          isObjectAt[++depth] = 1
          at = this.#skipInnerKey(next)
          continue
        }
      } else if (byte === OPEN_BRACKET) {
        if (depth >= maxDepth) throw broken('nested too deep', at)
        const next = this.#skipSpace(at + 1)
        if (body[next] === CLOSE_BRACKET) {
          at = next + 1
        } else {
          isObjectAt[++depth] = 0
          at = next
          continue
        }
      } else {
        at = this.#skipScalar(at)
      }
      // Behind a value: close containers until one goes on.
      for (;;) {
        if (depth === base) {
          this.offset = at
          return
        }
        at = this.#skipSpace(at)
        const isObject = isObjectAt[depth] === 1
        const next = body[at]
        if (next === COMMA) {
          at = this.#skipSpace(at + 1)
          if (isObject) at = this.#skipInnerKey(at)
          break
        }
        if (next !== (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) throw broken('expected a comma or closing bracket', at)
        at++
        depth--
      }
    }
  }

  #skipInnerKey(at: number): number {
    if (this.#body[at] !== QUOTE) throw broken('expected a key', at)
    return this.#skipColon(this.#skipString(at))
  }

  #skipColon(at: number): number {
    const colon = this.#skipSpace(at)
    if (this.#body[colon] !== COLON) throw broken('expected a colon', colon)
    return this.#skipSpace(colon + 1)
  }

  #skipSpace(from: number): number {
    const body = this.#body
    let at = from
    let byte = body[at]
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = body[++at]
    return at
  }

  /** From an opening quote to behind the closing one. */
  #skipString(from: number): number {
    const body = this.#body
    let at = from + 1
    for (;;) {
      at = this.#skipPlain(at)
      const byte = body[at]
      if (byte === QUOTE) return at + 1
      if (byte !== BACKSLASH)
        throw broken(byte === undefined ? 'string without an end' : 'control byte in a string', at)
      at = this.#skipEscape(at)
    }
  }

  /** To the first quote, backslash or control byte, or the end: four bytes at a time once aligned. */
  #skipPlain(from: number): number {
    const body = this.#body
    const shift = this.#shift
    const words = this.#words
    let at = from
    for (; ((at + shift) & 3) !== 0; at++) {
      if (stopsString[body[at] ?? QUOTE] !== 0) return at
    }
    for (let index = (at + shift) >>> 2; index < words.length; index++) {
      const word = words[index] ?? 0
      // Has a byte below 0x20 or a quote (x ^ 2 maps both below 0x21), or a backslash? Bytes above 0x7f never count.
      // https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord
      const special = ((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101)
      const found = special & ~word & 0x80808080
      // Borrows can only mark bytes above a true one: the lowest mark is exact.
      if (found !== 0) return (index << 2) - shift + ((31 - Math.clz32(found & -found)) >>> 3)
    }
    at = Math.max(at, (words.length << 2) - shift)
    while (at < body.length && stopsString[body[at] ?? QUOTE] === 0) at++
    return at
  }

  #skipEscape(at: number): number {
    switch (this.#body[at + 1]) {
      case QUOTE:
      case BACKSLASH:
      case 0x2f:
      case 0x62:
      case 0x66:
      case 0x6e:
      case 0x72:
      case 0x74:
        return at + 2
      case 0x75:
        for (let digit = at + 2; digit < at + 6; digit++) {
          if (!isHexDigit(this.#body[digit] ?? 0)) throw broken('bad escape', at)
        }
        return at + 6
      default:
        throw broken('bad escape', at)
    }
  }

  #skipScalar(at: number): number {
    switch (this.#body[at]) {
      case 0x74:
        return this.#skipWord(at, 'true')
      case 0x66:
        return this.#skipWord(at, 'false')
      case 0x6e:
        return this.#skipWord(at, 'null')
      default:
        return this.#skipNumber(at)
    }
  }

  #skipWord(at: number, word: string): number {
    for (let index = 1; index < word.length; index++) {
      if (this.#body[at + index] !== word.charCodeAt(index)) throw broken('unexpected byte', at)
    }
    return at + word.length
  }

  #skipNumber(from: number): number {
    const body = this.#body
    let at = body[from] === 0x2d ? from + 1 : from
    if (body[at] === 0x30) at++
    else at = this.#skipDigits(at)
    if (body[at] === 0x2e) at = this.#skipDigits(at + 1)
    if (body[at] === 0x65 || body[at] === 0x45) {
      at++
      if (body[at] === 0x2b || body[at] === 0x2d) at++
      at = this.#skipDigits(at)
    }
    return at
  }

  /** One digit or more. */
  #skipDigits(from: number): number {
    const body = this.#body
    let at = from
    let byte = body[at]
    while (byte !== undefined && byte >= 0x30 && byte <= 0x39) byte = body[++at]
    if (at === from) throw broken('unexpected byte', at)
    return at
  }
}

function isHexDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}

function broken(problem: string, offset: number): GatewayError {
  return new GatewayError('invalid_json', `${problem} at byte ${offset}`, {
    publicText: `The body is not valid JSON: ${problem} at byte ${offset}.`,
  })
}
