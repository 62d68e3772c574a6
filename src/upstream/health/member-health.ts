// Passive health of one backend: what its answers to real requests say of it. Failures put it out of service for a time
// that grows, a backend that asks to be left alone is; one request at a time finds out whether it is well again.
import { OutcomeWindow } from './outcome-window.ts'

/** This share of the attempts of the last ten seconds puts a backend out of service, where there were enough of them. */
const maxFailureShare = 0.5
const minAttempts = 20
/** How long: the first time, and at most. Milliseconds. */
const firstRestMs = 5_000
const longestRestMs = 60_000
/** After this time the next request may try too, though the trial before it has not ended; then twice as long each time. */
const firstTrialMs = 1_000
const longestTrialMs = 4_000
/** Bounds of a backend's own wish (`retry-after`). Milliseconds. */
const shortestWishMs = 1_000
const longestWishMs = 60_000

/** What others read of it. */
export type ServiceState = {
  /** Passed over until then where another can be had, on the same clock as `now`; 0: in service. */
  restsUntil: number
  /** Why it rests, for people; null: in service. */
  restReason: string | null
}

/** `restMs` 0: back in service. */
export type HealthChange = Readonly<{ reason: string; restMs: number }>

export type HealthOptions = Readonly<{
  /** So many failures in a row do as well. */
  maxFailuresInRow: number
  /** In [0, 1). */
  random: () => number
  report: (change: HealthChange) => void
}>

/** The right to make one attempt. 0: in service; else the number of a trial of a backend that rests. */
export type Admission = number

const inService: Admission = 0

/** Every `now` is of one clock, in milliseconds. */
export class MemberHealth {
  readonly #state: ServiceState
  readonly #options: HealthOptions
  readonly #window = new OutcomeWindow()
  #failuresInRow = 0
  #restMs = 0
  #nextRestMs = firstRestMs
  #returnedAt = 0
  /** It rests for its failures, not by its own wish. */
  #isEjected = false
  /** The latest trial, and the first of the present rest: an answer may take longer than the next trial waits. */
  #trial: Admission = inService
  #firstTrial: Admission = inService + 1
  /** The first one that began when the rest was over; Infinity: none yet. */
  #firstProbe = Number.POSITIVE_INFINITY
  #nextTrialAt = 0
  /** Trials in a row that have not ended. */
  #unheard = 0

  constructor(state: ServiceState, options: HealthOptions) {
    this.#state = state
    this.#options = options
  }

  /**
   * May it be asked now? Null: it rests, and somebody is just finding out whether it is well. Whoever gets an admission
   * says by one of `noteGood`, `noteBad`, `noteNothing` and `cool` how it went.
   */
  admit(now: number): Admission | null {
    const state = this.#state
    if (state.restsUntil === 0) return inService
    if (now < this.#nextTrialAt) return null
    this.#trial++
    this.#nextTrialAt = now + Math.min(longestTrialMs, firstTrialMs * 2 ** this.#unheard++)
    if (state.restsUntil <= now) {
      // Its rest is over: others go on passing it over while one tries.
      this.#firstProbe = Math.min(this.#firstProbe, this.#trial)
      state.restsUntil = this.#nextTrialAt
    }
    return this.#trial
  }

  /** Real bytes of an answer came: a trial is won, however long the answer takes. */
  noteServing(admission: Admission, now: number): void {
    if (this.#isTrial(admission)) this.#return(now)
  }

  /** The answer came to its end. */
  noteGood(admission: Admission, now: number): void {
    this.#failuresInRow = 0
    this.#window.add(now, true)
    this.noteServing(admission, now)
  }

  /** `reason`: a word or two, from a fixed set. */
  noteBad(admission: Admission, now: number, reason: string): void {
    if (this.#state.restsUntil !== 0) {
      // Attempts that began before the rest say nothing new.
      if (!this.#isTrial(admission)) return
      if (admission >= this.#firstProbe) this.#eject(now, `${reason} when tried again`)
      else if (admission === this.#trial) this.#openTrial()
      return
    }
    this.#failuresInRow++
    this.#window.add(now, false)
    if (this.#failuresInRow >= this.#options.maxFailuresInRow) {
      this.#eject(now, `${this.#failuresInRow} failures in a row, the last: ${reason}`)
      return
    }
    const { good, bad } = this.#window.count(now)
    if (good + bad >= minAttempts && bad / (good + bad) >= maxFailureShare) {
      this.#eject(now, `${bad} of ${good + bad} attempts failed, the last: ${reason}`)
    }
  }

  /** The attempt ended without a word about the backend: the client left. */
  noteNothing(admission: Admission, now: number): void {
    if (!this.#isTrial(admission) || admission !== this.#trial) return
    this.#openTrial()
    if (admission >= this.#firstProbe) this.#state.restsUntil = now
  }

  /** The backend asks to be left alone (429, 503 with `retry-after`): it is, within reason. */
  cool(admission: Admission, now: number, wishMs: number): void {
    if (this.#isTrial(admission)) this.#openTrial()
    const until = now + Math.min(longestWishMs, Math.max(shortestWishMs, wishMs))
    if (until <= this.#state.restsUntil && this.#isEjected) return
    this.#state.restsUntil = Math.max(until, this.#isEjected ? this.#state.restsUntil : 0)
    if (!this.#isEjected) this.#state.restReason = 'asked to be left alone'
  }

  /** Of the present rest, however many have begun since. */
  #isTrial(admission: Admission): boolean {
    return admission >= this.#firstTrial && this.#state.restsUntil !== 0
  }

  /** The latest one has ended: the next may begin at once. */
  #openTrial(): void {
    this.#nextTrialAt = 0
    this.#unheard = 0
  }

  #endTrials(): void {
    this.#openTrial()
    this.#firstTrial = this.#trial + 1
    this.#firstProbe = Number.POSITIVE_INFINITY
  }

  #eject(now: number, reason: string): void {
    // What served well for as long as its last rest begins anew.
    const wasWell = !this.#isEjected && now - this.#returnedAt >= this.#restMs
    const next = wasWell || this.#restMs === 0 ? firstRestMs : this.#nextRestMs
    this.#nextRestMs = Math.min(longestRestMs, next * 2)
    this.#restMs = next * (1 - 0.25 * this.#options.random())
    this.#isEjected = true
    this.#endTrials()
    this.#failuresInRow = 0
    this.#window.clear()
    this.#state.restsUntil = now + this.#restMs
    this.#state.restReason = reason
    this.#options.report({ reason, restMs: this.#restMs })
  }

  #return(now: number): void {
    this.#endTrials()
    this.#failuresInRow = 0
    this.#window.clear()
    this.#state.restsUntil = 0
    this.#state.restReason = null
    if (!this.#isEjected) return
    this.#isEjected = false
    this.#returnedAt = now
    this.#options.report({ reason: 'it answers again', restMs: 0 })
  }
}
