// What a broken attempt means: which public error, which metric, and whether sending the request again is safe.
import { errors } from 'undici'
import { GatewayError } from '../errors/gateway-error.ts'
import type { AttemptOutcome } from '../telemetry/exchange-series.ts'

/**
 * Why sending the request again may be right, in the words of a route's `retry.conditions`. `keep-alive-race`: a
 * kept-alive connection died under the request, nothing was read; always safe on a new connection.
 */
export type RetryReason = 'connect-failure' | 'reset-before-first-byte' | 'keep-alive-race' | 'never'

export type AttemptFacts = Readonly<{
  /** The request was written, at least in part. */
  wasStarted: boolean
  /** The head of an answer was accepted. */
  hasHead: boolean
  /** The backend sent any byte since the request began. */
  hasReadBytes: boolean
  /** The connection had carried an exchange before. */
  isReusedConnection: boolean
}>

export type Failure = Readonly<{ error: GatewayError; retry: RetryReason; outcome: AttemptOutcome }>

export function classifyFailure(cause: Error, facts: AttemptFacts): Failure {
  if (cause instanceof GatewayError) return classifyOurs(cause)
  if (!facts.wasStarted) {
    const isTimeout = cause instanceof errors.ConnectTimeoutError
    const error = isTimeout
      ? new GatewayError('upstream_timeout', 'connect timeout', { cause })
      : new GatewayError('upstream_error', `connect: ${readReason(cause)}`, { cause })
    // Nothing was sent: always safe on another target (Gateway API, httproute-retry-connection-error).
    return { error, retry: 'connect-failure', outcome: 'connect_failure' }
  }
  if (facts.hasHead) {
    const error = new GatewayError('upstream_incomplete', `answer cut: ${readReason(cause)}`, { cause })
    return { error, retry: 'never', outcome: 'reset' }
  }
  if (facts.hasReadBytes) {
    const error = new GatewayError('upstream_invalid_response', `bad head: ${readReason(cause)}`, { cause })
    return { error, retry: 'never', outcome: 'invalid_response' }
  }
  const error = new GatewayError('upstream_error', `reset before the first byte: ${readReason(cause)}`, { cause })
  // A kept-alive connection that was closed as we wrote: the backend never saw the request (RFC 9112 section 9.3.1).
  return { error, retry: facts.isReusedConnection ? 'keep-alive-race' : 'reset-before-first-byte', outcome: 'reset' }
}

function classifyOurs(error: GatewayError): Failure {
  switch (error.code) {
    case 'upstream_timeout':
      return { error, retry: 'never', outcome: 'timeout' }
    case 'client_closed':
    case 'draining':
      return { error, retry: 'never', outcome: 'cancelled' }
    case 'upstream_incomplete':
      return { error, retry: 'never', outcome: 'reset' }
    case 'upstream_error':
      return { error, retry: 'never', outcome: 'error_status' }
    default:
      return { error, retry: 'never', outcome: 'invalid_response' }
  }
}

/** A code where there is one: messages of system errors hold addresses, codes don't. */
function readReason(cause: Error): string {
  const code: unknown = 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : cause.name
}
