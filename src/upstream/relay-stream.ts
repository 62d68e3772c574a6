// An event stream: whole events only, as they come. It ends cleanly only by the protocol's own end; anything else
// is an error event in the caller's dialect and an aborted body, never a clean end (B4).
import type { Socket } from 'node:net'
import { GatewayError } from '../errors/gateway-error.ts'
import { renderOpenAiErrorEvent } from '../errors/render-openai.ts'
import { UsageHider } from '../providers/openai/usage-hider.ts'
import { responseLimits } from '../settings.ts'
import { SseFramer } from '../wire/sse-framer.ts'
import { buildAnswerHeaders } from './answer-headers.ts'
import type { Exchange } from './exchange.ts'
import type { Relay } from './relay.ts'
import { parseJson, parseUsage } from './token-usage.ts'
import type { UpstreamHead } from './upstream-head.ts'

/** How a stream says that it is whole: `[DONE]`, a terminal event of the Responses API, or only by its framing. */
export type StreamEnd = 'done-marker' | 'response-event' | 'framing'

/**
 * Between the error event and the cut: `fetch` throws away what its caller has not read yet when a body breaks, and
 * a client that has read the event leaves by itself. Milliseconds.
 */
const farewellMs = 100
/** How long a client may take to read the error event before its connection goes. Milliseconds. */
const lastWordsMs = 5_000

export class StreamRelay implements Relay {
  isCommitted = false
  readonly isCoalescing = true
  readonly #exchange: Exchange
  readonly #framer = new SseFramer({ maxEventBytes: responseLimits.maxEventBytes })
  readonly #streamEnd: StreamEnd
  readonly #hider: UsageHider | null
  #head: UpstreamHead | null = null
  #hasTerminalEvent = false

  /** `hidesUsage`: we asked for usage, the client did not. */
  constructor(exchange: Exchange, streamEnd: StreamEnd, hidesUsage = false) {
    this.#exchange = exchange
    this.#streamEnd = streamEnd
    this.#hider = hidesUsage ? new UsageHider() : null
  }

  get isComplete(): boolean {
    if (this.#streamEnd === 'done-marker') return this.#framer.isDone
    return this.#streamEnd === 'response-event' && this.#hasTerminalEvent
  }

  start(head: UpstreamHead): void {
    this.#head = head
  }

  write(chunk: Buffer): boolean {
    const whole = this.#framer.push(chunk)
    if (whole === null) return true
    if (this.#streamEnd === 'response-event') this.#hasTerminalEvent ||= hasTerminalEvent(whole)
    const shown = this.#hider === null ? whole : this.#hider.hide(whole, this.#framer.usageEvents)
    if (shown === null) return true
    if (!this.isCommitted) this.#commit()
    this.#exchange.bytesOut += shown.length
    this.#exchange.streamTokens?.push(shown)
    return this.#exchange.response.write(shown)
  }

  end(): GatewayError | null {
    if (this.#framer.rest.length > 0) return new GatewayError('upstream_incomplete', 'the stream ended inside an event')
    const isWhole = this.#streamEnd === 'framing' ? this.#head?.isCloseDelimited !== true : this.isComplete
    if (!isWhole) return new GatewayError('upstream_incomplete', 'the stream ended without its end marker')
    if (!this.isCommitted) this.#commit()
    this.#close('complete')
    this.#exchange.response.end()
    return null
  }

  fail(error: GatewayError): void {
    const { response } = this.#exchange
    this.#exchange.error = error
    if (error.code === 'client_closed' || response.destroyed) {
      this.#close('client_closed')
      response.destroy()
      return
    }
    this.#close(error.code === 'upstream_timeout' ? 'timeout' : 'incomplete')
    // A backend that said itself what went wrong has told the client already.
    if (!this.#framer.errorSeen) response.write(renderOpenAiErrorEvent(error))
    // Behind another answer on its connection (pipelining) it waits for its turn.
    if (response.socket === null) response.once('socket', sayFarewell)
    else sayFarewell(response.socket)
  }

  #commit(): void {
    const head = this.#head
    if (head === null) throw new GatewayError('internal_error', 'body before a head')
    this.isCommitted = true
    const exchange = this.#exchange
    exchange.firstByteMs = performance.now() - exchange.startedAt
    exchange.isStream = true
    exchange.route?.series.changeOpenStreams(1)
    exchange.response.writeHead(head.status, buildAnswerHeaders(exchange, withoutLength(head), null))
  }

  #close(outcome: 'complete' | 'incomplete' | 'client_closed' | 'timeout'): void {
    const usageData = this.#framer.usageData
    if (usageData !== null) this.#exchange.usage = parseUsage(parseJson(usageData.toString()))
    this.#exchange.streamOutcome ??= outcome
  }
}

/** The chunked body gets no last chunk: the client's HTTP library reports the cut as well. */
function sayFarewell(socket: Socket): void {
  const farewell = setTimeout(() => socket.destroySoon(), farewellMs)
  const limit = setTimeout(() => socket.destroy(), lastWordsMs)
  socket.once('close', () => {
    clearTimeout(farewell)
    clearTimeout(limit)
  })
}

/** A declared length leaves no room for an error event, which could even make a cut answer look whole. */
function withoutLength({ headers, contentLength }: UpstreamHead): readonly string[] {
  if (contentLength === null) return headers
  const at = headers.findIndex((name, index) => index % 2 === 0 && name === 'content-length')
  return at < 0 ? headers : headers.toSpliced(at, 2)
}

const terminalTypes = ['response.completed', 'response.failed', 'response.incomplete'].map((type) =>
  Buffer.from(`"type":"${type}"`),
)
const terminalNames = ['response.completed', 'response.failed', 'response.incomplete'].map((type) =>
  Buffer.from(`event: ${type}`),
)

/** https://platform.openai.com/docs/api-reference/responses-streaming: the stream ends with one of these. */
function hasTerminalEvent(events: Buffer): boolean {
  return terminalTypes.some((type) => events.includes(type)) || terminalNames.some((name) => events.includes(name))
}
