// The HTTP status that an error inside a stream stands for: the answer's own said 200 before anything went wrong.

/** Error types and codes of OpenAI's and Anthropic's APIs, and what those who speak them have added. */
const statuses: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['BadRequestError', 400],
  ['context_length_exceeded', 400],
  ['authentication_error', 401],
  ['invalid_api_key', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['rate_limit_exceeded', 429],
  ['insufficient_quota', 429],
  ['requests', 429],
  ['tokens', 429],
  ['api_error', 500],
  ['server_error', 500],
  ['internal_error', 500],
  ['service_unavailable', 503],
  ['service_unavailable_error', 503],
  ['timeout_error', 504],
  ['overloaded_error', 529],
])

/** `number`: where a status may stand as one. What is unknown went wrong on the backend's side. */
export function readErrorStatus(number: unknown, code: string | null, type: string | null): number {
  const said = Number(number)
  if (Number.isInteger(said) && said >= 400 && said <= 599) return said
  return statuses.get(code ?? '') ?? statuses.get(type ?? '') ?? 500
}
