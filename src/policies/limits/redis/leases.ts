// Owns what this process holds in one lane's Redis: permits and reserves are leases there, renewed off the request path
// for as long as they are held, and settled in batches. A process that is gone renews nothing, and they run out.
import type { Quantity } from '../../../routing/quantity.ts'
import type { RedisLane } from './redis-lane.ts'
import { NotSentError } from './redis-link.ts'
import { renewScript, settleScript } from './scripts.ts'

/** What stands for a request that was counted and then refused: it is taken off its count again. */
export const countedMember = 'r'

/** One permit or reserve in Redis, or (`countedMember`) a request on its count. */
export type Lease = Readonly<{
  /** In the order that the scripts want: the set it stands in, then (a reserve) its count. A request: its count. */
  keys: readonly string[]
  member: string
  /** Of the window, Unix ms in Redis's time; null: a permit. */
  endsMs: number | null
  /** Which of the request's charges. */
  chargeAt: number
}>

export type Holding = { readonly leases: readonly Lease[]; renewedAtMs: number }

type Settlement = Readonly<{
  lease: Lease
  used: Quantity
  /** It was sent before and may have been done. */
  isDoubtful: boolean
  /** performance.now() from which on an earlier try can't be done any more. */
  fromMs: number
}>

const callTimeoutMs = 1_000
/** Redis serves nobody else while a script runs. */
const maxLeasesOfACall = 200
const used0: Quantity = Object.freeze({ whole: 0, fraction: 0 })
/** Answers after which it is certain that nothing was done. */
const isRefused =
  /^(LOADING|READONLY|OOM|NOAUTH|WRONGPASS|NOPERM|MOVED|ASK|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|MISCONF|NOREPLICAS|BUSY|Stream isn't writeable|too late)/

export class Leases {
  readonly #lane: RedisLane
  readonly #leaseMs: number
  readonly #holdings = new Set<Holding>()
  #settlements: Settlement[] = []
  #flushing: Promise<void> | null = null
  #isScheduled = false

  constructor(lane: RedisLane, leaseMs: number) {
    this.#lane = lane
    this.#leaseMs = leaseMs
  }

  get size(): number {
    return this.#holdings.size + this.#settlements.length
  }

  add(leases: readonly Lease[]): Holding {
    const holding: Holding = { leases, renewedAtMs: performance.now() }
    this.#holdings.add(holding)
    return holding
  }

  /** `used`: by charge. */
  settle(holding: Holding, used: readonly Quantity[]): void {
    if (!this.#holdings.delete(holding)) return
    this.giveBack(holding.leases, used)
  }

  giveBack(leases: readonly Lease[], used: readonly Quantity[] = []): void {
    for (const lease of leases) {
      this.#settlements.push({ lease, used: used[lease.chargeAt] ?? used0, isDoubtful: false, fromMs: 0 })
    }
    if (this.#isScheduled || this.#flushing !== null) return
    this.#isScheduled = true
    // Those of one turn of the event loop go together.
    setImmediate(() => {
      this.#isScheduled = false
      if (this.#lane.isOpen) void this.flush()
    })
  }

  /** Sends what can be sent now; never rejects. */
  flush(): Promise<void> {
    this.#flushing ??= this.#sendSettlements().finally(() => {
      this.#flushing = null
    })
    return this.#flushing
  }

  /** Renews those that were not for a third of their time; never rejects. `isDue`: only those. */
  async renew(isDue: boolean): Promise<void> {
    const nowMs = performance.now()
    const timeMs = this.#lane.readTimeMs() ?? 0
    const due: { holding: Holding; lease: Lease }[] = []
    for (const holding of this.#holdings) {
      if (isDue && nowMs - holding.renewedAtMs < this.#leaseMs / 3) continue
      holding.renewedAtMs = nowMs
      for (const lease of holding.leases) {
        if (lease.endsMs === null || lease.endsMs > timeMs) due.push({ holding, lease })
      }
    }
    for (let at = 0; at < due.length; at += maxLeasesOfACall) {
      // Settled while the ones before were sent: renewing it would bring it back.
      const held = due.slice(at, at + maxLeasesOfACall).filter(({ holding }) => this.#holdings.has(holding))
      const keys = held.flatMap(({ lease }) => lease.keys)
      const args = [this.#leaseMs, ...held.flatMap(({ lease: { member, endsMs } }) => [member, endsMs ?? 'c'])]
      try {
        await this.#lane.call({ script: renewScript, keys, args, timeoutMs: callTimeoutMs })
      } catch {
        // The lane is closed now, and all are renewed before it opens.
        return
      }
    }
  }

  async #sendSettlements(): Promise<void> {
    while (this.#settlements.length > 0) {
      const nowMs = performance.now()
      const batch: Settlement[] = []
      const rest: Settlement[] = []
      for (const settlement of this.#settlements) {
        if (batch.length < maxLeasesOfACall && settlement.fromMs <= nowMs) batch.push(settlement)
        else rest.push(settlement)
      }
      if (batch.length === 0) return
      this.#settlements = rest
      const keys = batch.flatMap(({ lease }) => lease.keys)
      const args = batch.flatMap(({ lease: { member, endsMs }, used, isDoubtful }) => [
        member,
        endsMs ?? 'c',
        used.whole,
        used.fraction,
        isDoubtful ? '1' : '',
      ])
      try {
        await this.#lane.call({ script: settleScript, keys, args, timeoutMs: callTimeoutMs })
      } catch (error) {
        const wasRefused = error instanceof NotSentError || (error instanceof Error && isRefused.test(error.message))
        // A key that somebody else has written to: trying again would close the lane for ever.
        if (!wasRefused && error instanceof Error && error.name === 'ReplyError') return
        const fromMs = wasRefused ? 0 : performance.now() + callTimeoutMs
        for (const one of batch) {
          this.#settlements.push({ ...one, isDoubtful: one.isDoubtful || !wasRefused, fromMs })
        }
        return
      }
    }
  }
}
