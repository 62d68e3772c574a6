// Owns the tokens of JSON text: white space, strings, numbers, words; each skipped, checked as strictly as JSON.parse.
// Knows nothing of objects and arrays; expects valid UTF-8.
import { GatewayError } from '../errors/gateway-error.ts'

/** The lowest byte of a word is the first in memory. Where it isn't, strings are read byte by byte. */
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** 1: ends the fast run through a string (quote, backslash, control byte). */
const stopsString = new Uint8Array(256).fill(1, 0, 0x20)
stopsString[QUOTE] = 1
stopsString[BACKSLASH] = 1

/** Every `skip…` takes the offset of a token's first byte and returns the one behind it, or throws `invalid_json`. */
export class JsonTokens {
  readonly #body: Buffer
  /** The same memory as whole aligned 32-bit words; the body starts `#shift` bytes into the first. */
  readonly #words: Int32Array
  readonly #shift: number

  constructor(body: Buffer) {
    this.#body = body
    this.#shift = body.byteOffset & 3
    const wordCount = isLittleEndian ? (body.length + this.#shift) >>> 2 : 0
    this.#words = new Int32Array(body.buffer, body.byteOffset - this.#shift, wordCount)
  }

  /** Over white space, if any. */
  skipSpace(from: number): number {
    const body = this.#body
    let at = from
    let byte = body[at]
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = body[++at]
    return at
  }

  /** From an opening quote to behind the closing one. */
  skipString(from: number): number {
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

  /** Over a number, `true`, `false` or `null`. */
  skipScalar(at: number): number {
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

/** The error for a byte that breaks the grammar; says where, never what. */
export function broken(problem: string, offset: number): GatewayError {
  return new GatewayError('invalid_json', `${problem} at byte ${offset}`, {
    publicText: `The body is not valid JSON: ${problem} at byte ${offset}.`,
  })
}
