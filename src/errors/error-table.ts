// The one table of answers: every public error code with its status, owner and public text.
// A code is contract (docs/errors.md); nothing else in the code base may spell a status for an error.

/** Whose fault it is: what alerts are routed by. */
export type ErrorOwner = 'client' | 'config' | 'capacity' | 'upstream' | 'platform'

export type ErrorEntry = Readonly<{
  status: number
  owner: ErrorOwner
  /** OpenAI's `error.type`, see https://platform.openai.com/docs/guides/error-codes */
  openaiType: string
  /** What the client reads when the thrower gives no text of its own. Never holds internals. */
  publicText: string
}>

const invalid = 'invalid_request_error'

export const errorTable = {
  invalid_json: { status: 400, owner: 'client', openaiType: invalid, publicText: 'The body is not valid JSON.' },
  missing_model: { status: 400, owner: 'client', openaiType: invalid, publicText: 'You must provide a model.' },
  invalid_request: { status: 400, owner: 'client', openaiType: invalid, publicText: 'The request is not valid.' },
  unsupported_parameter: {
    status: 400,
    owner: 'client',
    openaiType: invalid,
    publicText: 'A parameter is not supported by this model.',
  },
  missing_api_key: { status: 401, owner: 'client', openaiType: invalid, publicText: 'An API key is required.' },
  invalid_api_key: { status: 401, owner: 'client', openaiType: invalid, publicText: 'The API key is not valid.' },
  model_not_allowed: {
    status: 403,
    owner: 'client',
    openaiType: invalid,
    publicText: 'Your key may not use this model.',
  },
  model_not_found: { status: 404, owner: 'client', openaiType: invalid, publicText: 'The model does not exist.' },
  route_not_found: { status: 404, owner: 'client', openaiType: invalid, publicText: 'There is nothing at this path.' },
  method_not_allowed: {
    status: 405,
    owner: 'client',
    openaiType: invalid,
    publicText: 'The method is not allowed here.',
  },
  request_timeout: { status: 408, owner: 'client', openaiType: invalid, publicText: 'The request came too slowly.' },
  length_required: { status: 411, owner: 'client', openaiType: invalid, publicText: 'A Content-Length is required.' },
  body_too_large: { status: 413, owner: 'client', openaiType: invalid, publicText: 'The body is too large.' },
  uri_too_long: { status: 414, owner: 'client', openaiType: invalid, publicText: 'The request target is too long.' },
  unsupported_media_type: {
    status: 415,
    owner: 'client',
    openaiType: invalid,
    publicText: 'The content type or encoding of the body is not supported.',
  },
  expectation_failed: {
    status: 417,
    owner: 'client',
    openaiType: invalid,
    publicText: 'The Expect header asks for something that is not supported.',
  },
  rate_limit_exceeded: {
    status: 429,
    owner: 'client',
    openaiType: 'requests',
    publicText: 'Rate limit reached. Try again after the time in the retry-after header.',
  },
  token_limit_exceeded: {
    status: 429,
    owner: 'client',
    openaiType: 'tokens',
    publicText: 'Token limit reached. Try again after the time in the retry-after header.',
  },
  concurrency_limit_exceeded: {
    status: 429,
    owner: 'client',
    openaiType: 'requests',
    publicText: 'Too many requests at once.',
  },
  budget_exceeded: {
    status: 429,
    owner: 'client',
    openaiType: 'insufficient_quota',
    publicText: 'The budget is used up.',
  },
  headers_too_large: { status: 431, owner: 'client', openaiType: invalid, publicText: 'The headers are too large.' },
  /** Log and metrics only: nobody is left to read it. */
  client_closed: { status: 499, owner: 'client', openaiType: invalid, publicText: 'The client closed the request.' },
  internal_error: {
    status: 500,
    owner: 'platform',
    openaiType: 'server_error',
    publicText: 'The gateway failed to process the request.',
  },
  route_misconfigured: {
    status: 500,
    owner: 'config',
    openaiType: 'server_error',
    publicText: 'This route is misconfigured. Its status says why.',
  },
  method_not_implemented: {
    status: 501,
    owner: 'client',
    openaiType: invalid,
    publicText: 'The method or transfer coding is not implemented.',
  },
  upstream_error: {
    status: 502,
    owner: 'upstream',
    openaiType: 'server_error',
    publicText: 'The model server could not be reached or failed.',
  },
  upstream_invalid_response: {
    status: 502,
    owner: 'upstream',
    openaiType: 'server_error',
    publicText: 'The model server sent an invalid response.',
  },
  upstream_incomplete: {
    status: 502,
    owner: 'upstream',
    openaiType: 'server_error',
    publicText: 'The model server ended its response too early.',
  },
  no_target_available: {
    status: 503,
    owner: 'capacity',
    openaiType: 'server_error',
    publicText: 'No model server is available at the moment.',
  },
  overloaded: {
    status: 503,
    owner: 'capacity',
    openaiType: 'server_error',
    publicText: 'The gateway is overloaded at the moment.',
  },
  draining: {
    status: 503,
    owner: 'platform',
    openaiType: 'server_error',
    publicText: 'This replica is shutting down. Try again.',
  },
  token_keys_unavailable: {
    status: 503,
    owner: 'upstream',
    openaiType: 'server_error',
    publicText: 'Tokens of this issuer cannot be checked at the moment.',
  },
  limit_store_unavailable: {
    status: 503,
    owner: 'platform',
    openaiType: 'server_error',
    publicText: 'Limits cannot be checked at the moment.',
  },
  upstream_timeout: {
    status: 504,
    owner: 'upstream',
    openaiType: 'server_error',
    publicText: 'The model server did not answer in time.',
  },
  version_not_supported: {
    status: 505,
    owner: 'client',
    openaiType: invalid,
    publicText: 'The HTTP version is not supported.',
  },
  loop_detected: {
    status: 508,
    owner: 'config',
    openaiType: 'server_error',
    publicText: 'The request went through the gateway too many times.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorTable
