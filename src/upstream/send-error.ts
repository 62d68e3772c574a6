// Answers an exchange with an error of the table, in the caller's dialect, if anything can still be said.
import { renderBackendError } from '../dialects/render-backend-error.ts'
import { renderError } from '../errors/dialect.ts'
import type { GatewayError } from '../errors/gateway-error.ts'
import { BackendRefusal } from './backend-refusal.ts'
import type { Exchange } from './exchange.ts'
import { hideCredential } from './hide-credential.ts'
import { sendJson } from './send-json.ts'

/** A body this small that nobody read is drained by Node for the next request; a longer one ends the connection. */
const maxDrainedBytes = 64 * 1024

/** `allow`: the methods for a 405. Destroys the connection when an answer has already begun. */
export function sendError(exchange: Exchange, error: GatewayError, allow: string | null = null): void {
  exchange.error ??= error
  const { response } = exchange
  if (response.destroyed || exchange.isClosed) return
  if (response.headersSent) {
    // Whole, and perhaps still on its way: a drain and the attempt it ends may both say so.
    if (!response.writableEnded) response.destroy()
    return
  }
  exchange.mustClose ||= error.closeConnection || !canDrainRequest(exchange)
  const headers: string[] = []
  if (error.entry.status === 401) headers.push('www-authenticate', 'Bearer')
  if (allow !== null) headers.push('allow', allow)
  if (error.retryAfterSeconds !== null) headers.push('retry-after', String(error.retryAfterSeconds))
  if (error instanceof BackendRefusal) {
    const text = renderBackendError(exchange.dialect, error.refusal, exchange.id)
    sendJson(exchange, error.refusal.status, hideCredential(text, exchange.member), headers)
    return
  }
  sendJson(exchange, error.entry.status, renderError(exchange.dialect, error, exchange.id), headers)
}

function canDrainRequest(exchange: Exchange): boolean {
  const { head, request } = exchange
  if (request.complete) return true
  if (head === null || head.expectsContinue) return false
  return !head.hasBody || (head.contentLength !== null && head.contentLength <= maxDrainedBytes)
}
