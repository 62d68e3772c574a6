// A stream in a provider's own format, decoded event by event and written in the caller's. The head is held until there
// is something of an answer: a stream that begins with an error has not begun (B5). A cut one ends with an error event.
import type { AnswerEvent } from '../conversation/answer-event.ts'
import type { StreamRenderer } from '../dialects/conversation-api.ts'
import { renderBackendError } from '../dialects/render-backend-error.ts'
import { type ErrorEventStyle, renderErrorEvent } from '../errors/dialect.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { StreamDecoder } from '../providers/codec.ts'
import { responseLimits } from '../settings.ts'
import { buildOwnHeaders } from './answer-headers.ts'
import { BackendRefusal, refuseStream } from './backend-refusal.ts'
import { endBrokenStream } from './end-broken-stream.ts'
import type { Exchange } from './exchange.ts'
import { hideCredential } from './hide-credential.ts'
import type { Relay } from './relay.ts'
import { TranslatedTokenCounter } from './translated-token-counter.ts'

export class TranslatedStreamRelay implements Relay {
  isCommitted = false
  readonly isCoalescing = true
  readonly #exchange: Exchange
  readonly #decoder: StreamDecoder
  readonly #renderer: StreamRenderer
  readonly #errorEvents: ErrorEventStyle
  readonly #tokens = new TranslatedTokenCounter()
  #held: AnswerEvent[] = []
  #holdTimer: NodeJS.Timeout | null = null

  constructor(exchange: Exchange, decoder: StreamDecoder, renderer: StreamRenderer, errorEvents: ErrorEventStyle) {
    this.#exchange = exchange
    this.#decoder = decoder
    this.#renderer = renderer
    this.#errorEvents = errorEvents
    exchange.streamTokens = this.#tokens
  }

  get isComplete(): boolean {
    return this.#decoder.isComplete
  }

  start(): void {}

  saysContextOverflow(): boolean {
    return false
  }

  discard(): void {
    this.#held = []
    if (this.#holdTimer !== null) clearTimeout(this.#holdTimer)
    this.#holdTimer = null
  }

  write(chunk: Buffer): boolean {
    const decoded = this.#decoder.push(chunk)
    if (decoded.length === 0) return true
    if (this.isCommitted) return this.#pass(decoded)
    for (const event of decoded) this.#held.push(event)
    const answerAt = this.#held.findIndex(isAnswer)
    throwError(answerAt < 0 ? this.#held : this.#held.slice(0, answerAt))
    if (answerAt >= 0 || this.isComplete) return this.#release()
    // A backend that thinks for long keeps its stream alive by heartbeats: from now on the client sees them.
    this.#holdTimer ??= setTimeout(() => this.#release(), responseLimits.maxHoldMs)
    return true
  }

  #release(): boolean {
    const events = this.#held
    this.discard()
    this.#commit()
    return this.#pass(events)
  }

  #pass(events: readonly AnswerEvent[]): boolean {
    const canGoOn = this.#render(events)
    throwError(events)
    return canGoOn
  }

  end(): GatewayError | null {
    if (!this.isComplete) return new GatewayError('upstream_incomplete', 'the stream ended without its end marker')
    const last = this.#decoder.finish?.() ?? []
    const events = this.isCommitted ? last : [...this.#held, ...last]
    if (!this.isCommitted) this.#commit()
    this.#render(events)
    this.#exchange.streamOutcome ??= 'complete'
    this.#exchange.response.end()
    return null
  }

  fail(error: GatewayError): void {
    const exchange = this.#exchange
    const { response } = exchange
    exchange.error = error
    if (error.code === 'client_closed' || response.destroyed) {
      exchange.streamOutcome ??= 'client_closed'
      response.destroy()
      return
    }
    exchange.streamOutcome ??= error.code === 'upstream_timeout' ? 'timeout' : 'incomplete'
    const lastWords = this.#renderer.renderError?.(error) ?? this.#renderError(error)
    endBrokenStream(response, hideCredential(lastWords, exchange.member))
  }

  /** A backend's own words keep the kind of error they are: the official clients go by it. */
  #renderError(error: GatewayError): string {
    const { id } = this.#exchange
    if (!(error instanceof BackendRefusal)) return renderErrorEvent(this.#errorEvents, error, id)
    if (this.#errorEvents !== 'messages') return `data: ${renderBackendError('openai', error.refusal, id)}\n\n`
    return `event: error\ndata: ${renderBackendError('anthropic', error.refusal, id)}\n\n`
  }

  #render(events: readonly AnswerEvent[]): boolean {
    for (const event of events) {
      if (event.type === 'usage') this.#exchange.usage = event.usage
      else this.#tokens.push(event)
    }
    const errorAt = events.findIndex(({ type }) => type === 'error')
    const text = this.#renderer.render(errorAt < 0 ? events : events.slice(0, errorAt))
    if (text === '') return true
    this.#exchange.bytesOut += Buffer.byteLength(text)
    return this.#exchange.response.write(text)
  }

  #commit(): void {
    this.isCommitted = true
    const exchange = this.#exchange
    exchange.firstByteMs = performance.now() - exchange.startedAt
    exchange.isStream = true
    exchange.route?.series.changeOpenStreams(1)
    const own = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache']
    exchange.response.writeHead(200, buildOwnHeaders(exchange, own))
  }
}

/** Something of the answer itself: what comes before it may still turn out to be an error. */
function isAnswer({ type }: AnswerEvent): boolean {
  return type !== 'start' && type !== 'usage' && type !== 'error'
}

function throwError(events: readonly AnswerEvent[]): void {
  for (const event of events) {
    if (event.type === 'error') throw refuseStream(event.error)
  }
}
