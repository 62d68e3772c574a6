// Checks and filters the head of a backend's answer: undici lets some through that a client could misread (G6).
import type { IncomingHttpHeaders } from 'node:http'
import { checkResponseHead } from '../wire/response-head.ts'
import { filterResponseHeaders } from '../wire/response-headers.ts'
import type { UpstreamHead } from './upstream-head.ts'

/** Throws GatewayError `upstream_invalid_response`. `rawHeaders` as undici's controller has them. */
export function readUpstreamHead(status: number, rawHeaders: unknown, headers: IncomingHttpHeaders): UpstreamHead {
  const raw: (Buffer | string)[] = Array.isArray(rawHeaders) ? rawHeaders : []
  checkResponseHead(status, raw)
  const contentType = headers['content-type'] ?? ''
  const semicolon = contentType.indexOf(';')
  const contentLength = headers['content-length']
  return {
    status,
    headers: filterResponseHeaders(raw),
    mediaType: (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase(),
    contentLength: contentLength === undefined ? null : Number(contentLength),
    isCloseDelimited: contentLength === undefined && headers['transfer-encoding'] === undefined,
  }
}
