// A stream in a provider's own format, decoded event by event and written in the caller's. The head is held until there
// is something of an answer: a stream that begins with an error has not begun (B5). A cut one ends with an error event.
import type { AnswerEvent } from '../conversation/answer-event.ts'
import type { StreamRenderer } from '../dialects/conversation-api.ts'
import { type ErrorEventStyle, renderErrorEvent } from '../errors/dialect.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { StreamDecoder } from '../providers/codec.ts'
import { buildOwnHeaders } from './answer-headers.ts'
import { endBrokenStream } from './end-broken-stream.ts'
import type { Exchange } from './exchange.ts'
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

  write(chunk: Buffer): boolean {
    const decoded = this.#decoder.push(chunk)
    if (decoded.length === 0) return true
    let events = decoded
    if (!this.isCommitted) {
      for (const event of decoded) this.#held.push(event)
      if (!this.#held.some(isAnswer) && !this.isComplete) {
        throwError(decoded)
        return true
      }
      events = this.#held
      this.#held = []
      throwError(events.slice(0, events.findIndex(isAnswer) + 1))
      this.#commit()
    }
    const text = this.#render(events)
    throwError(events)
    return text
  }

  end(): GatewayError | null {
    if (!this.isComplete) return new GatewayError('upstream_incomplete', 'the stream ended without its end marker')
    if (!this.isCommitted) this.#commit()
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
    const lastWords = this.#renderer.renderError?.(error) ?? renderErrorEvent(this.#errorEvents, error, exchange.id)
    endBrokenStream(response, lastWords)
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
    if (event.type !== 'error') continue
    const { status, message } = event.error
    throw new GatewayError('upstream_error', `error in the stream: ${status}`, { publicText: message })
  }
}
