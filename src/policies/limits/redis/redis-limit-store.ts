// Counts shared by every process that names the same Redis: one script call takes all of a request's limits or none.
// A request waits for Redis 50 ms at most, of time that this process had (patience.ts); while Redis is sick none waits at
// all, and each goes as its limits say.
import { randomBytes } from 'node:crypto'
import type { Limit } from '../../../routing/limit.ts'
import type { RedisSettings } from '../../../settings.ts'
import type { Acquisition, Charge, Hold, LimitState, LimitStore } from '../store.ts'
import { createRedisClient } from './create-client.ts'
import { type Lease, Leases } from './leases.ts'
import { renderHeldKey, renderLimitKey } from './limit-keys.ts'
import { addHeld, listCounted, listLeases, readStates } from './read-acquired.ts'
import { askTimeoutMs, RedisLane } from './redis-lane.ts'
import { RedisLink } from './redis-link.ts'
import { acquireScript } from './scripts.ts'
import { watchSentinels } from './watch-sentinels.ts'

export type RedisLimitStoreOptions = Readonly<{
  redis: RedisSettings
  leaseMs: number
  /** Counts while Redis can't, for limits that say Allow. */
  fallback: LimitStore
  /** Called on every change, and with false when the first connection is late. `reason`: why not. */
  onChange: (isUp: boolean, reason: string) => void
}>

type Place = Readonly<{ lane: RedisLane; leases: Leases }>

const noStates: readonly LimitState[] = Object.freeze([])
const unavailable: Acquisition = Object.freeze({ outcome: 'unavailable' })
const firstConnectionMs = 1_500
const lastSettlementsMs = 500

export class RedisLimitStore implements LimitStore {
  readonly #options: RedisLimitStoreOptions
  readonly #link: RedisLink
  /** By group; of a single Redis one, under the empty name. */
  readonly #places = new Map<string, Place>()
  readonly #isCluster: boolean
  #stopWatching: () => void = () => {}
  #upkeep: NodeJS.Timeout | undefined
  /** Tells this process's leases from those of others and of an earlier life. */
  readonly #processId = randomBytes(9).toString('base64url')
  #leaseCount = 0
  #isUp = false
  #onFirstUp: (() => void) | null = null

  constructor(options: RedisLimitStoreOptions) {
    this.#options = options
    // Each group by itself: in a cluster they live on several servers.
    this.#isCluster = options.redis.mode === 'cluster'
    this.#link = new RedisLink(
      () => createRedisClient(options.redis),
      (reason) => this.#failAll(reason),
    )
  }

  /** Connects. Resolves when Redis counts, or when it has had its time to begin to: the process serves without it, too. */
  async start(): Promise<void> {
    this.#addPlace('', false)
    if (this.#options.redis.mode === 'sentinel') {
      this.#stopWatching = watchSentinels(this.#options.redis, () => {
        // The old one would pass every probe.
        this.#link.drop('another master')
        this.#failAll('another master')
      })
    }
    this.#upkeep = setInterval(() => this.#keepUp(), Math.min(500, this.#options.leaseMs / 6)).unref()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        if (!this.#isUp) this.#options.onChange(false, this.#link.lastError)
        resolve()
      }, firstConnectionMs)
      this.#onFirstUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  acquire(charges: readonly Charge[]): Acquisition | Promise<Acquisition> {
    const [first] = charges
    if (first === undefined) return { outcome: 'admitted', states: noStates, hold: null }
    const place = this.#findPlace(first.limit.group)
    return place.lane.isOpen ? this.#ask(place, charges) : this.#goWithout(charges)
  }

  sweep(inUse: ReadonlySet<string>): void {
    // Redis forgets by itself: every key has an end.
    this.#options.fallback.sweep(inUse)
    const groups = new Set([...inUse].map((id) => id.slice(0, id.indexOf('/'))))
    for (const [group, { lane, leases }] of this.#places) {
      if (group === '' || groups.has(group) || leases.size > 0) continue
      lane.stop()
      this.#places.delete(group)
      this.#reportChange('')
    }
  }

  /** What is still held runs out by itself. */
  async stop(): Promise<void> {
    clearInterval(this.#upkeep)
    this.#stopWatching()
    const flushed = [...this.#places.values()].filter(({ lane }) => lane.isOpen).map(({ leases }) => leases.flush())
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, lastSettlementsMs)
    await Promise.race([Promise.all(flushed), late])
    clearTimeout(timer)
    for (const { lane } of this.#places.values()) lane.stop()
    this.#link.stop()
    await this.#options.fallback.stop()
  }

  async #ask({ lane, leases }: Place, charges: readonly Charge[]): Promise<Acquisition> {
    const id = `${this.#processId}${(this.#leaseCount++).toString(36)}`
    const keys: string[] = []
    const args: (string | number)[] = [this.#options.leaseMs, id]
    for (const { limit, key, amount } of charges) {
      const limitKey = renderLimitKey(limit, key)
      const isReserve = limit.unit === 'tokens' || limit.unit === 'cost'
      keys.push(limitKey)
      if (isReserve) keys.push(renderHeldKey(limitKey))
      const { whole, fraction } = limit.amount
      args.push(renderKind(limit), whole, fraction, amount.whole, amount.fraction, isReserve ? '1' : '')
    }
    const onLate = (reply: readonly number[]) => {
      if (reply[0] !== 1) return
      // The request went another way long ago. One that was answered 503 counts on nothing.
      leases.giveBack(listLeases(charges, keys, id, reply))
      if (isDenied(charges)) leases.giveBack(listCounted(charges, keys, reply))
    }
    let reply: readonly number[]
    try {
      reply = await lane.call({ script: acquireScript, keys, args, timeoutMs: askTimeoutMs, onLate })
    } catch {
      return this.#goWithout(charges)
    }
    const states = readStates(charges, reply)
    if (reply[0] !== 1) return { outcome: 'refused', states: addHeld(states, reply) }
    const taken = listLeases(charges, keys, id, reply)
    return { outcome: 'admitted', states, hold: taken.length === 0 ? null : createHold(leases, taken) }
  }

  #goWithout(charges: readonly Charge[]): Acquisition | Promise<Acquisition> {
    if (isDenied(charges)) return unavailable
    return this.#options.fallback.acquire(charges)
  }

  #findPlace(group: string): Place {
    const name = this.#isCluster ? group : ''
    return this.#places.get(name) ?? this.#addPlace(name, true)
  }

  #addPlace(group: string, isOpen: boolean): Place {
    const lane = new RedisLane(
      {
        link: this.#link,
        group,
        isAlone: !this.#isCluster,
        onChange: (reason) => {
          if (reason === null) void leases.flush()
          this.#reportChange(reason ?? '')
        },
        beforeOpen: () => leases.renew(false),
      },
      isOpen,
    )
    const leases = new Leases(lane, this.#options.leaseMs)
    const place: Place = { lane, leases }
    this.#places.set(group, place)
    return place
  }

  #failAll(reason: string): void {
    for (const { lane } of this.#places.values()) lane.fail(reason)
  }

  /** Up: every lane is open. */
  #reportChange(reason: string): void {
    const isUp = [...this.#places.values()].every(({ lane }) => lane.isOpen)
    if (isUp) this.#onFirstUp?.()
    if (isUp === this.#isUp) return
    this.#isUp = isUp
    this.#options.onChange(isUp, reason)
  }

  #keepUp(): void {
    for (const { lane, leases } of this.#places.values()) {
      if (!lane.isOpen) continue
      void leases.renew(true)
      void leases.flush()
    }
  }
}

function isDenied(charges: readonly Charge[]): boolean {
  return charges.some(({ limit }) => limit.onStoreFailure === 'Deny')
}

function createHold(leases: Leases, taken: readonly Lease[]): Hold {
  const holding = leases.add(taken)
  return { settle: (used) => leases.settle(holding, used) }
}

function renderKind({ window }: Limit): string | number {
  if (window === null) return 'c'
  return window.kind === 'fixed' ? window.seconds * 1000 : window.period.slice(0, 1)
}
