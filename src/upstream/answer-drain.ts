// The rest of an answer that nobody wants, because another target is asked instead: read for a moment, so that its
// connection can be used again, or cut.
import type { Dispatcher } from 'undici'

/** Error bodies are a few hundred bytes: what is longer, or slower, costs more than a new connection. */
const maxBytes = 64 * 1024
const maxMs = 1_000

export class AnswerDrain {
  readonly #controller: Dispatcher.DispatchController
  readonly #timer: NodeJS.Timeout
  #bytes = 0

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller
    this.#timer = setTimeout(() => this.#cut(), maxMs)
  }

  /** Cuts at once what will be too long; the controller then reports its end before this returns. Null: not known. */
  expect(contentLength: number | null): void {
    if (contentLength !== null && contentLength > maxBytes) this.#cut()
  }

  take(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > maxBytes) this.#cut()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #cut(): void {
    this.stop()
    this.#controller.abort(new Error('not wanted'))
  }
}
