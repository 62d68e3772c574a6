// An answer of the API server that is not the one asked for, read from its Status object. Texts are one line, bounded, and hold no token.
import { isRecord } from '../../is-record.ts'

const longestTextChars = 300
// Nothing that long without a blank or a slash is meant for people: a token, a certificate.
const tokenShape = /[A-Za-z0-9_\-.+=]{48,}/g

/** One line that is safe to log and to list: no line ends, no token-like runs, at most 300 characters. */
export function renderOneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().replace(tokenShape, '[redacted]')
  return line.length > longestTextChars ? `${line.slice(0, longestTextChars)}…` : line
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export class ApiError extends Error {
  readonly status: number
  /** The Status object's `reason`, or empty. */
  readonly reason: string
  readonly retryAfterMs: number | null
  readonly #causes: readonly string[]

  constructor(status: number, body: unknown, retryAfterMs: number | null = null) {
    const record = isRecord(body) ? body : {}
    const details = isRecord(record.details) ? record.details : {}
    const text = typeof record.message === 'string' ? record.message : ''
    super(renderOneLine(text === '' ? `HTTP ${status}` : `HTTP ${status}: ${text}`))
    this.name = 'ApiError'
    this.status = status
    this.reason = typeof record.reason === 'string' ? record.reason : ''
    const seconds = details.retryAfterSeconds
    this.retryAfterMs = retryAfterMs ?? (typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : null)
    const causes = Array.isArray(details.causes) ? details.causes : []
    this.#causes = causes.flatMap((cause) => (isRecord(cause) ? [String(cause.reason), String(cause.message)] : []))
  }

  /** The resourceVersion asked for is no longer known: only a new list helps. */
  get isExpired(): boolean {
    return this.status === 410 || this.reason === 'Expired' || this.reason === 'Gone'
  }

  /** The resourceVersion asked for is not known yet (another server of the cluster) or never will be (etcd was restored). */
  get isTooLargeResourceVersion(): boolean {
    if (this.#causes.includes('ResourceVersionTooLarge')) return true
    return (this.reason === 'Timeout' || this.status === 504) && /too large resource version/i.test(this.message)
  }
}

/** The error of a watch's ERROR event, whose object is a Status. */
export function parseStatusEvent(object: unknown): ApiError {
  const code = isRecord(object) && typeof object.code === 'number' ? object.code : 500
  return new ApiError(code, object)
}
