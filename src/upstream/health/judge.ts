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
  #isServing = false
  #hasJudged = false

  /** `startedAt`: performance.now(). */
  constructor(state: MemberState, admission: Admission, startedAt: number) {
    this.#state = state
    this.#admission = admission
    this.#startedAt = startedAt
  }

  /** `retryAfterMs`: the backend's wish, null for none. A client's own mistake (4xx) is well served. */
  noteErrorHead({ status }: UpstreamHead, retryAfterMs: number | null): void {
    this.#hasJudged = true
    const { health } = this.#state
    const now = performance.now()
    if ((status === 429 || status === 503) && retryAfterMs !== null) health.cool(this.#admission, now, retryAfterMs)
    else if (status >= 500) health.noteBad(this.#admission, now, `status ${status}`)
    else if (status === 429) health.noteNothing(this.#admission, now)
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
