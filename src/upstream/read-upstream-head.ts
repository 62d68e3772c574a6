// Checks and filters the head of a backend's answer: undici lets some through that a client could misread (G6).
import type { IncomingHttpHeaders } from 'node:http'
import { checkResponseHead } from '../wire/response-head.ts'
import { filterResponseHeaders } from '../wire/response-headers.ts'
import type { UpstreamHead } from './upstream-head.ts'

/** Throws GatewayError `upstream_invalid_response`. `rawHeaders` as undici's controller has them. */
export function readUpstreamHead(status: number, rawHeaders: unknown, headers: IncomingHttpHeaders): UpstreamHead {
  const raw = decodeHeaders(rawHeaders)
  checkResponseHead(status, raw)
  const contentLength = headers['content-length']
  return {
    status,
    headers: withoutLengthOfNothing(status, filterResponseHeaders(raw)),
    mediaType: readMediaType(headers['content-type']),
    isEncoded: isEncoded(headers['content-encoding']),
    contentLength: contentLength === undefined ? null : Number(contentLength),
    isCloseDelimited: contentLength === undefined && headers['transfer-encoding'] === undefined,
  }
}

/** Each part is made text once: it is checked, filtered and sent on as that. */
function decodeHeaders(rawHeaders: unknown): readonly string[] {
  if (!Array.isArray(rawHeaders)) return []
  return rawHeaders.map((part: unknown) => (Buffer.isBuffer(part) ? part.toString('latin1') : String(part)))
}

/** A 204 has no body, and so no length, not even 0 (RFC 9110 section 8.6). */
function withoutLengthOfNothing(status: number, headers: string[]): string[] {
  if (status !== 204) return headers
  return headers.filter((_part, at) => headers[at - (at % 2)] !== 'content-length')
}

const mediaTypePattern = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/

/**
 * Empty for what is none: the log quotes media types, and a backend could write anything there, its credential too.
 * Of a header that came twice undici makes a list, which its types don't say: two content types are none.
 */
function readMediaType(contentType: unknown): string {
  if (typeof contentType !== 'string') return ''
  const semicolon = contentType.indexOf(';')
  const mediaType = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase()
  return mediaTypePattern.test(mediaType) ? mediaType : ''
}

function isEncoded(contentEncoding: unknown): boolean {
  if (contentEncoding === undefined || contentEncoding === '') return false
  return typeof contentEncoding !== 'string' || contentEncoding.toLowerCase() !== 'identity'
}
