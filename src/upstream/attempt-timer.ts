// The timers of an attempt as one Node timer: a phase (first byte, then idle) and the exchange's absolute end.
// undici's own timers restart on every byte and tick every half second; these are absolute and precise.

export type TimerPhase = 'first-byte' | 'idle' | 'total'

export class AttemptTimer {
  readonly #onExpired: (phase: TimerPhase) => void
  #timer: NodeJS.Timeout | null = null
  #firesAt = 0
  #phase: 'first-byte' | 'idle' = 'first-byte'
  #limitMs = 0
  #since = 0
  /** performance.now() of the absolute end; Infinity: none. */
  readonly #endsAt: number

  constructor(totalEndsAt: number, onExpired: (phase: TimerPhase) => void) {
    this.#endsAt = totalEndsAt
    this.#onExpired = onExpired
  }

  /** Starts a phase now. `limitMs` 0: none. */
  enter(phase: 'first-byte' | 'idle', limitMs: number): void {
    this.#phase = phase
    this.#limitMs = limitMs
    this.#since = performance.now()
    this.#arm()
  }

  /** Something moved: the phase's time starts over, without touching the Node timer. */
  touch(): void {
    this.#since = performance.now()
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #arm(): void {
    const phaseEndsAt = this.#limitMs === 0 ? Number.POSITIVE_INFINITY : this.#since + this.#limitMs
    const endsAt = Math.min(phaseEndsAt, this.#endsAt)
    if (endsAt === Number.POSITIVE_INFINITY) return
    // A timer that fires before the new end looks then what is left: most phases cost no timer of their own.
    if (this.#timer !== null && this.#firesAt <= endsAt) return
    this.stop()
    const delayMs = Math.min(Math.max(1, Math.ceil(endsAt - performance.now())), 0x7fffffff)
    this.#firesAt = endsAt
    this.#timer = setTimeout(() => this.#check(), delayMs)
  }

  #check(): void {
    this.#timer = null
    const now = performance.now()
    if (now >= this.#endsAt) this.#onExpired('total')
    else if (this.#limitMs > 0 && now >= this.#since + this.#limitMs) this.#onExpired(this.#phase)
    else this.#arm()
  }
}
