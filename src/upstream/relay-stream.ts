// An event stream: whole events only, as they come. It ends cleanly only by the protocol's own end; anything else
// is an error event in the caller's dialect and an aborted body, never a clean end (B4).

import { type ErrorEventStyle, renderErrorEvent } from '../errors/dialect.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { StreamTokenCounter } from '../providers/openai-format/stream-token-counter.ts'
import { UsageHider } from '../providers/openai-format/usage-hider.ts'
import { responseLimits } from '../settings.ts'
import { SseFramer } from '../wire/sse-framer.ts'
import { buildAnswerHeaders } from './answer-headers.ts'
import { refuseStream } from './backend-refusal.ts'
import { endBrokenStream } from './end-broken-stream.ts'
import type { Exchange } from './exchange.ts'
import { hideCredentialBytes } from './hide-credential.ts'
import type { Relay } from './relay.ts'
import { StreamOpening } from './stream-opening.ts'
import { parseJson, parseStreamUsage } from './token-usage.ts'
import type { UpstreamHead } from './upstream-head.ts'

/** How a stream says that it is whole: `[DONE]`, a terminal event of the Responses API or of Anthropic's, or only by its framing. */
export type StreamEnd = 'done-marker' | 'response-event' | 'message-stop' | 'framing'

/** `hidesUsage`: we asked for usage, the client did not. `tokens`: counts what is streamed where somebody will ask. */
export type StreamRelayOptions = Readonly<{ hidesUsage?: boolean; tokens?: StreamTokenCounter | null }>

export class StreamRelay implements Relay {
  isCommitted = false
  readonly isCoalescing = true
  readonly #exchange: Exchange
  readonly #framer = new SseFramer({ maxEventBytes: responseLimits.maxEventBytes })
  readonly #streamEnd: StreamEnd
  readonly #errorEvents: ErrorEventStyle
  readonly #hider: UsageHider | null
  readonly #tokens: StreamTokenCounter | null
  #head: UpstreamHead | null = null
  #hasTerminalEvent = false
  /** The head is held until there is something of an answer: a stream that begins with an error has not begun (B5). */
  readonly #opening: StreamOpening
  #held: Buffer[] = []
  #holdTimer: NodeJS.Timeout | null = null
  /** The last events with a number that went out: an error goes on counting. Kept of Responses streams alone. */
  #numbered: Buffer | null = null

  constructor(
    exchange: Exchange,
    streamEnd: StreamEnd,
    errorEvents: ErrorEventStyle,
    options: StreamRelayOptions = {},
  ) {
    this.#exchange = exchange
    this.#streamEnd = streamEnd
    this.#errorEvents = errorEvents
    this.#opening = new StreamOpening(errorEvents)
    this.#hider = options.hidesUsage ? new UsageHider() : null
    this.#tokens = options.tokens ?? null
  }

  get isComplete(): boolean {
    if (this.#streamEnd === 'done-marker') return this.#framer.isDone
    return this.#hasTerminalEvent
  }

  start(head: UpstreamHead): void {
    this.#head = head
  }

  write(chunk: Buffer): boolean {
    const whole = this.#framer.push(chunk)
    if (whole === null) return true
    const terminals = terminalNeedles[this.#streamEnd]
    if (terminals !== null) this.#hasTerminalEvent ||= terminals.some((needle) => whole.includes(needle))
    const shown = this.#hider === null ? whole : this.#hider.hide(whole, this.#framer.usageEvents)
    if (this.isCommitted) return shown === null || this.#send(shown)
    if (shown !== null) this.#held.push(shown)
    const found = this.#opening.push(whole)
    if (found !== null && found !== 'begun') throw refuseStream(found)
    if (found !== null || this.isComplete) return this.#release()
    // A backend that thinks for long keeps its stream alive by heartbeats: from now on the client sees them.
    this.#holdTimer ??= setTimeout(() => this.#release(), responseLimits.maxHoldMs)
    return true
  }

  saysContextOverflow(): boolean {
    return false
  }

  discard(): void {
    this.#held = []
    if (this.#holdTimer !== null) clearTimeout(this.#holdTimer)
    this.#holdTimer = null
  }

  #release(): boolean {
    const held = this.#held
    this.discard()
    this.#commit()
    let canGoOn = true
    for (const bytes of held) canGoOn = this.#send(bytes)
    return canGoOn
  }

  #send(bytes: Buffer): boolean {
    const shown = this.#framer.errorSeen ? hideCredentialBytes(bytes, this.#exchange.member) : bytes
    this.#exchange.bytesOut += shown.length
    this.#tokens?.push(shown)
    if (this.#errorEvents === 'responses' && shown.includes(sequenceNeedle)) this.#numbered = shown
    return this.#exchange.response.write(shown)
  }

  end(): GatewayError | null {
    if (this.#framer.rest.length > 0) return new GatewayError('upstream_incomplete', 'the stream ended inside an event')
    const isWhole = this.#streamEnd === 'framing' ? this.#head?.isCloseDelimited !== true : this.isComplete
    if (!isWhole) return new GatewayError('upstream_incomplete', 'the stream ended without its end marker')
    if (!this.isCommitted) this.#release()
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
    const next = readNextSequence(this.#numbered)
    const event = this.#framer.errorSeen ? null : renderErrorEvent(this.#errorEvents, error, this.#exchange.id, next)
    endBrokenStream(response, event)
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
    const { firstUsageData: first, usageData: last } = this.#framer
    if (last !== null) this.#exchange.usage = parseStreamUsage(parseJson(String(first)), parseJson(String(last)))
    this.#exchange.streamOutcome ??= outcome
  }
}

/** A declared length leaves no room for an error event, which could even make a cut answer look whole. */
function withoutLength({ headers, contentLength }: UpstreamHead): readonly string[] {
  if (contentLength === null) return headers
  const at = headers.findIndex((name, index) => index % 2 === 0 && name === 'content-length')
  return at < 0 ? headers : headers.toSpliced(at, 2)
}

const sequenceNeedle = Buffer.from('"sequence_number":')

/** `events`: whole ones, or null for none. In a text of the answer's its quotes would be escaped. */
function readNextSequence(events: Buffer | null): number {
  const at = events?.lastIndexOf(sequenceNeedle) ?? -1
  const number = events?.toString('latin1', at + sequenceNeedle.length, at + sequenceNeedle.length + 20)
  return at < 0 ? 0 : Number.parseInt(number ?? '', 10) + 1 || 0
}

/** What stands in a text of the answer's has its quotes escaped, and no line end behind it. */
function namedEvents(...types: readonly string[]): readonly Buffer[] {
  return types.flatMap((type) =>
    [`"type":"${type}"`, `event: ${type}\n`, `event: ${type}\r`].map((text) => Buffer.from(text)),
  )
}

/** https://platform.openai.com/docs/api-reference/responses-streaming, https://docs.claude.com/en/api/messages-streaming */
const terminalNeedles: Readonly<Record<StreamEnd, readonly Buffer[] | null>> = {
  'response-event': namedEvents('response.completed', 'response.failed', 'response.incomplete'),
  'message-stop': namedEvents('message_stop'),
  'done-marker': null,
  framing: null,
}
