// Anthropic's error envelope: `{"type":"error","error":{"type","message"},"request_id"}`.
// https://docs.claude.com/en/api/errors
import type { GatewayError } from './gateway-error.ts'

const typesByStatus: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** Anthropic's `error.type` for an HTTP status. */
export function readAnthropicErrorType(status: number): string {
  return typesByStatus[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error')
}

/** `code` and `param` are Sluice's own words, beside what Anthropic has: the same that OpenAI's envelope carries. */
export function renderAnthropicError(error: GatewayError, requestId: string): string {
  const { code, param } = error
  const type = readAnthropicErrorType(error.entry.status)
  return JSON.stringify({
    type: 'error',
    error: { type, message: error.publicText, code, ...(param !== null && { param }) },
    request_id: requestId,
  })
}

export function renderAnthropicErrorEvent(error: GatewayError, requestId: string): string {
  return `event: error\ndata: ${renderAnthropicError(error, requestId)}\n\n`
}
