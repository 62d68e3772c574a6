// Moves one upstream answer to one client. Three kinds: unary (held until whole), event stream, raw bytes.
import type { GatewayError } from '../errors/gateway-error.ts'
import type { UpstreamHead } from './upstream-head.ts'

export interface Relay {
  /** Bytes have gone to the client: from here on nothing is retried. */
  readonly isCommitted: boolean
  /** The answer is whole as far as its protocol can tell, whatever the connection does from now on. */
  readonly isComplete: boolean
  /** Bytes that came in one read are best written at once: one socket write for a hundred small events. */
  readonly isCoalescing: boolean
  start(head: UpstreamHead): void
  /** False: the client's buffer is full, pause the backend until `drain`. */
  write(chunk: Buffer): boolean
  /** The backend ended cleanly. Returns what is wrong with that, null if it ended the answer. */
  end(): GatewayError | null
  /** All of the answer has come and is held back, and it says that the input is longer than the model's context window. */
  saysContextOverflow(): boolean
  /** Nothing was committed, and nothing will be: lets go of what is held. */
  discard(): void
  /** The answer can't be completed after it was committed: tells the client in its dialect and aborts the body. */
  fail(error: GatewayError): void
}
