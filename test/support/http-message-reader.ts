// Reads one HTTP/1.1 message from bytes as they come, strictly by RFC 9112: what a test sees is what was on the wire.
// Bytes after the message are handed back.

export type HttpMessage = {
  readonly startLine: string
  /** The head as it came, blank line included. */
  readonly head: Buffer
  /** Names as they were spelled, in order, duplicates kept. */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[]
  readonly framing: 'none' | 'length' | 'chunked' | 'close'
  /** What has come of the body so far. */
  readonly bodyParts: Buffer[]
  readonly trailers: (readonly [name: string, value: string])[]
  /** The sizes of a chunked body's chunks, in order. */
  readonly chunkSizes: number[]
  /** True once the message ended as its framing says. */
  isComplete: boolean
}

/** The values of a header, joined with `, `; null when there is none. */
export function readHeader(message: Pick<HttpMessage, 'rawHeaders'>, name: string): string | null {
  const values = message.rawHeaders.filter(([entry]) => entry.toLowerCase() === name.toLowerCase())
  return values.length === 0 ? null : values.map(([, value]) => value).join(', ')
}

export function readBody(message: Pick<HttpMessage, 'bodyParts'>): Buffer {
  return Buffer.concat(message.bodyParts)
}

/** A message that no HTTP/1.1 receiver should accept. */
export class MalformedMessageError extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'MalformedMessageError'
  }
}

export type HttpMessageReaderOptions = Readonly<{
  kind: 'request' | 'response'
  /** For responses: the request's method; HEAD and 1xx, 204, 304 have no body. */
  requestMethod?: string
}>

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

export class HttpMessageReader {
  /** Set when the head is whole. */
  message: HttpMessage | null = null
  readonly #options: HttpMessageReaderOptions
  #pending: Buffer = Buffer.alloc(0)
  #remaining = 0
  #state: 'head' | 'length' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'close' | 'done' = 'head'

  constructor(options: HttpMessageReaderOptions) {
    this.#options = options
  }

  get isComplete(): boolean {
    return this.#state === 'done'
  }

  /** Takes bytes; returns what is left after the end of the message (empty before it). Throws MalformedMessageError. */
  push(bytes: Buffer): Buffer {
    // Body bytes are not copied: only what a line may be cut in is kept.
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    while (this.#state !== 'done' && this.#advance());
    if (this.#state !== 'done') return Buffer.alloc(0)
    const rest = this.#pending
    this.#pending = Buffer.alloc(0)
    return rest
  }

  /** The peer sent FIN: ends a close-delimited body. */
  end(): void {
    if (this.#state === 'close') this.#finish()
  }

  #advance(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead()
      case 'length':
      case 'chunk':
        return this.#readCounted()
      case 'close':
        return this.#readToClose()
      case 'chunk-size':
        return this.#readLine((line) => this.#startChunk(line))
      case 'chunk-end':
        return this.#readLine((line) => {
          if (line !== '') throw new MalformedMessageError('chunk data is longer than its size')
          this.#state = 'chunk-size'
        })
      case 'trailer':
        return this.#readLine((line) => {
          if (line === '') this.#finish()
          else this.#open().trailers.push(parseHeaderLine(line))
        })
      case 'done':
        return false
    }
  }

  #readHead(): boolean {
    const end = this.#pending.indexOf('\r\n\r\n')
    if (end < 0) return false
    const head = this.#pending.subarray(0, end + 4)
    this.#pending = this.#pending.subarray(end + 4)
    const [startLine = '', ...lines] = head.subarray(0, end).toString('latin1').split('\r\n')
    if (/[\r\n\0]/.test(startLine)) throw new MalformedMessageError('control character in the start line')
    const rawHeaders = lines.map(parseHeaderLine)
    const framing = this.#readFraming(startLine, rawHeaders)
    this.message = {
      startLine,
      head: Buffer.from(head),
      rawHeaders,
      framing,
      bodyParts: [],
      trailers: [],
      chunkSizes: [],
      isComplete: false,
    }
    if (framing === 'none' || (framing === 'length' && this.#remaining === 0)) this.#finish()
    else this.#state = framing === 'chunked' ? 'chunk-size' : framing
    return true
  }

  #readFraming(startLine: string, rawHeaders: HttpMessage['rawHeaders']): HttpMessage['framing'] {
    const coding = readHeader({ rawHeaders }, 'transfer-encoding')
    const length = readHeader({ rawHeaders }, 'content-length')
    if (coding !== null && length !== null) throw new MalformedMessageError('Transfer-Encoding with Content-Length')
    if (coding !== null && coding.toLowerCase() !== 'chunked') throw new MalformedMessageError(`coding ${coding}`)
    if (length !== null && !/^\d+$/.test(length)) throw new MalformedMessageError(`Content-Length ${length}`)
    if (this.#options.kind === 'response') {
      const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(startLine)?.[1] ?? Number.NaN)
      if (Number.isNaN(status)) throw new MalformedMessageError(`status line ${startLine}`)
      if (this.#options.requestMethod === 'HEAD' || status < 200 || status === 204 || status === 304) return 'none'
    } else if (!/^\S+ \S+ HTTP\/1\.[01]$/.test(startLine)) {
      throw new MalformedMessageError(`request line ${startLine}`)
    }
    if (coding !== null) return 'chunked'
    this.#remaining = Number(length ?? 0)
    if (length !== null) return 'length'
    return this.#options.kind === 'response' ? 'close' : 'none'
  }

  #readCounted(): boolean {
    if (this.#pending.length === 0) return false
    const part = this.#pending.subarray(0, this.#remaining)
    this.#pending = this.#pending.subarray(part.length)
    this.#remaining -= part.length
    this.#open().bodyParts.push(part)
    if (this.#remaining > 0) return false
    if (this.#state === 'chunk') this.#state = 'chunk-end'
    else this.#finish()
    return true
  }

  #readToClose(): boolean {
    if (this.#pending.length > 0) this.#open().bodyParts.push(this.#pending)
    this.#pending = Buffer.alloc(0)
    return false
  }

  #startChunk(line: string): void {
    const size = /^([0-9a-fA-F]{1,13})(?:;.*)?$/.exec(line)?.[1]
    if (size === undefined) throw new MalformedMessageError(`chunk size ${line}`)
    this.#remaining = Number.parseInt(size, 16)
    this.#state = this.#remaining === 0 ? 'trailer' : 'chunk'
    if (this.#remaining > 0) this.#open().chunkSizes.push(this.#remaining)
  }

  #readLine(take: (line: string) => void): boolean {
    const end = this.#pending.indexOf('\r\n')
    if (end < 0) return false
    const line = this.#pending.subarray(0, end).toString('latin1')
    this.#pending = this.#pending.subarray(end + 2)
    take(line)
    return true
  }

  #open(): HttpMessage {
    if (this.message === null) throw new Error('no head yet')
    return this.message
  }

  #finish(): void {
    this.#open().isComplete = true
    this.#state = 'done'
  }
}

function parseHeaderLine(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(0, colon))
  const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')
  if (!token.test(name)) throw new MalformedMessageError(`header line ${line}`)
  if (/[\r\n\0]/.test(value)) throw new MalformedMessageError(`header value of ${name}`)
  return [name, value]
}
