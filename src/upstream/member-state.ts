// What is known of one backend while the process runs: how busy, how fast, how well. Outlives tables; shared by all
// routes that lead to it. Written by attempts and health, read by strategies.
import { defaultUpstreamLimits, type UpstreamLimits } from '../settings.ts'
import { type HealthChange, MemberHealth, type ServiceState } from './health/member-health.ts'

/** `label`: the target's id, and its address where it has several. */
export type ReportHealth = (label: string, change: HealthChange) => void

/** How many backends of a process rest: while none does, picks need not look at each. */
export type Resting = { count: number }

export class MemberState implements ServiceState {
  /** Attempts under way. */
  active = 0
  /** Decayed mean of the time to the first byte, milliseconds; 0: nothing known yet. */
  firstByteMs = 0
  /** performance.now() since when somebody waits for a first byte and nobody got one; 0: nobody waits. */
  silentSince = 0
  /** Why it rests, for people; null: in service. */
  restReason: string | null = null
  /** performance.now() when it was last picked; 0: never. */
  pickedAt = 0
  readonly health: MemberHealth
  #waiting = 0
  #measuredAt = 0
  #restsUntil = 0
  #resting: Resting

  constructor(
    report: (change: HealthChange) => void = () => {},
    limits: UpstreamLimits = defaultUpstreamLimits,
    resting: Resting = { count: 0 },
  ) {
    this.#resting = resting
    const { maxFailuresInRow } = limits
    this.health = new MemberHealth(this, { maxFailuresInRow, random: Math.random, report })
  }

  /** performance.now() until which it is passed over where another can be had; 0: in service. */
  get restsUntil(): number {
    return this.#restsUntil
  }

  set restsUntil(until: number) {
    if ((until === 0) !== (this.#restsUntil === 0)) this.#resting.count += until === 0 ? -1 : 1
    this.#restsUntil = until
  }

  /** Somebody in this process rests: perhaps this one. */
  get mayRest(): boolean {
    return this.#resting.count !== 0
  }

  /** Counts with the others no more: only exchanges under way still know it. */
  detach(): void {
    if (this.#restsUntil !== 0) this.#resting.count -= 1
    this.#resting = { count: this.#restsUntil === 0 ? 0 : 1 }
  }

  /** An attempt waits for its first byte. */
  noteWaiting(now: number): void {
    if (this.#waiting++ === 0) this.silentSince = now
  }

  /** It waits no more: it has it, or has ended. */
  noteHeard(now: number): void {
    this.silentSince = --this.#waiting === 0 ? 0 : now
  }

  /** Takes a time to the first byte into the mean. The longer ago the last one, the more it counts. */
  measure(firstByteMs: number, now: number): void {
    const share = Math.max(smallestShare, 1 - Math.exp((this.#measuredAt - now) / decayMs))
    this.firstByteMs =
      this.firstByteMs === 0 ? firstByteMs : this.firstByteMs + share * (firstByteMs - this.firstByteMs)
    this.#measuredAt = now
  }
}

/** After this time a mean is worth a third of what it was. Milliseconds. */
const decayMs = 10_000
/** What a measurement counts at least, however many there are. */
const smallestShare = 0.05

/** Keyed by target and, where a Service has several, by address. */
export class MemberStates {
  readonly #states = new Map<string, MemberState>()
  readonly #report: ReportHealth
  readonly #limits: UpstreamLimits
  readonly #resting: Resting = { count: 0 }

  constructor(report: ReportHealth = () => {}, limits: UpstreamLimits = defaultUpstreamLimits) {
    this.#report = report
    this.#limits = limits
  }

  /** `label`: what people know it by. */
  get(key: string, label = key): MemberState {
    let state = this.#states.get(key)
    if (state === undefined) {
      state = new MemberState((change) => this.#report(label, change), this.#limits, this.#resting)
      this.#states.set(key, state)
    }
    return state
  }

  /** Forgets what is not in `inUse`. */
  sweep(inUse: ReadonlySet<MemberState>): void {
    for (const [key, state] of this.#states) {
      if (inUse.has(state)) continue
      this.#states.delete(key)
      state.detach()
    }
  }
}
