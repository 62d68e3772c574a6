// Owns the ingress guard: one pass over a request's raw head, before anything else looks at it.
// What Node's parser lets through but another server could read differently is refused here (RFC 9112 section 11).

import type { ErrorCode } from '../errors/error-table.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { parseAuthority } from './authority.ts'
import { parseRequestTarget } from './request-target.ts'

/** What the guard reads of Node's `IncomingMessage`. `rawHeaders` is flat: name, value, name, value. */
export type RawRequest = Readonly<{
  method?: string | undefined
  url?: string | undefined
  httpVersion: string
  rawHeaders: readonly string[]
}>

export type RequestHeadLimits = Readonly<{ urlBytes: number; headerCount: number }>

export type ServedMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

export type RequestHead = Readonly<{
  method: ServedMethod
  /** The one form used for routing, authorisation and forwarding. */
  path: string
  /** Empty, or `?` and the query as sent. */
  query: string
  /** Lower case, no port, no trailing dot; IPv6 in brackets. */
  hostname: string
  /** `hostname[:port]`, port 80 left out. */
  authority: string
  /** Lower case, in wire order; names with an underscore are left out. `values` runs alongside. */
  names: readonly string[]
  values: readonly string[]
  contentType: string | null
  contentLength: number | null
  isChunked: boolean
  hasBody: boolean
  /** The client waits for `100 Continue` before it sends its body. */
  expectsContinue: boolean
  /** The connection must be closed after the answer: HTTP/1.0, or an upgrade that was not followed. */
  mustClose: boolean
  authorization: string | null
  xApiKey: string | null
  apiKey: string | null
  /** The client's `x-request-id`, if it is one that is safe to repeat. */
  requestId: string | null
}>

export const defaultRequestHeadLimits: RequestHeadLimits = { urlBytes: 16_384, headerCount: 100 }

const requestIdPattern = /^[A-Za-z0-9._:-]{1,128}$/
const tokenPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Reads and checks a request head. Throws a closing `GatewayError`: 400 `invalid_request`, 405, 414, 417, 431, 501 or 505.
 * CONNECT never gets here (Node's `connect` event), nor what Node's own parser refuses (`clientError`).
 */
export function readRequestHead(message: RawRequest, limits = defaultRequestHeadLimits): RequestHead {
  const { httpVersion, rawHeaders } = message
  const isHttp10 = httpVersion === '1.0'
  if (!isHttp10 && httpVersion !== '1.1') throw refuse('version_not_supported', `HTTP/${httpVersion}`)
  const method = checkMethod(message.method ?? '')
  const url = message.url ?? ''
  if (url.length > limits.urlBytes) throw refuse('uri_too_long', `${url.length} bytes`)
  if (rawHeaders.length > limits.headerCount * 2) throw refuse('headers_too_large', `${rawHeaders.length / 2} headers`)

  const names: string[] = []
  const values: string[] = []
  let host: string | null = null
  let contentType: string | null = null
  let contentLength: string | null = null
  let transferEncoding: string | null = null
  let expect: string | null = null
  let authorization: string | null = null
  let xApiKey: string | null = null
  let apiKey: string | null = null
  let requestId: string | null = null
  let hasUpgrade = false

  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    const value = rawHeaders[at + 1] ?? ''
    // `Content_Length` is `CONTENT_LENGTH` to a CGI-style upstream, and so is `Content-Length`: it never gets further.
    if (name.includes('_')) continue
    names.push(name)
    values.push(value)
    switch (name) {
      case 'host':
        host = single(host, value, name)
        break
      case 'content-type':
        contentType = single(contentType, value, name)
        break
      case 'content-length':
        contentLength = single(contentLength, value, name)
        break
      case 'transfer-encoding':
        transferEncoding = single(transferEncoding, value, name)
        break
      case 'authorization':
        authorization = single(authorization, value, name)
        break
      case 'x-api-key':
        xApiKey = single(xApiKey, value, name)
        break
      case 'api-key':
        apiKey = single(apiKey, value, name)
        break
      case 'expect':
        if (expect !== null) throw refuse('expectation_failed', 'two Expect headers')
        expect = value
        break
      case 'upgrade':
        hasUpgrade = true
        break
      case 'x-request-id':
        // Two of them: neither is the client's id, and none is better than the wrong one.
        requestId = requestId === null && requestIdPattern.test(value) ? value : ''
        break
    }
  }

  if (host === null) throw refuse('invalid_request', 'no Host header')
  const { hostname, authority } = parseAuthority(host, 80)
  const target = parseRequestTarget(url)
  // RFC 9112 section 3.2.2 lets an absolute target win over Host; routing by a host the client did not name in both
  // is how requests get past a check of one of them.
  if (target.authority !== null && target.authority !== authority) {
    throw refuse('invalid_request', 'absolute target for another host')
  }
  const length = contentLength === null ? null : parseContentLength(contentLength)
  if (transferEncoding !== null) checkTransferEncoding(transferEncoding, isHttp10, length !== null)
  const isChunked = transferEncoding !== null
  const hasBody = isChunked || (length !== null && length > 0)
  if (expect !== null && !isHttp10 && expect.toLowerCase() !== '100-continue') {
    throw refuse('expectation_failed', 'unknown Expect')
  }
  return {
    method,
    path: target.path,
    query: target.query,
    hostname,
    authority,
    names,
    values,
    contentType,
    contentLength: length,
    isChunked,
    hasBody,
    // A 1.0 client knows no 100 (RFC 9110 section 10.1.1).
    expectsContinue: expect !== null && hasBody && !isHttp10,
    mustClose: isHttp10 || hasUpgrade,
    authorization,
    xApiKey,
    apiKey,
    requestId: requestId === '' ? null : requestId,
  }
}

/** What `checkMethod` lets through, as an `allow` header says it. */
export const servedMethods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'

function checkMethod(method: string): ServedMethod {
  switch (method) {
    case 'POST':
    case 'GET':
    case 'HEAD':
    case 'PUT':
    case 'PATCH':
    case 'DELETE':
    case 'OPTIONS':
      return method
    case 'TRACE':
    case 'CONNECT':
      throw refuse('method_not_allowed', method)
    default:
      throw refuse('method_not_implemented', 'unknown method')
  }
}

function single(seen: string | null, value: string, name: string): string {
  if (seen !== null) throw refuse('invalid_request', `two ${name} headers`)
  return value
}

function parseContentLength(text: string): number {
  // 15 digits stay exact in a double, and no body is that long.
  if (!/^[0-9]{1,15}$/.test(text)) throw refuse('invalid_request', 'bad Content-Length')
  return Number(text)
}

/** Exactly `chunked`, in HTTP/1.1, without Content-Length; else 501 for a coding we don't know, 400 for the rest. */
function checkTransferEncoding(value: string, isHttp10: boolean, hasContentLength: boolean): void {
  if (isHttp10) throw refuse('invalid_request', 'Transfer-Encoding in HTTP/1.0')
  if (hasContentLength) throw refuse('invalid_request', 'Transfer-Encoding and Content-Length')
  if (value === 'chunked' || value.toLowerCase() === 'chunked') return
  const codings = value.toLowerCase().split(',')
  for (let at = 0; at < codings.length; at++) {
    const coding = (codings[at] ?? '').replace(/^[ \t]+|[ \t]+$/g, '')
    const isLast = at === codings.length - 1
    if (!tokenPattern.test(coding) || (coding === 'chunked' && !isLast)) {
      throw refuse('invalid_request', 'bad Transfer-Encoding')
    }
  }
  throw refuse('method_not_implemented', 'unknown transfer coding')
}

function refuse(code: ErrorCode, detail: string): GatewayError {
  return new GatewayError(code, detail, { closeConnection: true })
}
