// A backend's own error in the caller's envelope: its words and its status, in the shape the client's library reads.
import type { BackendError } from '../conversation/answer-event.ts'
import type { Dialect } from '../errors/dialect.ts'
import { readAnthropicErrorType } from '../errors/render-anthropic.ts'

/** https://platform.openai.com/docs/guides/error-codes */
function readOpenAiErrorType(status: number): string {
  if (status === 429) return 'rate_limit_error'
  return status < 500 ? 'invalid_request_error' : 'server_error'
}

export function renderBackendError(dialect: Dialect, error: BackendError, requestId: string): string {
  const { status, message, param, code } = error
  if (dialect === 'anthropic') {
    const type = readAnthropicErrorType(status)
    return JSON.stringify({ type: 'error', error: { type, message }, request_id: requestId })
  }
  const said = error.isContextOverflow ? 'context_length_exceeded' : code
  return JSON.stringify({ error: { message, type: readOpenAiErrorType(status), param, code: said } })
}
