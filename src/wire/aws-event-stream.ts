// Reads AWS event-stream messages (application/vnd.amazon.eventstream) out of bytes that come in any pieces: lengths,
// both checksums, headers. What a message means is for others. https://smithy.io/2.0/aws/amazon-eventstream.html
import { crc32 } from 'node:zlib'
import { GatewayError } from '../errors/gateway-error.ts'

/** Booleans, 8- to 32-bit integers and timestamps (ms since the epoch) as they are; long: bigint; UUID: text. */
export type EventStreamHeader = boolean | number | bigint | string | Buffer

export type EventStreamMessage = Readonly<{
  /** By name, as sent (`:event-type`). Of a name that comes twice the last one counts. */
  headers: ReadonlyMap<string, EventStreamHeader>
  payload: Buffer
}>

/** Total length, headers' length, checksum of both. */
const preludeBytes = 12
const checksumBytes = 4
const defaultMaxMessageBytes = 4 * 1024 * 1024
/** The format's own cap on the headers of one message. */
const maxHeaderBytes = 128 * 1024
const none: readonly EventStreamMessage[] = Object.freeze([])

export class AwsEventStreamReader {
  readonly #maxMessageBytes: number
  #pieces: Buffer[] = []
  #bytes = 0
  /** Nothing can be read before so many bytes are there. */
  #needed = preludeBytes

  /** @param maxMessageBytes cap on one message, all of it */
  constructor(maxMessageBytes = defaultMaxMessageBytes) {
    this.#maxMessageBytes = maxMessageBytes
  }

  /** A message has begun and its end has not come. */
  get isInsideMessage(): boolean {
    return this.#bytes > 0
  }

  /** Takes the next bytes; returns the messages that are whole. Throws `upstream_invalid_response` for what is none. */
  push(chunk: Buffer): readonly EventStreamMessage[] {
    if (chunk.length > 0) this.#pieces.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < this.#needed) return none
    let rest = this.#pieces.length === 1 ? chunk : Buffer.concat(this.#pieces)
    const messages: EventStreamMessage[] = []
    for (;;) {
      this.#needed = rest.length < preludeBytes ? preludeBytes : this.#readLength(rest)
      if (rest.length < this.#needed) break
      messages.push(readMessage(rest.subarray(0, this.#needed)))
      rest = rest.subarray(this.#needed)
    }
    this.#pieces = rest.length === 0 ? [] : [rest]
    this.#bytes = rest.length
    return messages
  }

  /** The length of the message that begins here, once its prelude is known to be sound. */
  #readLength(bytes: Buffer): number {
    if (crc32(bytes.subarray(0, 8)) !== bytes.readUInt32BE(8)) throw invalid('a prelude does not match its checksum')
    const total = bytes.readUInt32BE(0)
    const headers = bytes.readUInt32BE(4)
    if (total > this.#maxMessageBytes) throw invalid(`a message is longer than ${this.#maxMessageBytes} bytes`)
    if (headers > maxHeaderBytes) throw invalid(`the headers of a message are longer than ${maxHeaderBytes} bytes`)
    if (total < preludeBytes + headers + checksumBytes) throw invalid('a message is shorter than its headers')
    return total
  }
}

function readMessage(bytes: Buffer): EventStreamMessage {
  const end = bytes.length - checksumBytes
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) throw invalid('a message does not match its checksum')
  const headersEnd = preludeBytes + bytes.readUInt32BE(4)
  return {
    headers: readHeaders(bytes.subarray(preludeBytes, headersEnd)),
    payload: bytes.subarray(headersEnd, end),
  }
}

function readHeaders(bytes: Buffer): ReadonlyMap<string, EventStreamHeader> {
  const headers = new Map<string, EventStreamHeader>()
  try {
    for (let at = 0; at < bytes.length; ) {
      const nameEnd = at + 1 + bytes.readUInt8(at)
      const name = readText(bytes, at + 1, nameEnd)
      const { value, end } = readValue(bytes, bytes.readUInt8(nameEnd), nameEnd + 1)
      headers.set(name, value)
      at = end
    }
  } catch (error) {
    // A length that leads out of the headers.
    if (error instanceof RangeError) throw invalid('a header is cut')
    throw error
  }
  return headers
}

function readValue(bytes: Buffer, type: number, at: number): Readonly<{ value: EventStreamHeader; end: number }> {
  switch (type) {
    case 0:
      return { value: true, end: at }
    case 1:
      return { value: false, end: at }
    case 2:
      return { value: bytes.readInt8(at), end: at + 1 }
    case 3:
      return { value: bytes.readInt16BE(at), end: at + 2 }
    case 4:
      return { value: bytes.readInt32BE(at), end: at + 4 }
    case 5:
      return { value: bytes.readBigInt64BE(at), end: at + 8 }
    case 6: {
      const end = at + 2 + bytes.readUInt16BE(at)
      checkEnd(bytes, end)
      return { value: bytes.subarray(at + 2, end), end }
    }
    case 7: {
      const end = at + 2 + bytes.readUInt16BE(at)
      return { value: readText(bytes, at + 2, end), end }
    }
    case 8:
      return { value: Number(bytes.readBigInt64BE(at)), end: at + 8 }
    case 9: {
      checkEnd(bytes, at + 16)
      const hex = bytes.toString('hex', at, at + 16)
      return { value: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), end: at + 16 }
    }
    default:
      throw invalid(`a header has type ${type}`)
  }
}

function readText(bytes: Buffer, start: number, end: number): string {
  checkEnd(bytes, end)
  return bytes.toString('utf8', start, end)
}

function checkEnd(bytes: Buffer, end: number): void {
  if (end > bytes.length) throw invalid('a header is cut')
}

function invalid(what: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `event stream: ${what}`)
}
