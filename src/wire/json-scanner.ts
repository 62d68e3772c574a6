// Owns a cursor over JSON text that checks the grammar of RFC 8259 as strictly as JSON.parse and decodes only keys.
// Expects valid UTF-8 (the caller checks it, natively, at once); never recurses.
import { broken, JsonTokens } from './json-tokens.ts'

const maxDepth = 256

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Which container is open at each depth. Shared: a scan never yields. */
const isObjectAt = new Uint8Array(maxDepth + 1)

export class JsonScanner {
  /** The next byte to read: at a value's first byte after `readKey`, behind its last after `skipValue`. */
  offset = 0
  readonly #body: Buffer
  readonly #tokens: JsonTokens
  #isFirstMember = true

  constructor(body: Buffer) {
    this.#body = body
    this.#tokens = new JsonTokens(body)
  }

  /** Reads up to and over the opening brace; returns the offset behind it. */
  openObject(): number {
    this.offset = this.#tokens.skipSpace(0)
    if (this.#body[this.offset] !== OPEN_BRACE) throw broken('not an object', this.offset)
    this.offset++
    return this.offset
  }

  /** Is there another member? Reads over the comma, or over the closing brace. */
  hasMember(): boolean {
    let at = this.#tokens.skipSpace(this.offset)
    const byte = this.#body[at]
    if (byte === CLOSE_BRACE) {
      this.offset = at + 1
      return false
    }
    if (!this.#isFirstMember) {
      if (byte !== COMMA) throw broken('expected a comma or closing brace', at)
      at = this.#tokens.skipSpace(at + 1)
    }
    this.#isFirstMember = false
    this.offset = at
    return true
  }

  /** Reads a key and its colon; returns the decoded name. */
  readKey(): string {
    const start = this.offset
    if (this.#body[start] !== QUOTE) throw broken('expected a key', start)
    const end = this.#tokens.skipString(start)
    this.offset = this.#skipColon(end)
    const text = this.#body.toString('utf8', start + 1, end - 1)
    if (!text.includes('\\')) return text
    const decoded: unknown = JSON.parse(`"${text}"`)
    return String(decoded)
  }

  /** Reads over white space and a comma, between the elements of a list that was scanned before. */
  skipSeparators(): void {
    this.offset = this.#tokens.skipSpace(this.offset)
    if (this.#body[this.offset] === COMMA) this.offset = this.#tokens.skipSpace(this.offset + 1)
  }

  /** Nothing but white space may follow. */
  end(): void {
    const at = this.#tokens.skipSpace(this.offset)
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
        at = this.#tokens.skipString(at)
      } else if (byte === OPEN_BRACE) {
        if (depth >= maxDepth) throw broken('nested too deep', at)
        const next = this.#tokens.skipSpace(at + 1)
        if (body[next] === CLOSE_BRACE) {
          at = next + 1
        } else {
          isObjectAt[++depth] = 1
          at = this.#skipInnerKey(next)
          continue
        }
      } else if (byte === OPEN_BRACKET) {
        if (depth >= maxDepth) throw broken('nested too deep', at)
        const next = this.#tokens.skipSpace(at + 1)
        if (body[next] === CLOSE_BRACKET) {
          at = next + 1
        } else {
          isObjectAt[++depth] = 0
          at = next
          continue
        }
      } else {
        at = this.#tokens.skipScalar(at)
      }
      // Behind a value: close containers until one goes on.
      for (;;) {
        if (depth === base) {
          this.offset = at
          return
        }
        at = this.#tokens.skipSpace(at)
        const isObject = isObjectAt[depth] === 1
        const next = body[at]
        if (next === COMMA) {
          at = this.#tokens.skipSpace(at + 1)
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
    return this.#skipColon(this.#tokens.skipString(at))
  }

  #skipColon(at: number): number {
    const colon = this.#tokens.skipSpace(at)
    if (this.#body[colon] !== COLON) throw broken('expected a colon', colon)
    return this.#tokens.skipSpace(colon + 1)
  }
}
