// A unary model answer: held until it is whole, so that a broken one becomes a clean 502 instead of half an answer.
// Answers over the cap are passed on as they come.
import { GatewayError } from '../errors/gateway-error.ts'
import { responseLimits } from '../settings.ts'
import { buildAnswerHeaders } from './answer-headers.ts'
import type { Exchange } from './exchange.ts'
import { hideCredentialBytes } from './hide-credential.ts'
import type { Relay } from './relay.ts'
import { isContextOverflow } from './stream-opening.ts'
import { parseJson, scanUsage } from './token-usage.ts'
import type { UpstreamHead } from './upstream-head.ts'

/** Those that vendors say `too long` with. */
const overflowStatuses: ReadonlySet<number> = new Set([400, 413, 422])
/** Usage and what may stand behind it. */
const maxTailBytes = 8_192

export class UnaryRelay implements Relay {
  isCommitted = false
  readonly isComplete = false
  readonly isCoalescing = false
  readonly #exchange: Exchange
  #head: UpstreamHead | null = null
  #held: Buffer[] = []
  #bytes = 0
  /** The last bytes of a large answer: where its usage stands. */
  #tail: Buffer = Buffer.alloc(0)

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  start(head: UpstreamHead): void {
    if (head.contentLength !== null && head.contentLength > responseLimits.maxUnaryBytes) throw tooLarge()
    this.#head = head
  }

  write(chunk: Buffer): boolean {
    this.#bytes += chunk.length
    if (this.#bytes > responseLimits.maxUnaryBytes) throw tooLarge()
    if (this.isCommitted) return this.#send(chunk)
    this.#held.push(chunk)
    if (this.#bytes <= responseLimits.maxHeldBytes) return true
    return this.#commitLarge()
  }

  end(): GatewayError | null {
    const { response } = this.#exchange
    if (this.isCommitted) {
      if (this.#head !== null && this.#head.status < 400) this.#exchange.usage = scanUsage(this.#tail)
      response.end()
      return null
    }
    const head = this.#head
    const only = this.#held[0]
    const held = this.#held.length === 1 && only !== undefined ? only : Buffer.concat(this.#held)
    if (head === null) return new GatewayError('internal_error', 'answer without a head')
    const body = head.status < 400 ? held : hideCredentialBytes(held, this.#exchange.member)
    const problem = findProblem(head, body)
    if (problem !== null) return problem
    if (head.status < 400) this.#exchange.usage = scanUsage(body)
    this.isCommitted = true
    this.#exchange.firstByteMs = performance.now() - this.#exchange.startedAt
    response.writeHead(head.status, buildAnswerHeaders(this.#exchange, head.headers, body.length))
    this.#exchange.bytesOut += body.length
    response.end(body)
    return null
  }

  saysContextOverflow(): boolean {
    if (this.isCommitted || this.#head === null || !overflowStatuses.has(this.#head.status)) return false
    return isContextOverflow(Buffer.concat(this.#held).toString())
  }

  discard(): void {
    this.#held = []
  }

  fail(error: GatewayError): void {
    this.#exchange.error = error
    this.#exchange.response.destroy()
  }

  #commitLarge(): boolean {
    this.isCommitted = true
    const head = this.#head
    if (head === null) throw new GatewayError('internal_error', 'body before a head')
    this.#exchange.firstByteMs = performance.now() - this.#exchange.startedAt
    this.#exchange.response.writeHead(head.status, buildAnswerHeaders(this.#exchange, head.headers, null))
    const held = this.#held
    this.#held = []
    let canGoOn = true
    for (const chunk of held) canGoOn = this.#send(chunk)
    return canGoOn
  }

  #send(chunk: Buffer): boolean {
    this.#exchange.bytesOut += chunk.length
    this.#tail = chunk.length < maxTailBytes ? Buffer.concat([this.#tail, chunk]).subarray(-maxTailBytes) : chunk
    return this.#exchange.response.write(chunk)
  }
}

function tooLarge(): GatewayError {
  return new GatewayError('upstream_invalid_response', `answer over ${responseLimits.maxUnaryBytes} bytes`)
}

/** A JSON answer must be one: its ends are looked at always, all of it where a cut would be invisible (undici#5273). */
function findProblem(head: UpstreamHead, body: Buffer): GatewayError | null {
  if (head.mediaType !== 'application/json') return null
  let start = 0
  let end = body.length
  while (start < end && isSpace(body[start])) start++
  while (end > start && isSpace(body[end - 1])) end--
  const opens = body[start]
  const closes = body[end - 1]
  const isBracketed = (opens === 0x7b && closes === 0x7d) || (opens === 0x5b && closes === 0x5d)
  if (!isBracketed || (head.isCloseDelimited && parseJson(body.toString()) === undefined)) {
    return head.isCloseDelimited
      ? new GatewayError('upstream_incomplete', 'the answer was cut')
      : new GatewayError('upstream_invalid_response', 'the answer is not JSON')
  }
  return null
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
