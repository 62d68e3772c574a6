// One kept-alive HTTP/1.1 connection to a backend: an undici Client that carries one exchange at a time.
// It knows its socket, which undici's Pool hides: whether it was used before and whether a response byte was read
// decide if a failed request may be sent again (keep-alive race, RFC 9112 section 9.3.1).
import type { Socket } from 'node:net'
import { Client } from 'undici'
import { responseLimits } from '../settings.ts'
import type { Connector } from './connector.ts'

/** A close that crossed the request on its way is known within one round trip. Milliseconds. */
const longestRaceMs = 1_000

export class Connection {
  readonly client: Client
  socket: Socket | null = null
  /** Exchanges begun on the present socket. */
  begun = 0
  /** performance.now() when it was last given back, and when the present request was about to be written. */
  #idleSince = 0
  #begunAt = 0
  #bytesReadAtStart = 0
  #bytesReadAtIdle = 0
  #dialling: Socket | null = null

  constructor(origin: string, connect: Connector) {
    this.client = new Client(origin, {
      connect: (options, callback) => {
        this.#dialling = connect(options, (error, socket) => {
          this.#dialling = null
          if (error !== null) return callback(error, null)
          this.socket = socket
          this.begun = 0
          callback(null, socket)
        })
      },
      pipelining: 1,
      // The four timers of an attempt are ours and absolute: undici's restart on every byte.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 20_000,
      keepAliveMaxTimeout: 120_000,
      keepAliveTimeoutThreshold: 2_000,
      maxHeaderSize: responseLimits.maxHeaderBytes,
    })
  }

  /** Ends it at once, also while it is being made: undici would dial on for nobody (B6). */
  destroy(reason: Error | null = null): void {
    this.client.destroy(reason).catch(() => {})
    this.#dialling?.destroy(reason ?? new Error('given up'))
  }

  /** Called when an exchange has ended and the connection may carry another. */
  markIdle(): void {
    this.#idleSince = performance.now()
    this.#bytesReadAtIdle = this.socket?.bytesRead ?? 0
  }

  /** Nothing has come since `markIdle`: what a backend says unasked could become the next exchange's answer (G8). */
  get isClean(): boolean {
    return this.socket !== null && !this.socket.destroyed && this.socket.bytesRead === this.#bytesReadAtIdle
  }

  /** Called when a request is about to be written. */
  markBegin(): void {
    this.begun++
    this.#begunAt = performance.now()
    this.#bytesReadAtStart = this.socket?.bytesRead ?? 0
  }

  /**
   * The socket had served before, and the request was only just written: the backend may have closed it at that moment.
   * What breaks later was at work on it.
   */
  get mayHaveRaced(): boolean {
    return this.begun > 1 && performance.now() - this.#begunAt < longestRaceMs
  }

  /** How long it was idle before the present request. Milliseconds. */
  get idleMs(): number {
    return this.begun > 1 ? this.#begunAt - this.#idleSince : 0
  }

  get hasReadSinceBegin(): boolean {
    return this.socket !== null && this.socket.bytesRead > this.#bytesReadAtStart
  }
}
