// Mirrors one collection of the API server: lists it, watches it, and never stops trying until stopped. It knows nothing
// of what the objects mean. The rules are those of client-go's reflector; what differs is in
// docs/decisions/2026-11-22-own-reflector.md.
import { assertNever } from '../../assert-never.ts'
import type { ApiClient } from './api-client.ts'
import { ApiError, renderOneLine } from './api-error.ts'
import { Backoff } from './backoff.ts'
import type { Clock } from './clock.ts'
import { type KubernetesObject, readResourceVersion } from './kubernetes-object.ts'
import { LineSplitter } from './line-splitter.ts'
import { listCollection } from './list-collection.ts'
import { ObjectStore } from './object-store.ts'
import { type ReflectedCollection, renderWatchPath } from './reflected-collection.ts'
import { type NextStep, resolveFailure } from './resolve-failure.ts'
import type { SourceLogger } from './source-logger.ts'
import { parseWatchEvent } from './watch-event.ts'
import { startWatchedGet } from './watched-get.ts'

export type ReflectorOptions = Readonly<{
  collection: ReflectedCollection
  client: ApiClient
  clock: Clock
  logger: SourceLogger
  /** A watch that brings no byte for so long, bookmarks included, is dialled anew. */
  silenceLimitMs: number
  /** After each change of `objects`, and when `isSynced` becomes true; at most once for each chunk of bytes. */
  onChange: () => void
  /** After each change of `problem`. */
  onProblem: () => void
  /** The server answers again after a failure. */
  onRecovered?: () => void
}>

const shortestWatchSeconds = 300
/** etcd takes 1.5 MB by default; whoever raised that has at most this. */
const lineLimitBytes = 64 * 1024 * 1024
/** How often to ask for a kind that need not be there. */
const missingKindDelayMs = 60_000
/** After `retrySoon`: within a second by chance, and not sooner again, so that a flapping server is not called in a loop. */
const soonMs = 1_000
const hurryIntervalMs = 10_000

export class Reflector {
  readonly #options: ReflectorOptions
  readonly #backoff: Backoff
  readonly #store: ObjectStore
  /** Where to resume; null: a list is due. Opaque. */
  #resourceVersion: string | null = null
  #isSynced = false
  #isStopped = false
  /** Whether the present resourceVersion has stood the test of a watch: one that never did is not relisted at once. */
  #hasWatched = false
  /** Watches since the last event that were accepted and yet brought nothing. */
  #barrenWatches = 0
  /** When the present watch was accepted; null while there is none. */
  #openedAtMs: number | null = null
  #problem: string | null = null
  #isServersTrouble = false
  #isBackingOff = false
  #hurriedAtMs = Number.NEGATIVE_INFINITY
  #cancelHurry: (() => void) | null = null
  #lastHeardMs: number
  #interrupt: (() => void) | null = null
  #running: Promise<void> = Promise.resolve()

  constructor(options: ReflectorOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.clock)
    this.#store = new ObjectStore(options.collection.reduce !== undefined)
    this.#lastHeardMs = options.clock.readNowMs()
  }

  get collection(): ReflectedCollection {
    return this.#options.collection
  }

  /** True for good once the collection has been read whole. */
  get isSynced(): boolean {
    return this.#isSynced
  }

  /** True while a watch is open that the server has accepted: changes arrive as they happen. */
  get isWatching(): boolean {
    return this.#openedAtMs !== null
  }

  /** The mirrored objects by store key; a relist makes a new map, events change it in place. */
  get objects(): ReadonlyMap<string, KubernetesObject> {
    return this.#store.objects
  }

  /** Why the last try failed, in one line, or null while all is well. */
  get problem(): string | null {
    return this.#problem
  }

  /** Whether `problem` is of the server or our access to it, and so most likely every collection's. */
  get isServersTrouble(): boolean {
    return this.#problem !== null && this.#isServersTrouble
  }

  /** When the server last said something of this collection, bookmarks included; before that when this was made. */
  get lastHeardMs(): number {
    return this.#lastHeardMs
  }

  /** Begins. Resolves when the first list has come or failed; never rejects. */
  start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#lastHeardMs = this.#options.clock.readNowMs()
    this.#running = this.#run(resolve)
    return promise
  }

  /** The server has answered somebody: what is left of a backoff, up to a minute, is not waited for. */
  retrySoon(): void {
    const { clock } = this.#options
    if (!this.#isBackingOff || clock.readNowMs() - this.#hurriedAtMs < hurryIntervalMs) return
    this.#hurriedAtMs = clock.readNowMs()
    const end = this.#interrupt
    this.#cancelHurry = clock.startTimer(() => end?.(), soonMs * clock.readRandom())
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#interrupt?.()
    await this.#running
  }

  async #run(onAttempted: () => void): Promise<void> {
    while (!this.#isStopped) {
      const delayMs = await this.#attempt()
      onAttempted()
      if (delayMs > 0 && !this.#isStopped) await this.#wait(delayMs)
      this.#isBackingOff = false
      this.#cancelHurry?.()
      this.#cancelHurry = null
    }
    onAttempted()
  }

  /** One list or one watch. Returns how many milliseconds to wait before the next. */
  async #attempt(): Promise<number> {
    const isWatch = this.#resourceVersion !== null
    this.#openedAtMs = null
    let failure: Error | null = null
    try {
      if (this.#resourceVersion === null) await this.#list()
      else await this.#watch(this.#resourceVersion)
    } catch (error) {
      failure = error instanceof Error ? error : new Error('unknown error')
    }
    if (this.#isStopped || (failure === null && !isWatch)) return 0
    const openMs = this.#openedAtMs === null ? null : this.#options.clock.readNowMs() - this.#openedAtMs
    const { isOptional, mayBeForbidden = false } = this.collection
    const barrenWatches = this.#barrenWatches
    const next = resolveFailure({ failure, openMs, isWatch, barrenWatches, isOptional, mayBeForbidden })
    this.#openedAtMs = null
    return this.#prepareNext(next, failure)
  }

  #prepareNext(next: NextStep, failure: Error | null): number {
    switch (next.step) {
      case 'relist':
        this.#options.logger.info({ kind: this.collection.kind, reason: next.reason }, 'kubernetes: listing anew')
        this.#resourceVersion = null
        return this.#hasWatched ? 0 : this.#backoff.nextDelayMs()
      case 'accept-missing':
        this.#resourceVersion = null
        this.#setProblem(null)
        this.#lastHeardMs = this.#options.clock.readNowMs()
        this.#replace([])
        return missingKindDelayMs * (1 + this.#options.clock.readRandom() / 2)
      case 'accept-forbidden':
        this.#resourceVersion = null
        this.#setProblem(failure)
        this.#lastHeardMs = this.#options.clock.readNowMs()
        this.#replace([])
        return missingKindDelayMs * (1 + this.#options.clock.readRandom() / 2)
      case 'resume':
        return 0
      case 'resume-after':
        return next.delayMs
      case 'back-off':
        if (failure !== null) this.#setProblem(failure)
        this.#isBackingOff = true
        return this.#backoff.nextDelayMs()
      default:
        return assertNever(next)
    }
  }

  async #list(): Promise<void> {
    const { objects, resourceVersion } = await listCollection(this.collection, {
      getBody: async (path) => {
        const chunks: Buffer[] = []
        await this.#get(path, (chunk) => chunks.push(chunk))
        return Buffer.concat(chunks).toString('utf8')
      },
      wait: async (delayMs) => {
        await this.#wait(delayMs)
        return !this.#isStopped
      },
    })
    this.#setProblem(null)
    this.#resourceVersion = resourceVersion
    this.#hasWatched = false
    this.#barrenWatches = 0
    this.#lastHeardMs = this.#options.clock.readNowMs()
    this.#replace(objects)
  }

  async #watch(resourceVersion: string): Promise<void> {
    const timeoutSeconds = Math.floor(shortestWatchSeconds * (1 + this.#options.clock.readRandom()))
    const lines = new LineSplitter(lineLimitBytes)
    const path = renderWatchPath(this.collection, resourceVersion, timeoutSeconds)
    await this.#get(
      path,
      (chunk) => this.#applyChunk(lines, chunk),
      () => {
        this.#openedAtMs = this.#options.clock.readNowMs()
        this.#barrenWatches += 1
        this.#setProblem(null)
      },
    )
    // Half a line at the end is forgotten: the next watch resumes before it.
  }

  #applyChunk(lines: LineSplitter, chunk: Buffer): void {
    let isChanged = false
    try {
      lines.push(chunk, (line) => {
        if (this.#applyLine(line)) isChanged = true
      })
    } finally {
      // Also when a later line of the chunk is broken: what came before it counts.
      if (isChanged) this.#options.onChange()
    }
  }

  /** Returns whether the mirror changed. Throws what ends the watch. */
  #applyLine(line: string): boolean {
    if (line === '' || line === '\r') return false
    const event = parseWatchEvent(line, this.collection)
    if (event.type === 'ERROR') throw event.error
    this.#hasWatched = true
    this.#barrenWatches = 0
    this.#lastHeardMs = this.#options.clock.readNowMs()
    const isChanged = this.#applyObject(event.type, event.object)
    // Only now: a line that can't be applied must come again.
    const resourceVersion = readResourceVersion(event.object)
    if (resourceVersion !== '') this.#resourceVersion = resourceVersion
    return isChanged
  }

  #applyObject(type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'UNKNOWN', object: KubernetesObject): boolean {
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
        return this.#store.put(object)
      case 'DELETED':
        return this.#store.remove(object)
      case 'BOOKMARK':
      case 'UNKNOWN':
        return false
      default:
        return assertNever(type)
    }
  }

  #replace(objects: readonly KubernetesObject[]): void {
    const isChanged = this.#store.replace(objects)
    const isFirst = !this.#isSynced
    this.#isSynced = true
    if (isChanged || isFirst) this.#options.onChange()
  }

  async #get(path: string, onChunk: (chunk: Buffer) => void, onOpen?: () => void): Promise<void> {
    if (this.#isStopped) throw new Error('stopped')
    const { client, clock, silenceLimitMs } = this.#options
    const get = startWatchedGet({ client, clock, path, silenceLimitMs, onChunk, ...(onOpen ? { onOpen } : {}) })
    this.#interrupt = () => get.abort(new Error('stopped'))
    try {
      await get.done
    } finally {
      this.#interrupt = null
    }
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel()
        this.#interrupt = null
        resolve()
      }
      const cancel = this.#options.clock.startTimer(end, delayMs)
      this.#interrupt = end
    })
  }

  #setProblem(failure: Error | null): void {
    const problem = failure === null ? null : describeFailure(failure)
    if (problem === this.#problem) return
    this.#problem = problem
    // 401 is about who we are, 403 about what we may: only that differs from kind to kind.
    this.#isServersTrouble = !(failure instanceof ApiError) || failure.status === 401
    this.#options.onProblem()
    if (problem === null) this.#options.onRecovered?.()
  }
}

function describeFailure(failure: Error): string {
  // A dual-stack dial that fails has a code and no message.
  const code = 'code' in failure && typeof failure.code === 'string' ? failure.code : failure.name
  return renderOneLine(failure.message === '' ? code : failure.message)
}
