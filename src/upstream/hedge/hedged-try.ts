// A try with a second one beside it where it takes longer than most: whichever gets a good answer first is the exchange's
// only one, the other is given up at once.
import { GatewayError } from '../../errors/gateway-error.ts'
import type { AttemptResult } from '../attempt-options.ts'
import type { Exchange } from '../exchange.ts'
import { makeAttempt } from '../make-attempt.ts'
import type { RetryPlan, Try } from '../retry/retry-plan.ts'
import type { Hedging } from './hedging.ts'

type Cancel = Parameters<Exchange['onCancel']>[0]

export class HedgedTry {
  readonly #exchange: Exchange
  readonly #retries: RetryPlan
  readonly #hedging: Hedging
  readonly #startedAt = performance.now()
  readonly #upstreamMsBefore: number
  readonly #cancels = new Map<Try, Cancel>()
  readonly #result = Promise.withResolvers<AttemptResult>()
  #running = 0
  #winner: Try | null = null

  constructor(exchange: Exchange, retries: RetryPlan, hedging: Hedging) {
    this.#exchange = exchange
    this.#retries = retries
    this.#hedging = hedging
    this.#upstreamMsBefore = exchange.upstreamMs
  }

  async run(first: Try): Promise<AttemptResult> {
    const delayMs = this.#hedging.noteRequest()
    this.#exchange.onCancel((error) => this.#cancelAll(error))
    this.#start(first)
    const timer = delayMs === null ? null : setTimeout(() => this.#hedge(), delayMs)
    try {
      return await this.#result.promise
    } finally {
      if (timer !== null) clearTimeout(timer)
      this.#exchange.onCancel(null)
      const tookMs = performance.now() - this.#startedAt
      // They ran beside each other.
      this.#exchange.upstreamMs = this.#upstreamMsBefore + tookMs
      if (this.#winner !== null) this.#hedging.noteAnswer(tookMs)
    }
  }

  #hedge(): void {
    if (this.#winner !== null || this.#running === 0 || !this.#hedging.take()) return
    const other = this.#retries.hedge()
    if (other === null) this.#hedging.giveBack()
    else this.#start(other)
  }

  #start(leg: Try): void {
    this.#running++
    makeAttempt(this.#exchange, leg, {
      // While the other one may still answer well, nobody hears of this one's error.
      offerFailure: (failure) => this.#running > 1 || this.#retries.offer(failure),
      onCancel: (cancel) => void this.#cancels.set(leg, cancel),
      onGoodHead: () => this.#claim(leg),
    }).then((result) => this.#end(leg, result), this.#result.reject)
  }

  #claim(leg: Try): void {
    if (this.#winner !== null && this.#winner !== leg) throw lost()
    this.#winner = leg
    this.#exchange.member = leg.member
    this.#exchange.dropped = leg.dropped
    for (const [other, cancel] of this.#cancels) {
      if (other !== leg) cancel?.(lost())
    }
  }

  #end(leg: Try, result: AttemptResult): void {
    this.#running--
    this.#cancels.delete(leg)
    const isOver = result.kind === 'done' || leg === this.#winner || (this.#winner === null && this.#running === 0)
    if (isOver) this.#result.resolve(result)
  }

  #cancelAll(error: GatewayError | null): void {
    for (const cancel of this.#cancels.values()) cancel?.(error)
  }
}

function lost(): GatewayError {
  return new GatewayError('client_closed', 'another attempt answered first')
}
