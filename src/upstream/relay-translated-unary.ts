// A unary answer in a provider's own format: held until whole, decoded, and answered in the caller's.
import type { BackendError } from '../conversation/answer-event.ts'
import { renderBackendError } from '../dialects/render-backend-error.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { parseJsonText } from '../providers/read-json.ts'
import { responseLimits } from '../settings.ts'
import { buildOwnHeaders } from './answer-headers.ts'
import type { Exchange } from './exchange.ts'
import { hideCredential } from './hide-credential.ts'
import type { Relay } from './relay.ts'
import type { TokenUsage } from './token-usage.ts'
import type { UpstreamHead } from './upstream-head.ts'

/** What becomes of an answer. Both throw GatewayError `upstream_invalid_response` for what can't be read. */
export type AnswerTranslation = Readonly<{
  decode: (answer: unknown, headers: readonly string[]) => Readonly<{ text: string; usage: TokenUsage | null }>
  decodeError: (status: number, body: string, headers: readonly string[]) => BackendError
}>

export class TranslatedUnaryRelay implements Relay {
  isCommitted = false
  readonly isComplete = false
  readonly isCoalescing = false
  readonly #exchange: Exchange
  readonly #translation: AnswerTranslation
  #head: UpstreamHead | null = null
  #held: Buffer[] = []
  #bytes = 0

  constructor(exchange: Exchange, translation: AnswerTranslation) {
    this.#exchange = exchange
    this.#translation = translation
  }

  start(head: UpstreamHead): void {
    if (head.isEncoded) throw new GatewayError('upstream_invalid_response', 'compressed answer')
    this.#head = head
  }

  write(chunk: Buffer): boolean {
    this.#bytes += chunk.length
    if (this.#bytes > responseLimits.maxTranslatedBytes) {
      throw new GatewayError('upstream_invalid_response', `answer over ${responseLimits.maxTranslatedBytes} bytes`)
    }
    this.#held.push(chunk)
    return true
  }

  end(): GatewayError | null {
    const head = this.#head
    if (head === null) return new GatewayError('internal_error', 'answer without a head')
    const body = Buffer.concat(this.#held).toString()
    this.#held = []
    if (head.status >= 400) {
      const error = this.#translation.decodeError(head.status, body, head.headers)
      const said = renderBackendError(this.#exchange.dialect, error, this.#exchange.id)
      const text = hideCredential(said, this.#exchange.member)
      this.#send(head, text, error.retryAfterSeconds)
      return null
    }
    const answer = parseJsonText(body)
    if (answer === undefined) {
      return head.isCloseDelimited
        ? new GatewayError('upstream_incomplete', 'the answer was cut')
        : new GatewayError('upstream_invalid_response', 'the answer is not JSON')
    }
    const { text, usage } = this.#translation.decode(answer, head.headers)
    this.#exchange.usage = usage
    this.#send(head, text)
    return null
  }

  saysContextOverflow(): boolean {
    const head = this.#head
    if (head === null || head.status < 400) return false
    const body = Buffer.concat(this.#held).toString()
    try {
      return this.#translation.decodeError(head.status, body, head.headers).isContextOverflow
    } catch {
      // It is thrown again where it is to be answered.
      return false
    }
  }

  discard(): void {
    this.#held = []
  }

  fail(error: GatewayError): void {
    this.#exchange.error = error
    this.#exchange.response.destroy()
  }

  #send({ status, headers }: UpstreamHead, text: string, retryAfterSeconds?: number): void {
    const exchange = this.#exchange
    const body = Buffer.from(text)
    const own = ['content-type', 'application/json', 'content-length', String(body.length)]
    const retryAt = headers.findIndex((part, at) => at % 2 === 0 && part === 'retry-after')
    if (retryAt >= 0) own.push('retry-after', headers[retryAt + 1] ?? '')
    else if (retryAfterSeconds !== undefined) own.push('retry-after', String(retryAfterSeconds))
    this.isCommitted = true
    exchange.firstByteMs = performance.now() - exchange.startedAt
    exchange.response.writeHead(status, buildOwnHeaders(exchange, own))
    exchange.bytesOut += body.length
    exchange.response.end(body)
  }
}
