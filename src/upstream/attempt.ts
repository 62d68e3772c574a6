// One try against one target: dispatches, watches the timers, hands the answer to a relay, and says how it ended.
// An undici dispatch handler: no streams, no AbortController, no promise a chunk.
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { GatewayError } from '../errors/gateway-error.ts'
import type { AttemptOutcome } from '../telemetry/exchange-series.ts'
import { AnswerDrain } from './answer-drain.ts'
import type { AttemptOptions, AttemptResult } from './attempt-options.ts'
import { AttemptTimer, type TimerPhase } from './attempt-timer.ts'
import type { BoundMember } from './bound-route.ts'
import { classifyFailure, classifyOverflow, classifyStatus } from './classify-failure.ts'
import type { Connection } from './connection.ts'
import type { Exchange } from './exchange.ts'
import { Judge } from './health/judge.ts'
import { readRetryAfterMs } from './health/read-retry-after.ts'
import { readUpstreamHead } from './read-upstream-head.ts'
import type { Relay } from './relay.ts'
import type { UpstreamHead } from './upstream-head.ts'
import type { UpstreamRequest } from './upstream-request.ts'

const done: AttemptResult = Object.freeze({ kind: 'done' })

export class Attempt implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange
  readonly #member: BoundMember
  readonly #options: AttemptOptions
  readonly #connection: Connection
  readonly #timer: AttemptTimer
  readonly #judge: Judge
  readonly #startedAt = performance.now()
  #settle: (result: AttemptResult) => void = () => {}
  #controller: Dispatcher.DispatchController | null = null
  #head: UpstreamHead | null = null
  #relay: Relay | null = null
  #drain: AnswerDrain | null = null
  /** Why we stop it ourselves. */
  #reason: GatewayError | null = null
  #isSettled = false
  #isPaused = false
  #isWaiting = true
  #pending: Buffer[] = []

  constructor(exchange: Exchange, member: BoundMember, options: AttemptOptions) {
    this.#exchange = exchange
    this.#member = member
    this.#options = options
    this.#connection = options.isFresh ? member.pool.open() : member.pool.acquire()
    this.#timer = new AttemptTimer(options.totalEndsAt, (phase) => this.#expire(phase))
    this.#judge = new Judge(member.state, options.admission, this.#startedAt, member.provider !== null)
  }

  /** Of the answer, null while there is none. */
  get status(): number | null {
    return this.#head?.status ?? null
  }

  /** Resolves when the answer has been relayed to its end, or when nothing of it was and it failed. */
  run(request: UpstreamRequest): Promise<AttemptResult> {
    this.#member.state.active++
    this.#member.state.noteWaiting(this.#startedAt)
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#options.onCancel((error) => this.#stop(error ?? new GatewayError('client_closed')))
      // Before the request is on the wire only the connect timer and the exchange's total count.
      this.#timer.enter('first-byte', 0)
      this.#connection.client.dispatch(
        {
          method: request.method,
          path: request.path,
          headers: request.headers,
          body: request.body,
        },
        this,
      )
    })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#connection.markBegin()
    if (this.#reason !== null) {
      controller.abort(this.#reason)
      return
    }
    this.#timer.enter('first-byte', this.#member.timeouts.firstByteMs)
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // Informational heads (103) don't count as an answer; endless ones meet the first-byte timer (B9, G7).
    if (status < 200 && status !== 101) return
    try {
      const head = readUpstreamHead(status, controller.rawHeaders, headers)
      this.#head = head
      if (status >= 400 && this.#giveUpError(controller, head)) return
      if (status < 400) this.#options.onGoodHead?.()
      this.#relay = this.#options.chooseRelay(head)
      this.#timer.enter('idle', this.#member.timeouts.idleMs)
      this.#relay.start(head)
      if (this.#relay.isCommitted) this.#noteServing()
    } catch (error) {
      this.#stop(toGatewayError(error))
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#drain !== null) {
      this.#drain.take(chunk)
      return
    }
    this.#timer.touch()
    if (this.#relay === null) return
    if (!this.#relay.isCoalescing) {
      this.#write(this.#relay, chunk)
      return
    }
    // The parser calls for every HTTP chunk of one read; they are written when it is through, in the same turn.
    if (this.#pending.push(chunk) === 1) process.nextTick(() => this.#flush())
  }

  #flush(): void {
    const [first] = this.#pending
    if (first === undefined || this.#relay === null || this.#isSettled) return
    const bytes = this.#pending.length === 1 ? first : Buffer.concat(this.#pending)
    this.#pending = []
    this.#write(this.#relay, bytes)
  }

  #write(relay: Relay, bytes: Buffer): void {
    let canGoOn: boolean
    try {
      canGoOn = relay.write(bytes)
    } catch (error) {
      this.#stop(toGatewayError(error))
      return
    }
    if (relay.isCommitted) this.#noteServing()
    if (!canGoOn && !this.#isPaused) {
      this.#isPaused = true
      this.#controller?.pause()
      this.#exchange.response.once('drain', () => {
        this.#isPaused = false
        this.#timer.touch()
        this.#controller?.resume()
      })
    }
  }

  #noteServing(): void {
    this.#judge.noteServing()
    this.#noteHeard()
  }

  #noteHeard(): void {
    if (!this.#isWaiting) return
    this.#isWaiting = false
    this.#member.state.noteHeard(performance.now())
  }

  onResponseEnd(): void {
    if (this.#drain !== null) {
      this.#endDrain(this.#drain, this.#connection.socket?.errored == null)
      return
    }
    this.#flush()
    if (this.#reason !== null) {
      // The last bytes were refused: what is wrong with them says more than that the answer has ended.
      this.#finish(this.#reason, false)
      return
    }
    // undici calls a close-delimited body whole also when a reset ended it (undici#5273).
    const isCut = this.#connection.socket?.errored != null && this.#relay?.isComplete !== true
    if (!isCut && this.#giveUpOverflow()) return
    const problem = isCut ? new GatewayError('upstream_incomplete', 'answer cut: reset') : this.#endRelay()
    this.#finish(problem, problem === null)
  }

  #endRelay(): GatewayError | null {
    try {
      return this.#relay?.end() ?? null
    } catch (error) {
      return toGatewayError(error)
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, cause: Error): void {
    if (this.#drain !== null) {
      this.#endDrain(this.#drain, false)
      return
    }
    if (this.#reason === null) this.#flush()
    if (this.#reason === null && this.#relay?.isComplete) {
      // The protocol's own end had come: a connection that breaks afterwards took nothing from the answer.
      this.#finish(this.#endRelay(), false)
      return
    }
    this.#finish(this.#reason ?? cause, false)
  }

  #expire(phase: TimerPhase): void {
    if (this.#relay?.isComplete) {
      this.#controller?.abort(new Error('complete'))
      return
    }
    const isClientStalled = this.#isPaused && phase === 'idle'
    this.#stop(
      isClientStalled
        ? new GatewayError('client_closed', 'the client stopped reading')
        : new GatewayError('upstream_timeout', `${phase} timeout`),
    )
  }

  #stop(reason: GatewayError): void {
    if (this.#isSettled || this.#reason !== null) return
    this.#reason = reason
    if (this.#controller === null) {
      // Still connecting or queued: nothing of undici's can be aborted, so the connection goes as a whole.
      this.#connection.destroy(reason)
    } else {
      this.#controller.abort(reason)
    }
  }

  /** An error answer for which another try is made: the rest of it is of no interest. */
  #giveUpError(controller: Dispatcher.DispatchController, head: UpstreamHead): boolean {
    const retryAfterMs = readRetryAfterMs(head.headers, Date.now())
    this.#judge.noteErrorHead(head, retryAfterMs)
    const failure = classifyStatus(head.status, retryAfterMs)
    if (!this.#options.offerFailure(failure)) return false
    this.#drain = new AnswerDrain(controller)
    this.#close('error_status')
    this.#settle({ kind: 'failed', failure })
    this.#drain.expect(head.contentLength)
    return true
  }

  /** The same once its body is there: the input was too long for this model. */
  #giveUpOverflow(): boolean {
    if (this.#head === null || this.#relay?.saysContextOverflow() !== true) return false
    const failure = classifyOverflow(this.#head.status)
    if (!this.#options.offerFailure(failure)) return false
    this.#close('error_status')
    this.#member.pool.release(this.#connection, true)
    this.#settle({ kind: 'failed', failure })
    return true
  }

  #endDrain(drain: AnswerDrain, isReusable: boolean): void {
    drain.stop()
    this.#member.pool.release(this.#connection, isReusable)
  }

  #finish(cause: Error | null, isReusable: boolean): void {
    if (this.#isSettled) return
    const isCommitted = this.#relay?.isCommitted ?? false
    const connection = this.#connection
    const failure =
      cause === null
        ? null
        : classifyFailure(cause, {
            wasStarted: this.#controller !== null,
            hasHead: this.#relay !== null,
            hasReadBytes: connection.hasReadSinceBegin,
            mayHaveRaced: connection.mayHaveRaced,
            idleMs: connection.idleMs,
          })
    this.#judge.noteEnd(failure, isCommitted)
    this.#close(failure?.outcome ?? (isErrorStatus(this.#head) ? 'error_status' : 'ok'))
    this.#member.pool.release(connection, isReusable)
    if (failure === null) {
      this.#settle(done)
    } else if (isCommitted) {
      this.#relay?.fail(failure.error)
      this.#settle(done)
    } else {
      this.#relay?.discard()
      this.#settle({ kind: 'failed', failure })
    }
  }

  /** From here on it is nobody's business but the connection's. */
  #close(outcome: AttemptOutcome): void {
    this.#isSettled = true
    this.#timer.stop()
    this.#options.onCancel(null)
    this.#exchange.upstreamMs += performance.now() - this.#startedAt
    this.#member.state.active--
    this.#noteHeard()
    this.#exchange.route?.series.countAttempt(this.#member.target.id, outcome)
  }
}

function isErrorStatus(head: UpstreamHead | null): boolean {
  return head !== null && (head.status >= 500 || head.status === 429)
}

function toGatewayError(error: unknown): GatewayError {
  return error instanceof GatewayError ? error : new GatewayError('internal_error', undefined, { cause: error })
}
