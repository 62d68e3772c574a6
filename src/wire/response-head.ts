// Owns the check of an upstream's response head: what undici accepts but must not be believed (RFC 9112 section 6).
// A response that fails it is answered 502, and its connection must not be used again.
import { GatewayError } from '../errors/gateway-error.ts'

/**
 * Throws `upstream_invalid_response` for a final status outside 200–599, a Transfer-Encoding other than exactly
 * `chunked`, Transfer-Encoding with Content-Length, two Content-Lengths, and names or values that aren't HTTP.
 * `rawHeaders` is a flat list of names and values.
 */
export function checkResponseHead(statusCode: number, rawHeaders: readonly string[]): void {
  if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) throw refuse(`status ${statusCode}`)
  let contentLength: string | null = null
  let transferEncoding: string | null = null
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    const value = rawHeaders[at + 1]
    if (name === undefined || value === undefined) break
    if (!namePattern.test(name)) throw refuse('bad header name')
    if (badValuePattern.test(value)) throw refuse('bad header value')
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      // The same one twice is refused too: nothing that is right sends it.
      if (contentLength !== null) throw refuse('two Content-Lengths')
      contentLength = value
      if (!/^[0-9]{1,15}$/.test(contentLength)) throw refuse('bad Content-Length')
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      if (transferEncoding !== null) throw refuse('two Transfer-Encodings')
      transferEncoding = value
      if (transferEncoding.toLowerCase() !== 'chunked') throw refuse('bad Transfer-Encoding')
    }
  }
  if (transferEncoding !== null && contentLength !== null) throw refuse('Transfer-Encoding and Content-Length')
  if (statusCode === 204 && (transferEncoding !== null || (contentLength !== null && contentLength !== '0'))) {
    throw refuse('204 with a body')
  }
}

/** A token (RFC 9110 section 5.6.2). */
const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const badValuePattern = /[^\t\x20-\x7e\x80-\xff]/

function refuse(detail: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `upstream response: ${detail}`)
}
