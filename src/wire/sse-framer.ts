// Owns cutting a stream of server-sent events into whole events (WHATWG HTML section 9.2.6) for relaying.
// Never changes, adds or drops a byte: what `push` returned plus `rest` is always what was pushed.
import { GatewayError } from '../errors/gateway-error.ts'
import {
  findError,
  findNoteworthy,
  findUsage,
  hasMember,
  hasTopLevelError,
  isDoneData,
  isField,
  usageNeedle,
} from './sse-data.ts'

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20

const empty = Buffer.alloc(0)
const blankLine = Buffer.from('\n\n')
const defaultMaxEventBytes = 1_048_576

/** An event with a `usage` other than null: `[start, end)` of the bytes it came in, line ends included, and its data. */
export type UsageEvent = Readonly<{ start: number; end: number; data: Buffer }>

/**
 * Frames one stream. Comments outside an event pass at once; an event passes when its blank line is there.
 * A chunk that ends an event is returned as it is, without a copy; only an incomplete rest is copied.
 */
export class SseFramer {
  /** A whole event with the data `[DONE]` has been seen. */
  isDone = false
  /** The data of the last event with a `usage` member other than null. */
  usageData: Buffer | null = null
  /** The same of the first one: some say what came in at a stream's start, what went out at its end. */
  firstUsageData: Buffer | null = null
  /** Those in what `push` returned last. */
  usageEvents: UsageEvent[] = []
  /** An event's data was an object with an `error` member other than null. */
  errorSeen = false

  readonly #maxEventBytes: number
  // The bytes of the incomplete event and the free room behind them; offsets below count from its start.
  #held: Buffer = empty
  #heldBytes = 0
  #lineStart = 0
  #isFirstLine = true
  /** The last byte was a CR: a LF now belongs to the same line end. */
  #endsWithCr = false
  /** A data, event, id or retry field waits for its blank line. */
  #hasField = false
  #dataLines = 0
  #dataStart = 0
  #dataEnd = 0
  /** All data lines of an event that has more than one. */
  #dataParts: Buffer[] = []
  // Where in the buffer being read the needles come next; -1: not at all, -2: not looked for yet.
  #nextUsage = -2
  #nextError = -2

  /** @param options.maxEventBytes cap on one event or comment, line ends included */
  constructor(options: Readonly<{ maxEventBytes?: number }> = {}) {
    this.#maxEventBytes = options.maxEventBytes ?? defaultMaxEventBytes
  }

  /** The bytes held back: an incomplete event. A stream that ends with some was cut. */
  get rest(): Buffer {
    return this.#held.subarray(0, this.#heldBytes)
  }

  /**
   * Takes the next bytes; returns those that may be forwarded now, or null.
   * Throws `upstream_invalid_response` for an event over the cap; the framer is of no use after that.
   */
  push(chunk: Buffer): Buffer | null {
    if (this.usageEvents.length > 0) this.usageEvents = []
    if (this.#isWhole(chunk)) return this.#passWhole(chunk)
    const from = this.#heldBytes
    const buffer = from === 0 ? chunk : this.#append(chunk)
    const length = from + chunk.length
    this.#nextUsage = -2
    this.#nextError = -2
    const safe = this.#scan(buffer, from, length)
    if (length - safe > this.#maxEventBytes) throw this.#tooLong()
    if (safe === length) {
      this.#held = empty
      this.#heldBytes = 0
      this.#rebase(safe)
      return from === 0 ? (length === 0 ? null : chunk) : buffer.subarray(0, length)
    }
    if (from === 0 || safe > 0) this.#hold(buffer, safe, length)
    else this.#heldBytes = length
    return safe === 0 ? null : buffer.subarray(0, safe)
  }

  /** Begins where an event may begin and ends with a blank line: all of it may go. */
  #isWhole(chunk: Buffer): boolean {
    const { length } = chunk
    if (this.#heldBytes > 0 || this.#hasField || this.#endsWithCr || length > this.#maxEventBytes) return false
    return chunk[length - 1] === LF && chunk[length - 2] === LF && !(this.#isFirstLine && chunk[0] === 0xef)
  }

  /** Native searches instead of a look at every byte, but from the first event on that has something to look at. */
  #passWhole(chunk: Buffer): Buffer {
    this.#isFirstLine = false
    const noteworthyAt = findNoteworthy(chunk)
    if (noteworthyAt === -1) return chunk
    const blankAt = chunk.lastIndexOf(blankLine, noteworthyAt)
    const from = blankAt === -1 ? 0 : blankAt + blankLine.length
    this.#nextUsage = -2
    this.#nextError = -2
    this.#lineStart = from
    this.#scan(chunk, from, chunk.length, from)
    this.#rebase(chunk.length)
    return chunk
  }

  /** Reads the lines of `[from, length)`; returns the last offset at which no field is pending, at least `safeFrom`. */
  #scan(buffer: Buffer, from: number, length: number, safeFrom = 0): number {
    let safe = safeFrom
    let at = from
    let usage = this.usageData
    if (this.#endsWithCr && at < length) {
      this.#endsWithCr = false
      if (buffer[at] === LF) {
        at++
        this.#lineStart = at
        if (!this.#hasField) safe = at
      }
    }
    while (at < length) {
      // The hot loop: nearly every byte is above CR, so one comparison each.
      let byte = buffer[at] ?? LF
      while (byte > CR && ++at < length) byte = buffer[at] ?? LF
      if (at === length) break
      if (byte !== LF && byte !== CR) {
        at++
        continue
      }
      const lineEnd = at
      at++
      if (byte === CR) {
        if (at === length) this.#endsWithCr = true
        else if (buffer[at] === LF) at++
      }
      this.#readLine(buffer, this.#lineStart, lineEnd)
      this.#lineStart = at
      if (!this.#hasField) {
        if (at - safe > this.#maxEventBytes) throw this.#tooLong()
        if (this.usageData !== null && this.usageData !== usage) {
          usage = this.usageData
          this.usageEvents.push({ start: safe, end: at, data: usage })
        }
        safe = at
      }
    }
    return safe
  }

  #readLine(buffer: Buffer, lineStart: number, end: number): void {
    let start = lineStart
    if (this.#isFirstLine) {
      this.#isFirstLine = false
      if (end - start >= 3 && buffer[start] === 0xef && buffer[start + 1] === 0xbb && buffer[start + 2] === 0xbf)
        start += 3
    }
    if (start === end) {
      if (this.#dataLines > 0) this.#dispatch(buffer)
      this.#hasField = false
      return
    }
    switch (buffer[start]) {
      case 0x64: // data
        if (!isField(buffer, start, end, 4, 0x61746100)) return
        this.#readData(buffer, start + 4, end)
        this.#hasField = true
        return
      case 0x65: // event
        if (isField(buffer, start, end, 5, 0x76656e74)) this.#hasField = true
        return
      case 0x69: // id
        if (isField(buffer, start, end, 2, 0x64000000)) this.#hasField = true
        return
      case 0x72: // retry
        if (isField(buffer, start, end, 5, 0x65747279)) this.#hasField = true
        return
    }
  }

  #readData(buffer: Buffer, nameEnd: number, end: number): void {
    let start = nameEnd
    if (start < end) start++ // the colon
    if (start < end && buffer[start] === SPACE) start++
    if (this.#dataLines > 0) {
      // Parts are copied: the buffer may have moved by the time the event is whole.
      if (this.#dataLines === 1) this.#dataParts = [Buffer.from(buffer.subarray(this.#dataStart, this.#dataEnd))]
      this.#dataParts.push(Buffer.from(buffer.subarray(start, end)))
    }
    this.#dataLines++
    this.#dataStart = start
    this.#dataEnd = end
  }

  /** An event is whole. */
  #dispatch(buffer: Buffer): void {
    if (this.#dataLines > 1) {
      const joined = Buffer.from(this.#dataParts.map((part) => part.toString('latin1')).join('\n'), 'latin1')
      this.#dataParts = []
      this.#dataLines = 0
      this.#inspect(joined, 0, joined.length, findUsage(joined, 0), findError(joined, 0))
      return
    }
    this.#dataLines = 0
    const start = this.#dataStart
    const end = this.#dataEnd
    // One native search a buffer, not one an event.
    if (this.#nextUsage !== -1 && this.#nextUsage < start) this.#nextUsage = findUsage(buffer, start)
    if (this.#nextError !== -1 && this.#nextError < start) this.#nextError = findError(buffer, start)
    this.#inspect(buffer, start, end, this.#nextUsage, this.#nextError)
  }

  #inspect(buffer: Buffer, start: number, end: number, usageAt: number, errorAt: number): void {
    if (buffer[start] === 0x5b) {
      if (isDoneData(buffer, start, end)) this.isDone = true
      return
    }
    if (usageAt !== -1 && usageAt < end && hasMember(buffer, usageAt, end, usageNeedle)) {
      this.usageData = Buffer.from(buffer.subarray(start, end))
      this.firstUsageData ??= this.usageData
    }
    if (errorAt !== -1 && errorAt < end && !this.errorSeen) {
      this.errorSeen = hasTopLevelError(buffer.toString('utf8', start, end))
    }
  }

  #append(chunk: Buffer): Buffer {
    const needed = this.#heldBytes + chunk.length
    if (needed > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(256, needed, this.#held.length * 2))
      this.#held.copy(grown, 0, 0, this.#heldBytes)
      this.#held = grown
    }
    chunk.copy(this.#held, this.#heldBytes)
    return this.#held
  }

  /** Keeps `[safe, length)` in room of its own: what has been handed out is never written to again. */
  #hold(buffer: Buffer, safe: number, length: number): void {
    const bytes = length - safe
    const held = Buffer.allocUnsafeSlow(Math.max(256, bytes * 2))
    buffer.copy(held, 0, safe, length)
    this.#held = held
    this.#heldBytes = bytes
    this.#rebase(safe)
  }

  #rebase(safe: number): void {
    this.#lineStart -= safe
    this.#dataStart -= safe
    this.#dataEnd -= safe
  }

  #tooLong(): GatewayError {
    return new GatewayError('upstream_invalid_response', `an event is longer than ${this.#maxEventBytes} bytes`)
  }
}
