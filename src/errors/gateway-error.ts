// The one error type of the request path: a code of the table, a public text, and internal detail for the log.
import { type ErrorCode, type ErrorEntry, errorTable } from './error-table.ts'

export type GatewayErrorOptions = Readonly<{
  /** Replaces the table's text for the client. Must hold no secret, address or internal name. */
  publicText?: string
  /** OpenAI's `error.param`: the request field at fault. */
  param?: string
  /** Whole seconds for `retry-after`. */
  retryAfterSeconds?: number
  /** For the log only. */
  cause?: unknown
  /** Close the connection after the answer: what follows on it can't be trusted (RFC 9112 section 9.6). */
  closeConnection?: boolean
}>

/** An exchange that ends with an error of the table. `message` is internal: for the log, never for the client. */
export class GatewayError extends Error {
  readonly code: ErrorCode
  readonly publicText: string
  readonly param: string | null
  readonly retryAfterSeconds: number | null
  readonly closeConnection: boolean

  constructor(code: ErrorCode, detail?: string, options: GatewayErrorOptions = {}) {
    // An expected answer needs no stack, and taking one costs more than the rest of a refusal.
    const { stackTraceLimit } = Error
    if (code !== 'internal_error') Error.stackTraceLimit = 0
    super(detail ?? errorTable[code].publicText, options.cause === undefined ? undefined : { cause: options.cause })
    Error.stackTraceLimit = stackTraceLimit
    this.name = 'GatewayError'
    this.code = code
    this.publicText = options.publicText ?? errorTable[code].publicText
    this.param = options.param ?? null
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
    this.closeConnection = options.closeConnection ?? false
  }

  /** The same error, with whole seconds for `retry-after`. */
  withRetryAfter(retryAfterSeconds: number): GatewayError {
    const { code, message, publicText, param, cause, closeConnection } = this
    const options = { publicText, retryAfterSeconds, cause, closeConnection }
    return new GatewayError(code, message, param === null ? options : { ...options, param })
  }

  get entry(): ErrorEntry {
    return errorTable[this.code]
  }
}
