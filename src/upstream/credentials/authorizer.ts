// What gives a request the credential of its target, where that is more than a header that never changes: a signature,
// or a token that expires. One per credential; it outlives tables.
import type { UpstreamRequest } from '../upstream-request.ts'

export interface Authorizer {
  /**
   * The request with what proves who is asking. A promise only where something has to be fetched or computed first.
   * Throws or rejects with GatewayError `upstream_error` where no credential is to be had; its text names no secret.
   */
  authorize(request: UpstreamRequest): UpstreamRequest | Promise<UpstreamRequest>
  /**
   * The backend refused (401) what `authorize` gave `refused`, though it should be good: a token that was revoked. Resolves
   * when there is another to try with, once; false: there is none. Left out: what was given doesn't change.
   */
  renew?(refused: UpstreamRequest): Promise<boolean>
  /** No table names it any more: timers and fetches end. */
  close(): void
}
