// A request body as a stream for a plain service: nothing is held back but a small copy that allows sending it again
// when a kept-alive connection died under it. Destroying it never touches the client's connection: it is still owed
// an answer.
import { Readable } from 'node:stream'
import type { Exchange } from '../upstream/exchange.ts'

/** Bodies up to this size can be sent a second time. */
const maxReplayBytes = 64 * 1024

export class RequestStream {
  readonly #exchange: Exchange
  readonly #request: Exchange['request']
  #kept: Buffer[] | null = []
  #keptBytes = 0
  #hasEnded = false
  #sink: Readable | null = null

  constructor(exchange: Exchange) {
    const { request } = exchange
    this.#exchange = exchange
    this.#request = request
    request.on('data', (chunk: Buffer) => this.#take(chunk))
    request.on('end', () => {
      this.#hasEnded = true
      this.#sink?.push(null)
    })
    request.on('close', () => {
      if (!this.#hasEnded) this.#sink?.destroy(new Error('the client left while sending its body'))
    })
    request.on('error', () => {})
    request.pause()
  }

  /** The body from its first byte; null when too much of it has gone by. */
  open(): Readable | null {
    if (this.#kept === null) return null
    this.#sink?.destroy()
    const sink = new Readable({
      read: () => {
        if (this.#sink === sink) this.#request.resume()
      },
    })
    // An error here is the attempt's to report, through undici.
    sink.on('error', () => {})
    // A backend that answered before it had read everything: the rest is drained, for the client sends it before its
    // next request, and may read no answer while it does.
    sink.on('close', () => {
      if (this.#sink === sink) this.#request.resume()
    })
    this.#sink = sink
    for (const chunk of this.#kept) sink.push(chunk)
    if (this.#hasEnded) sink.push(null)
    return sink
  }

  #take(chunk: Buffer): void {
    this.#exchange.bytesIn += chunk.length
    if (this.#kept !== null) {
      this.#keptBytes += chunk.length
      if (this.#keptBytes > maxReplayBytes) this.#kept = null
      else this.#kept.push(chunk)
    }
    const sink = this.#sink
    if (sink === null || sink.destroyed) return
    if (!sink.push(chunk)) this.#request.pause()
  }
}
