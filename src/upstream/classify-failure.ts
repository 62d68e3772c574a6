// What a broken attempt means: which public error, which metric, and which of a route's retry conditions it meets.
import { errors } from 'undici'
import { CredentialRefused } from '../errors/credential-refused.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { AttemptOutcome } from '../telemetry/exchange-series.ts'
import { BackendRefusal } from './backend-refusal.ts'

export type AttemptFacts = Readonly<{
  /** The request was written, at least in part. */
  wasStarted: boolean
  /** The head of an answer was accepted. */
  hasHead: boolean
  /** The backend sent any byte since the request began. */
  hasReadBytes: boolean
  /** The connection had carried an exchange before, and the request was only just written. */
  mayHaveRaced: boolean
  /** How long the connection was idle before. Milliseconds. */
  idleMs: number
}>

export type Failure = Readonly<{
  error: GatewayError
  /** Those of a route's `retry.conditions` that it meets; empty: sending the request again is never right. */
  conditions: readonly string[]
  outcome: AttemptOutcome
  /** A kept-alive connection died under the request and nothing was read: sent again on a new connection. */
  isKeepAliveRace: boolean
  /** It was hardly idle: a backend that dies at work looks the same, and is not to be asked twice for every request. */
  isDoubtfulRace: boolean
  /** The backend has not seen the request. */
  isUnsent: boolean
  /** The input is too long for this model: a larger one may take it. */
  isContextOverflow: boolean
  /** How long the backend wants to be left alone, milliseconds; null: it doesn't say. */
  retryAfterMs: number | null
}>

/** No server closes a connection for having been idle for less. Milliseconds. */
const shortestKeepAliveMs = 100

const never: readonly string[] = Object.freeze([])
const connectFailure: readonly string[] = Object.freeze(['connect-failure'])
const connectTimeout: readonly string[] = Object.freeze(['connect-failure', 'timeout'])
const reset: readonly string[] = Object.freeze(['reset-before-first-byte'])
const timeout: readonly string[] = Object.freeze(['timeout'])
/** Nothing of it has gone to the client: a bad answer is what a 502 is to whoever stands behind us. */
const badAnswer: readonly string[] = Object.freeze(['5xx', '502'])
/** The backend did nothing, as with a credential that is not to be had; to the client it is a 502. */
const refusedCredential: readonly string[] = Object.freeze(['connect-failure', '5xx', '502'])
const cutAnswer: readonly string[] = Object.freeze(['reset-before-first-byte', '5xx', '502'])

function createFailure(
  error: GatewayError,
  conditions: readonly string[],
  outcome: AttemptOutcome,
  more: Partial<Failure> = {},
): Failure {
  return {
    error,
    conditions,
    outcome,
    isKeepAliveRace: false,
    isDoubtfulRace: false,
    isUnsent: false,
    isContextOverflow: false,
    retryAfterMs: null,
    ...more,
  }
}

export function classifyFailure(cause: Error, facts: AttemptFacts): Failure {
  if (cause instanceof GatewayError) return classifyOurs(cause)
  if (!facts.wasStarted) {
    const isTimeout = cause instanceof errors.ConnectTimeoutError
    const error = isTimeout
      ? new GatewayError('upstream_timeout', 'connect timeout', { cause })
      : new GatewayError('upstream_error', `connect: ${readReason(cause)}`, { cause })
    return classifyUnsent(error, isTimeout)
  }
  if (facts.hasHead) {
    const error = new GatewayError('upstream_incomplete', `answer cut: ${readReason(cause)}`, { cause })
    return createFailure(error, cutAnswer, 'reset')
  }
  if (facts.hasReadBytes) {
    const error = new GatewayError('upstream_invalid_response', `bad head: ${readReason(cause)}`, { cause })
    return createFailure(error, badAnswer, 'invalid_response')
  }
  const error = new GatewayError('upstream_error', `reset before the first byte: ${readReason(cause)}`, { cause })
  // A kept-alive connection that was closed as we wrote: the backend never saw the request (RFC 9112 section 9.3.1).
  const isDoubtfulRace = facts.mayHaveRaced && facts.idleMs < shortestKeepAliveMs
  return createFailure(error, reset, 'reset', { isKeepAliveRace: facts.mayHaveRaced, isDoubtfulRace })
}

/** Nothing was sent: always safe on another target (Gateway API, httproute-retry-connection-error). */
export function classifyUnsent(error: GatewayError, isTimeout = false): Failure {
  return createFailure(error, isTimeout ? connectTimeout : connectFailure, 'connect_failure', { isUnsent: true })
}

/** An answer of 400 and more, of which only the head has come. */
export function classifyStatus(status: number, retryAfterMs: number | null): Failure {
  const error = new GatewayError('upstream_error', `status ${status}`)
  return createFailure(error, listConditions(status), 'error_status', { retryAfterMs })
}

/** An answer that says that the input is too long. */
export function classifyOverflow(status: number): Failure {
  const error = new GatewayError('upstream_error', `the input is too long: ${status}`)
  return createFailure(error, listConditions(status), 'error_status', { isContextOverflow: true })
}

function listConditions(status: number): readonly string[] {
  return status >= 500 ? [String(status), '5xx'] : [String(status)]
}

function classifyOurs(error: GatewayError): Failure {
  if (error instanceof BackendRefusal) {
    const { status, isContextOverflow } = error.refusal
    return createFailure(error, listConditions(status), 'error_status', { isContextOverflow })
  }
  if (error instanceof CredentialRefused) return createFailure(error, refusedCredential, 'error_status')
  switch (error.code) {
    case 'upstream_timeout':
      return createFailure(error, timeout, 'timeout')
    case 'client_closed':
    case 'draining':
      return createFailure(error, never, 'cancelled')
    case 'upstream_incomplete':
      return createFailure(error, cutAnswer, 'reset')
    case 'upstream_invalid_response':
      return createFailure(error, badAnswer, 'invalid_response')
    case 'upstream_error':
      return createFailure(error, never, 'error_status')
    default:
      return createFailure(error, never, 'invalid_response')
  }
}

/** A code where there is one: messages of system errors hold addresses, codes don't. */
function readReason(cause: Error): string {
  const code: unknown = 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : cause.name
}
