// What one attempt says of its backend's health, said once: by the head of an error, by the first real bytes of a good
// answer, or by how it ended.
import type { Failure } from '../classify-failure.ts'
import type { MemberState } from '../member-state.ts'
import type { UpstreamHead } from '../upstream-head.ts'
import type { Admission } from './member-health.ts'

export class Judge {
  readonly #state: MemberState
  readonly #admission: Admission
  readonly #startedAt: number
  readonly #isShared: boolean
  #isServing = false
  #hasJudged = false

  /**
   * `startedAt`: performance.now(). `isShared`: every caller is the same to it, asked for with our own credential. A plain
   * service knows its callers: what it refuses one of them says nothing for the others.
   */
  constructor(state: MemberState, admission: Admission, startedAt: number, isShared: boolean) {
    this.#state = state
    this.#admission = admission
    this.#startedAt = startedAt
    this.#isShared = isShared
  }

  /** `retryAfterMs`: the backend's wish, null for none. A client's own mistake (4xx) is well served. */
  noteErrorHead({ status }: UpstreamHead, retryAfterMs: number | null): void {
    this.#hasJudged = true
    const { health } = this.#state
    const now = performance.now()
    const isOwnFault = status >= 500 || (this.#isShared && (status === 401 || status === 407))
    const asksForRest = status === 503 || (this.#isShared && status === 429)
    if (asksForRest && retryAfterMs !== null) health.cool(this.#admission, now, retryAfterMs)
    else if (isOwnFault) health.noteBad(this.#admission, now, `status ${status}`)
    else if (status === 429 || (this.#isShared && status === 403)) health.noteNothing(this.#admission, now)
    else health.noteGood(this.#admission, now)
  }

  /** Something real of a good answer goes to the client. */
  noteServing(): void {
    if (this.#isServing || this.#hasJudged) return
    this.#isServing = true
    const now = performance.now()
    this.#state.measure(now - this.#startedAt, now)
    this.#state.health.noteServing(this.#admission, now)
  }

  /** `failure` null: the answer came to its end. `isCommitted`: some of it had gone to the client. */
  noteEnd(failure: Failure | null, isCommitted: boolean): void {
    if (this.#hasJudged) return
    if (failure === null) this.noteServing()
    this.#hasJudged = true
    const { health } = this.#state
    const now = performance.now()
    // Who leaves in the middle of an answer was served until then.
    const isGood = failure === null || (failure.outcome === 'cancelled' && isCommitted)
    if (isGood) health.noteGood(this.#admission, now)
    else if (saysNothing(failure, isCommitted)) health.noteNothing(this.#admission, now)
    else health.noteBad(this.#admission, now, failure.outcome)
  }
}

/** The client left, a bug of ours, a race of connections, the end of the client's own time, a client's own mistake. */
function saysNothing({ error, outcome, isKeepAliveRace, conditions }: Failure, isCommitted: boolean): boolean {
  if (outcome === 'cancelled' || isKeepAliveRace || error.code === 'internal_error') return true
  if (outcome === 'timeout') return isCommitted && error.message.startsWith('total')
  return outcome === 'error_status' && !conditions.includes('5xx')
}
