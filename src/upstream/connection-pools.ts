// All pools of the process, keyed by identity (where and how to dial), so that they outlive tables. A pool that no
// bound table names any more is closed gracefully.
import type { Endpoint } from '../routing/table.ts'
import { ConnectionPool } from './connection-pool.ts'
import { type ConnectorOptions, createConnector, findOverride } from './connector.ts'

export class ConnectionPools {
  readonly #pools = new Map<string, ConnectionPool>()
  readonly #options: ConnectorOptions
  readonly #maxBusy: number

  /** `maxBusy`: exchanges under way at once, for each endpoint. */
  constructor(options: ConnectorOptions, maxBusy: number) {
    this.#options = options
    this.#maxBusy = maxBusy
  }

  /** The command line says where its connections go: its addresses don't count. */
  isOverridden(endpoint: Endpoint): boolean {
    return findOverride(endpoint, this.#options) !== null
  }

  /**
   * The pool for an endpoint, or for one address of it; `connectMs` is part of how it is dialled. TLS contexts never
   * share a pool (C12).
   */
  get(endpoint: Endpoint, connectMs: number, address: string | null = null): ConnectionPool {
    const key = readPoolKey(endpoint, connectMs, address)
    let pool = this.#pools.get(key)
    if (pool === undefined) {
      const host = endpoint.hostname.includes(':') ? `[${endpoint.hostname}]` : endpoint.hostname
      const origin = `${endpoint.protocol}//${host}:${endpoint.port}`
      pool = new ConnectionPool(origin, createConnector(endpoint, connectMs, this.#options, address), this.#maxBusy)
      this.#pools.set(key, pool)
    }
    return pool
  }

  /** Closes every pool that is not in `inUse`. */
  sweep(inUse: ReadonlySet<ConnectionPool>): void {
    for (const [key, pool] of this.#pools) {
      if (inUse.has(pool)) continue
      this.#pools.delete(key)
      pool.close()
    }
  }

  get openConnections(): number {
    let count = 0
    for (const pool of this.#pools.values()) count += pool.openCount
    return count
  }

  close(): void {
    this.sweep(new Set())
  }
}

function readPoolKey(endpoint: Endpoint, connectMs: number, address: string | null): string {
  const tls = endpoint.tls === null ? '' : `${endpoint.tls.serverName ?? ''}|${endpoint.tls.caPem ?? ''}`
  return `${endpoint.protocol}//${endpoint.hostname}:${endpoint.port}|${address ?? ''}|${connectMs}|${tls}`
}
