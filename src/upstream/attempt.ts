// One try against one target: dispatches, watches the timers, hands the answer to a relay, and says how it ended.
// An undici dispatch handler: no streams, no AbortController, no promise a chunk.
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { GatewayError } from '../errors/gateway-error.ts'
import type { AttemptOutcome } from '../telemetry/exchange-series.ts'
import { AttemptTimer, type TimerPhase } from './attempt-timer.ts'
import type { BoundMember } from './bound-route.ts'
import { classifyFailure, type RetryReason } from './classify-failure.ts'
import type { Connection } from './connection.ts'
import type { Exchange } from './exchange.ts'
import { readUpstreamHead } from './read-upstream-head.ts'
import type { Relay } from './relay.ts'
import type { UpstreamHead } from './upstream-head.ts'
import type { UpstreamRequest } from './upstream-request.ts'

export type AttemptResult =
  | Readonly<{ kind: 'done' }>
  | Readonly<{ kind: 'failed'; error: GatewayError; retry: RetryReason }>

/** Chooses a relay by the head; throws GatewayError to refuse the answer (nothing sent yet). */
export type ChooseRelay = (head: UpstreamHead) => Relay

const done: AttemptResult = Object.freeze({ kind: 'done' })

export class Attempt implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange
  readonly #member: BoundMember
  readonly #chooseRelay: ChooseRelay
  readonly #connection: Connection
  readonly #timer: AttemptTimer
  readonly #startedAt = performance.now()
  #settle: (result: AttemptResult) => void = () => {}
  #controller: Dispatcher.DispatchController | null = null
  #relay: Relay | null = null
  /** Why we stop it ourselves. */
  #reason: GatewayError | null = null
  #isSettled = false
  #isPaused = false
  #pending: Buffer[] = []

  /** `isFresh`: not on a connection that was used before. `totalEndsAt`: performance.now() of the absolute end. */
  constructor(
    exchange: Exchange,
    member: BoundMember,
    totalEndsAt: number,
    chooseRelay: ChooseRelay,
    isFresh: boolean,
  ) {
    this.#exchange = exchange
    this.#member = member
    this.#chooseRelay = chooseRelay
    this.#connection = isFresh ? member.pool.open() : member.pool.acquire()
    this.#timer = new AttemptTimer(totalEndsAt, (phase) => this.#expire(phase))
  }

  /** Resolves when the answer has been relayed to its end, or when nothing of it was and it failed. */
  run(request: UpstreamRequest): Promise<AttemptResult> {
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#exchange.onCancel((error) => this.#stop(error ?? new GatewayError('client_closed')))
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
      this.#relay = this.#chooseRelay(head)
      this.#timer.enter('idle', this.#member.timeouts.idleMs)
      this.#relay.start(head)
    } catch (error) {
      this.#stop(
        error instanceof GatewayError ? error : new GatewayError('internal_error', undefined, { cause: error }),
      )
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
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
      this.#stop(
        error instanceof GatewayError ? error : new GatewayError('internal_error', undefined, { cause: error }),
      )
      return
    }
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

  onResponseEnd(): void {
    this.#flush()
    if (this.#reason !== null) {
      // The last bytes were refused: what is wrong with them says more than that the answer has ended.
      this.#finish(this.#reason, false)
      return
    }
    // undici calls a close-delimited body whole also when a reset ended it (undici#5273).
    const isCut = this.#connection.socket?.errored != null && this.#relay?.isComplete !== true
    const problem = isCut ? new GatewayError('upstream_incomplete', 'answer cut: reset') : (this.#relay?.end() ?? null)
    this.#finish(problem, problem === null)
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, cause: Error): void {
    if (this.#reason === null) this.#flush()
    if (this.#reason === null && this.#relay?.isComplete) {
      // The protocol's own end had come: a connection that breaks afterwards took nothing from the answer.
      this.#finish(this.#relay.end(), false)
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

  #finish(cause: Error | null, isReusable: boolean): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#timer.stop()
    this.#exchange.onCancel(null)
    this.#exchange.upstreamMs += performance.now() - this.#startedAt
    const connection = this.#connection
    this.#member.pool.release(connection, isReusable)
    const isCommitted = this.#relay?.isCommitted ?? false
    if (cause === null) {
      this.#count('ok')
      this.#settle(done)
      return
    }
    const failure = classifyFailure(cause, {
      wasStarted: this.#controller !== null,
      hasHead: this.#relay !== null,
      hasReadBytes: connection.hasReadSinceBegin,
      isReusedConnection: connection.isReused,
    })
    this.#count(failure.outcome)
    if (isCommitted) {
      this.#relay?.fail(failure.error)
      this.#settle(done)
    } else {
      this.#settle({ kind: 'failed', error: failure.error, retry: failure.retry })
    }
  }

  #count(outcome: AttemptOutcome): void {
    this.#exchange.route?.series.countAttempt(this.#member.target.id, outcome)
  }
}
