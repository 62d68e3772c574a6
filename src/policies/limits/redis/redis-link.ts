// Owns the one connection (or, in a cluster, the one client) and its replacement by a new one. Decides neither when it is
// sick nor what happens then.
import { Cluster, Command, Redis } from 'ioredis'
import { connectTimeoutMs, type RedisClient } from './create-client.ts'

/** How long answers may still come on a connection that was replaced. */
const retirementMs = 100

/** Redis has seen nothing of it. */
export class NotSentError extends Error {}

export class RedisLink {
  readonly #create: () => RedisClient
  readonly #onLost: (reason: string) => void
  #current: RedisClient | null = null
  #renewal: Promise<void> | null = null
  #lastError = 'not connected yet'
  #isStopped = false

  /** `onLost`: the current connection has ended by itself. */
  constructor(create: () => RedisClient, onLost: (reason: string) => void) {
    this.#create = create
    this.#onLost = onLost
  }

  get lastError(): string {
    return this.#lastError
  }

  /** Rejects at once where there is no connection. Sends nothing twice but what Cluster redirects. */
  send(name: string, args: readonly (string | number)[]): Promise<unknown> {
    const client = this.#current
    if (client === null) return Promise.reject(new NotSentError(this.#lastError))
    const command = new Command(name, [...args], { replyEncoding: 'utf8' })
    if (client instanceof Redis) gatherWrites(client)
    client.sendCommand(command)
    return command.promise
  }

  /**
   * Connects anew and, when that works, uses it from then on. One at a time; never rejects. `isSick`: nobody else needs
   * the current connection, and it is dropped at once: what is asked on it would only pile up.
   */
  renew(isSick: boolean): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    if (isSick) this.drop('connection dropped')
    this.#renewal ??= this.#replace().finally(() => {
      this.#renewal = null
    })
    return this.#renewal
  }

  /** From now on there is no connection. What was asked on it fails. */
  drop(reason: string): void {
    const client = this.#current
    this.#current = null
    this.#lastError = reason
    client?.disconnect()
  }

  stop(): void {
    this.#isStopped = true
    this.drop('stopped')
  }

  async #replace(): Promise<void> {
    const client = this.#create()
    const ended = Promise.withResolvers<void>()
    client.on('error', (error: unknown) => {
      this.#lastError = describe(error)
    })
    client.on('end', () => {
      ended.resolve()
      // It listens to the Sentinels until it is told not to.
      client.disconnect()
      if (this.#current !== client) return
      this.#current = null
      this.#onLost(this.#lastError)
    })
    const ready = new Promise<void>((resolve) => client.once('ready', resolve)).then(() => connectNodes(client))
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, connectTimeoutMs)
    const isReady = await Promise.race([ready, ended.promise, late.promise])
    clearTimeout(timer)
    if (isReady !== true || this.#isStopped) {
      client.disconnect()
      return
    }
    const old = this.#current
    this.#current = client
    this.#lastError = 'connection closed'
    if (old !== null) setTimeout(() => old.disconnect(), retirementMs).unref()
  }
}

/** A cluster's client connects to a node when it is first asked for, which would be while a request waits. */
async function connectNodes(client: RedisClient): Promise<true> {
  if (client instanceof Cluster) await Promise.allSettled(client.nodes('master').map((node) => node.ping()))
  return true
}

/** Commands of one turn of the event loop go out in one write: half as many again can be asked a second. */
function gatherWrites({ stream }: Redis): void {
  if (stream.writableCorked > 0) return
  stream.cork()
  setImmediate(() => stream.uncork())
}

/** One line without what was sent: ioredis hangs the command, password and all, on its errors. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  // Of a cluster the reason is one deeper.
  const inner: unknown = 'lastNodeError' in error ? error.lastNodeError : null
  const source = inner instanceof Error ? inner : error
  const code = 'code' in source && typeof source.code === 'string' ? source.code : ''
  // Several addresses of one name fail as an AggregateError, whose message is empty.
  return (source.message || code || source.name).split('\n', 1).join('').slice(0, 200)
}

export { describe as describeRedisError }
