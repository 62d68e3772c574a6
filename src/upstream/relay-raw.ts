// A plain service's answer (and a model's audio or image bytes): passed on as it comes, nothing looked at.
import type { GatewayError } from '../errors/gateway-error.ts'
import { buildAnswerHeaders } from './answer-headers.ts'
import type { Exchange } from './exchange.ts'
import type { Relay } from './relay.ts'
import type { UpstreamHead } from './upstream-head.ts'

export class RawRelay implements Relay {
  isCommitted = false
  readonly isComplete = false
  readonly isCoalescing = true
  readonly #exchange: Exchange

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  start(head: UpstreamHead): void {
    this.isCommitted = true
    const exchange = this.#exchange
    exchange.firstByteMs = performance.now() - exchange.startedAt
    exchange.response.writeHead(head.status, buildAnswerHeaders(exchange, head.headers, null))
    // The head goes at once: a service may take its time for the first byte of its body.
    exchange.response.flushHeaders()
  }

  write(chunk: Buffer): boolean {
    this.#exchange.bytesOut += chunk.length
    return this.#exchange.response.write(chunk)
  }

  end(): GatewayError | null {
    this.#exchange.response.end()
    return null
  }

  saysContextOverflow(): boolean {
    return false
  }

  discard(): void {}

  fail(error: GatewayError): void {
    this.#exchange.error = error
    this.#exchange.response.destroy()
  }
}
