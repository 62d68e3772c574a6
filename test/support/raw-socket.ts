// One end of a TCP connection under a test's full control: exact bytes out, in pieces, and FIN or RST on demand.
// Scripted backends and raw clients are both made of it.
import type { Socket } from 'node:net'
import { until, withDeadline } from './until.ts'

/** How the connection ended, seen from here. `reset`: RST or another error; `closed`: an orderly end. */
export type SocketEnd = Readonly<{ kind: 'closed' | 'reset'; error: Error | null }>

export class RawSocket {
  readonly socket: Socket
  /** Set when the peer has sent FIN. */
  hasPeerEnded = false
  readonly #end = Promise.withResolvers<SocketEnd>()
  #error: Error | null = null

  constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('error', (error) => {
      this.#error = error
    })
    socket.on('end', () => {
      this.hasPeerEnded = true
    })
    socket.on('close', () => this.#end.resolve({ kind: this.#error === null ? 'closed' : 'reset', error: this.#error }))
  }

  get isClosed(): boolean {
    return this.socket.destroyed
  }

  /** Resolves when the kernel has taken the bytes; also when the peer is gone, because tests write into dead sockets. */
  write(bytes: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.destroyed || this.socket.writableEnded) resolve()
      else this.socket.write(bytes, () => resolve())
    })
  }

  /** Each piece in a write of its own, with a turn of the event loop between, so that the peer reads them apart. */
  async writePieces(pieces: readonly (string | Buffer)[]): Promise<void> {
    for (const piece of pieces) {
      await this.write(piece)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Cut at the offsets given, in order. */
  writeSplit(bytes: string | Buffer, offsets: readonly number[]): Promise<void> {
    const whole = Buffer.from(bytes)
    const bounds = [0, ...offsets, whole.length]
    return this.writePieces(bounds.slice(1).map((end, index) => whole.subarray(bounds[index], end)))
  }

  writeBytewise(bytes: string | Buffer): Promise<void> {
    return this.writeSplit(bytes, [...Buffer.from(bytes).keys()].slice(1))
  }

  /** FIN: nothing more is sent, the peer's bytes are still read. */
  end(): void {
    this.socket.end()
  }

  /** RST at once; what was not yet sent is lost. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** Stops reading, so that the peer's writes block when the buffers between are full. */
  pauseReading(): void {
    this.socket.pause()
  }

  resumeReading(): void {
    this.socket.resume()
  }

  /** Resolves when the connection is gone. */
  whenClosed(deadlineMs?: number): Promise<SocketEnd> {
    return withDeadline(this.#end.promise, 'the connection closed', deadlineMs)
  }

  /** Resolves when the peer has sent FIN, or the connection is gone. */
  async whenPeerEnded(deadlineMs?: number): Promise<void> {
    await until(() => this.hasPeerEnded || this.isClosed, 'the peer ended its side', deadlineMs)
  }
}
