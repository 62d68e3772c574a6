// Tells when a JSON object that comes in pieces is whole, without parsing it: what an interleaved call waits for.

const QUOTE = 0x22
const BACKSLASH = 0x5c

export class JsonProgress {
  #depth = 0
  #isText = false
  #isEscaped = false
  #hasBegun = false

  /** Its outermost brace has closed. */
  get isWhole(): boolean {
    return this.#hasBegun && this.#depth === 0
  }

  push(piece: string): void {
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at)
      if (this.#isText) {
        if (this.#isEscaped) this.#isEscaped = false
        else if (code === BACKSLASH) this.#isEscaped = true
        else if (code === QUOTE) this.#isText = false
      } else if (code === QUOTE) this.#isText = true
      else if (code === 0x7b || code === 0x5b) {
        this.#hasBegun = true
        this.#depth++
      } else if (code === 0x7d || code === 0x5d) this.#depth--
    }
  }
}
