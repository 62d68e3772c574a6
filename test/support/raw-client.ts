// A client on a bare socket: sends exact bytes, reads what comes back to the byte, several responses in a row.
import { connect } from 'node:net'
import { type HttpMessage, HttpMessageReader, readBody, readHeader } from './http-message-reader.ts'
import { RawSocket } from './raw-socket.ts'
import { until } from './until.ts'

export class RawResponse {
  readonly message: HttpMessage
  /** Statuses of the 1xx answers before it. */
  readonly informational: readonly number[]

  constructor(message: HttpMessage, informational: readonly number[]) {
    this.message = message
    this.informational = informational
  }

  get status(): number {
    return readStatus(this.message)
  }

  header(name: string): string | null {
    return readHeader(this.message, name)
  }

  get body(): Buffer {
    return readBody(this.message)
  }

  get text(): string {
    return this.body.toString('utf8')
  }

  json(): unknown {
    return JSON.parse(this.text)
  }

  /** False: the connection ended before the body did, as its framing has it. */
  get isComplete(): boolean {
    return this.message.isComplete
  }
}

export type ReadOptions = Readonly<{
  /** The request's method, when it is HEAD. */
  requestMethod?: string
  deadlineMs?: number
}>

export class RawClient extends RawSocket {
  /** Every byte that came, in the order of reads. */
  readonly received: Buffer[] = []
  bytesReceived = 0
  #taken = 0
  #rest: Buffer = Buffer.alloc(0)
  #reader: HttpMessageReader | null = null
  #informational: number[] = []

  constructor(socket: RawSocket['socket']) {
    super(socket)
    socket.on('data', (bytes: Buffer) => {
      this.received.push(bytes)
      this.bytesReceived += bytes.length
    })
  }

  /** Everything that came so far, as latin-1 text. */
  get text(): string {
    return Buffer.concat(this.received).toString('latin1')
  }

  /** Resolves when the text has come. */
  async whenReceived(text: string, deadlineMs?: number): Promise<void> {
    await until(() => this.text.includes(text), `the client received ${JSON.stringify(text)}`, deadlineMs)
  }

  /**
   * The next response, whole, or as far as it came when the connection ended before (`isComplete` is false then).
   * Rejects when the connection ends without a head. Pipelined responses come one a call.
   */
  async readResponse(options: ReadOptions = {}): Promise<RawResponse> {
    const response = await this.readHead(options)
    await this.#pumpUntil((reader) => reader.isComplete, options)
    this.#reader = null
    this.#informational = []
    return response
  }

  /** The next response once its head is there; `readResponse` then waits for the rest of the same one. */
  async readHead(options: ReadOptions = {}): Promise<RawResponse> {
    for (;;) {
      const { message } = await this.#pumpUntil((reader) => reader.message !== null, options)
      if (message === null) {
        throw new Error(`the connection ended without a response: ${JSON.stringify(this.text.slice(0, 200))}`)
      }
      const status = readStatus(message)
      if (status >= 200 || status === 101) return new RawResponse(message, [...this.#informational])
      this.#informational.push(status)
      this.#reader = null
    }
  }

  /** Feeds the reader what has come until it has enough, or nothing more can come. */
  async #pumpUntil(
    hasEnough: (reader: HttpMessageReader) => boolean,
    options: ReadOptions,
  ): Promise<HttpMessageReader> {
    const { requestMethod } = options
    this.#reader ??= new HttpMessageReader({ kind: 'response', ...(requestMethod !== undefined && { requestMethod }) })
    const reader = this.#reader
    await until(
      () => {
        while (!reader.isComplete && (this.#rest.length > 0 || this.#taken < this.received.length)) {
          const bytes = this.#rest.length > 0 ? this.#rest : (this.received[this.#taken++] ?? Buffer.alloc(0))
          this.#rest = reader.push(bytes)
        }
        // A FIN ends a close-delimited body, a reset ends nothing.
        if (this.hasPeerEnded) reader.end()
        return hasEnough(reader) || this.hasPeerEnded || this.isClosed
      },
      'a response',
      options.deadlineMs,
    )
    return reader
  }
}

function readStatus(message: HttpMessage): number {
  return Number(message.startLine.split(' ')[1])
}

/** Connects. A FIN from the peer ends our side too, so that `whenClosed` resolves. */
export function connectRaw(port: number, host = '127.0.0.1'): Promise<RawClient> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host })
    const client = new RawClient(socket)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(client)
    })
  })
}

/** One request on a connection of its own: sends, reads one response, closes. */
export async function exchangeRaw(
  port: number,
  bytes: string | Buffer,
  options: ReadOptions = {},
): Promise<RawResponse> {
  const client = await connectRaw(port)
  try {
    await client.write(bytes)
    return await client.readResponse(options)
  } finally {
    client.socket.destroy()
  }
}
