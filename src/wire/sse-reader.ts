// Reads server-sent events out of bytes that come in any pieces, for whoever must understand them: name and data, as
// text. (The framer passes them on without understanding.) https://html.spec.whatwg.org/multipage/server-sent-events.html
import { GatewayError } from '../errors/gateway-error.ts'

/** `event`: null where the stream names none. `data`: all data lines, joined by line feeds. */
export type SseMessage = Readonly<{ event: string | null; data: string }>

const LF = 0x0a
const CR = 0x0d
const defaultMaxEventBytes = 4 * 1024 * 1024
const empty = Buffer.alloc(0)
const none: readonly SseMessage[] = Object.freeze([])

export class SseReader {
  readonly #maxEventBytes: number
  /** Bytes of a line that has not ended: text is only made of whole lines, so no character is ever cut. */
  #rest: Buffer = empty
  #isFirstLine = true
  /** The last line ended with a CR: a LF that comes next belongs to it. */
  #endsWithCr = false
  #event: string | null = null
  #data: string | null = null

  /** @param maxEventBytes cap on one event */
  constructor(maxEventBytes = defaultMaxEventBytes) {
    this.#maxEventBytes = maxEventBytes
  }

  /** An event has begun and its blank line has not come. */
  get isInsideEvent(): boolean {
    return this.#rest.length > 0 || this.#data !== null || this.#event !== null
  }

  /** Takes the next bytes; returns the events that are whole. Throws `upstream_invalid_response` over the cap. */
  push(chunk: Buffer): readonly SseMessage[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const end = findLastLineEnd(bytes)
    if (bytes.length - end + (this.#data?.length ?? 0) > this.#maxEventBytes) throw this.#tooLong()
    this.#rest = end === bytes.length ? empty : end === 0 ? bytes : Buffer.from(bytes.subarray(end))
    if (end === 0) return none
    return this.#readLines(bytes.toString('utf8', 0, end))
  }

  #readLines(text: string): readonly SseMessage[] {
    let at = 0
    if (this.#endsWithCr && text.charCodeAt(0) === LF) at = 1
    this.#endsWithCr = text.charCodeAt(text.length - 1) === CR
    if (this.#isFirstLine) {
      this.#isFirstLine = false
      if (text.charCodeAt(at) === 0xfeff) at++
    }
    const messages: SseMessage[] = []
    let cr = text.indexOf('\r', at)
    while (at < text.length) {
      const lf = text.indexOf('\n', at)
      let end = lf === -1 ? text.length : lf
      let next = end + 1
      if (cr !== -1 && cr < at) cr = text.indexOf('\r', at)
      if (cr !== -1 && cr < end) {
        end = cr
        next = text.charCodeAt(cr + 1) === LF ? cr + 2 : cr + 1
      }
      this.#readLine(text, at, end, messages)
      at = next
    }
    return messages
  }

  #readLine(text: string, start: number, end: number, messages: SseMessage[]): void {
    if (start === end) {
      if (this.#data !== null) messages.push({ event: this.#event, data: this.#data })
      this.#data = null
      this.#event = null
      return
    }
    if (text.startsWith('data:', start)) this.#addData(text.slice(skipSpace(text, start + 5), end))
    else if (text.startsWith('event:', start)) this.#event = text.slice(skipSpace(text, start + 6), end)
    else if (end - start === 4 && text.startsWith('data', start)) this.#addData('')
  }

  #addData(line: string): void {
    this.#data = this.#data === null ? line : `${this.#data}\n${line}`
    if (this.#data.length > this.#maxEventBytes) throw this.#tooLong()
  }

  #tooLong(): GatewayError {
    return new GatewayError('upstream_invalid_response', `an event is longer than ${this.#maxEventBytes} bytes`)
  }
}

/** One space behind the colon belongs to the syntax. */
function skipSpace(text: string, at: number): number {
  return text.charCodeAt(at) === 0x20 ? at + 1 : at
}

/** Offset behind the last line end; 0: there is none. */
function findLastLineEnd(bytes: Buffer): number {
  const lf = bytes.lastIndexOf(LF)
  const cr = bytes.indexOf(CR, lf + 1) === -1 ? -1 : bytes.lastIndexOf(CR)
  return Math.max(lf, cr) + 1
}
