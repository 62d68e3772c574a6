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
   * The next response as soon as its head has come; its body goes on filling only in `readResponse`. For streams, use
   * `whenReceived` on top. Rejects when the connection ends without a head.
   */
  async readResponse(options: ReadOptions = {}): Promise<RawResponse> {
    const informational: number[] = []
    for (;;) {
      const message = await this.#readMessage(options)
      const status = readStatus(message)
      if (status >= 200 || status === 101) return new RawResponse(message, informational)
      informational.push(status)
    }
  }

  /** Reads one message to its end or to the end of the connection. */
  async #readMessage(options: ReadOptions): Promise<HttpMessage> {
    const method = options.requestMethod
    const reader = new HttpMessageReader(
      method === undefined ? { kind: 'response' } : { kind: 'response', requestMethod: method },
    )
    const feed = (bytes: Buffer) => {
      this.#rest = reader.push(bytes)
    }
    if (this.#rest.length > 0) feed(this.#rest)
    await until(
      () => {
        while (!reader.isComplete && this.#taken < this.received.length) {
          feed(this.received[this.#taken++] ?? Buffer.alloc(0))
        }
        if (!reader.isComplete && (this.hasPeerEnded || this.isClosed) && this.#taken === this.received.length) {
          if (!this.isClosed || this.hasPeerEnded) reader.end()
          return true
        }
        return reader.isComplete
      },
      `a response came, got ${JSON.stringify(this.text.slice(0, 200))}`,
      options.deadlineMs,
    )
    if (reader.message === null)
      throw new Error(`the connection ended without a response: ${JSON.stringify(this.text)}`)
    return reader.message
  }
}

function readStatus(message: HttpMessage): number {
  return Number(message.startLine.split(' ')[1])
}

/** Connects to 127.0.0.1; half-open, so that a FIN from the peer does not end our side. */
export function connectRaw(port: number, host = '127.0.0.1'): Promise<RawClient> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host, allowHalfOpen: true })
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
