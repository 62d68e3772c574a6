// A request the simulated server refuses, and the two envelopes a refusal is written in.

export type ErrorDialect = 'openai' | 'anthropic'

/** `param` and `code` are OpenAI's; the Anthropic envelope has no place for them. */
export class RequestError extends Error {
  readonly status: number
  readonly code: string | null
  readonly param: string | null

  constructor(status: number, code: string | null, message: string, param: string | null = null) {
    super(message)
    this.name = 'RequestError'
    this.status = status
    this.code = code
    this.param = param
  }
}

const anthropicTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}

/** The JSON body of a refusal. */
export function renderRequestError(error: RequestError, dialect: ErrorDialect, requestId: string): string {
  if (dialect === 'anthropic') {
    const type = anthropicTypes[error.status] ?? (error.status < 500 ? 'invalid_request_error' : 'api_error')
    return JSON.stringify({ type: 'error', error: { type, message: error.message }, request_id: requestId })
  }
  const type = error.status === 429 ? 'requests' : error.status < 500 ? 'invalid_request_error' : 'server_error'
  return JSON.stringify({ error: { message: error.message, type, param: error.param, code: error.code } })
}
