// The connections to one endpoint: last used, first reused, so that idle ones age out. Acquire and release are O(1)
// however many streams are open. Identity is the endpoint and how it is dialled, never a table.
import { Connection } from './connection.ts'
import type { Connector } from './connector.ts'

export class ConnectionPool {
  readonly #origin: string
  readonly #connect: Connector
  readonly #idle: Connection[] = []
  readonly #all = new Set<Connection>()
  readonly #maxBusy: number
  #isClosed = false

  constructor(origin: string, connect: Connector, maxBusy: number) {
    this.#origin = origin
    this.#maxBusy = maxBusy
    this.#connect = connect
  }

  /** As many exchanges are under way as may be at once (G13): the next one finds no place until one of them ends. */
  get isFull(): boolean {
    return this.#all.size - this.#idle.length >= this.#maxBusy
  }

  get openCount(): number {
    return this.#all.size
  }

  acquire(): Connection {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isClean) return idle
      this.#forget(idle)
    }
    return this.open()
  }

  /** A connection that was never used. */
  open(): Connection {
    const connection = new Connection(this.#origin, this.#connect)
    this.#all.add(connection)
    // An idle connection that the backend or the keep-alive timer closed is forgotten at once.
    connection.client.on('disconnect', () => {
      const at = this.#idle.indexOf(connection)
      if (at >= 0) {
        this.#idle.splice(at, 1)
        this.#forget(connection)
      }
    })
    return connection
  }

  /** Gives a connection back after its exchange ended; `isReusable` false after an abort or a failure. */
  release(connection: Connection, isReusable: boolean): void {
    if (isReusable && !this.#isClosed && connection.socket !== null && !connection.socket.destroyed) {
      connection.markIdle()
      this.#idle.push(connection)
    } else {
      this.#forget(connection)
    }
  }

  /** Idle connections close now, busy ones when they are released. */
  close(): void {
    this.#isClosed = true
    for (const connection of this.#idle.splice(0)) this.#forget(connection)
  }

  #forget(connection: Connection): void {
    this.#all.delete(connection)
    connection.destroy()
  }
}
