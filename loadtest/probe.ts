// A keep-alive client on a bare socket that costs next to nothing: fixed bytes out, the end of the answer found in the
// bytes that come back. One request at a time.
import { connect, type Socket } from 'node:net'

export type ProbeTiming = Readonly<{
  status: number
  /** From the write to the first byte of the head, the first byte of the body, the end. Milliseconds. */
  firstByteMs: number
  firstBodyMs: number
  totalMs: number
}>

type Waiting = {
  readonly resolve: (timing: ProbeTiming) => void
  readonly reject: (error: Error) => void
  readonly start: number
}

export class Probe {
  readonly #socket: Socket
  #waiting: Waiting | null = null
  #status = 0
  #firstByteMs = 0
  #firstBodyMs = 0
  /** Bytes of the body still to come; -1: chunked; -2: the head is not whole. */
  #remaining = -2
  #head: Buffer = Buffer.alloc(0)
  #tail: Buffer = Buffer.alloc(0)
  #onFirstBody: (() => void) | null = null

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error(`the connection was closed: ${this.#describe()}`)))
  }

  static connect(port: number): Promise<Probe> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Probe(socket))
      })
    })
  }

  /** Sends the bytes; resolves when the answer has ended. */
  request(bytes: Buffer): Promise<ProbeTiming> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('the connection was closed'))
      this.#remaining = -2
      this.#head = Buffer.alloc(0)
      this.#firstByteMs = 0
      this.#firstBodyMs = 0
      this.#waiting = { resolve, reject, start: performance.now() }
      this.#socket.write(bytes)
    })
  }

  /** Sends the bytes; resolves with the first bytes of the body. The answer never ends. */
  hold(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onFirstBody = resolve
      this.request(bytes).then(() => reject(new Error('a held stream ended')), reject)
    })
  }

  close(): void {
    this.#waiting = null
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    const waiting = this.#waiting
    if (waiting === null) return
    if (this.#firstByteMs === 0) this.#firstByteMs = performance.now() - waiting.start
    let body = bytes
    if (this.#remaining === -2) {
      this.#head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes])
      const end = this.#head.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = this.#head.toString('latin1', 0, end)
      body = this.#head.subarray(end + 4)
      this.#status = Number(head.slice(9, 12))
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
      this.#remaining = length === undefined ? -1 : Number(length)
      this.#tail = Buffer.alloc(0)
    }
    if (body.length > 0 && this.#firstBodyMs === 0) {
      this.#firstBodyMs = performance.now() - waiting.start
      this.#onFirstBody?.()
    }
    if (this.#remaining === -1) {
      // The end of a chunked body may be cut anywhere: the last five bytes are kept.
      this.#tail = body.length >= 5 ? body.subarray(-5) : Buffer.concat([this.#tail, body]).subarray(-5)
      if (this.#tail.toString('latin1') !== '0\r\n\r\n') return
    } else {
      this.#remaining -= body.length
      if (this.#remaining > 0) return
    }
    this.#waiting = null
    const totalMs = performance.now() - waiting.start
    waiting.resolve({ status: this.#status, firstByteMs: this.#firstByteMs, firstBodyMs: this.#firstBodyMs, totalMs })
  }

  /** How far the answer under way has come. */
  #describe(): string {
    if (this.#firstByteMs === 0) return 'before an answer'
    return `status ${this.#status}, ${this.#remaining} to come, last bytes ${JSON.stringify(this.#tail.toString('latin1'))}`
  }

  #fail(error: Error): void {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.reject(error)
  }
}
