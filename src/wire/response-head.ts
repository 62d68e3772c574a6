// Owns the check of an upstream's response head: what undici accepts but must not be believed (RFC 9112 section 6).
// A response that fails it is answered 502, and its connection must not be used again.
import { GatewayError } from '../errors/gateway-error.ts'

/**
 * Throws `upstream_invalid_response` for a final status outside 200–599, a Transfer-Encoding other than exactly
 * `chunked`, Transfer-Encoding with Content-Length, two Content-Lengths, and names or values that aren't HTTP.
 * `rawHeaders` is undici's flat list, as bytes (latin1) or strings.
 */
export function checkResponseHead(statusCode: number, rawHeaders: readonly (Buffer | string)[]): void {
  if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) throw refuse(`status ${statusCode}`)
  let contentLength: string | null = null
  let transferEncoding: string | null = null
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    const value = rawHeaders[at + 1]
    if (name === undefined || value === undefined) break
    checkName(name)
    checkValue(value)
    if (isName(name, 'content-length')) {
      // The same one twice is refused too: nothing that is right sends it.
      if (contentLength !== null) throw refuse('two Content-Lengths')
      contentLength = text(value)
      if (!/^[0-9]{1,15}$/.test(contentLength)) throw refuse('bad Content-Length')
    } else if (isName(name, 'transfer-encoding')) {
      if (transferEncoding !== null) throw refuse('two Transfer-Encodings')
      transferEncoding = text(value)
      if (transferEncoding.toLowerCase() !== 'chunked') throw refuse('bad Transfer-Encoding')
    }
  }
  if (transferEncoding !== null && contentLength !== null) throw refuse('Transfer-Encoding and Content-Length')
  if (statusCode === 204 && (transferEncoding !== null || (contentLength !== null && contentLength !== '0'))) {
    throw refuse('204 with a body')
  }
}

/** 1: a byte of a token (RFC 9110 section 5.6.2). */
const isTokenByte = new Uint8Array(256)
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  isTokenByte[char.charCodeAt(0)] = 1
}

function checkName(name: Buffer | string): void {
  if (name.length === 0) throw refuse('empty header name')
  for (let at = 0; at < name.length; at++) {
    if (isTokenByte[byteAt(name, at)] !== 1) throw refuse('bad header name')
  }
}

function checkValue(value: Buffer | string): void {
  for (let at = 0; at < value.length; at++) {
    const byte = byteAt(value, at)
    if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f || byte > 0xff) throw refuse('bad header value')
  }
}

function isName(name: Buffer | string, wanted: string): boolean {
  return name.length === wanted.length && text(name).toLowerCase() === wanted
}

function byteAt(part: Buffer | string, at: number): number {
  return typeof part === 'string' ? part.charCodeAt(at) : (part[at] ?? 0)
}

function text(part: Buffer | string): string {
  return typeof part === 'string' ? part : part.toString('latin1')
}

function refuse(detail: string): GatewayError {
  return new GatewayError('upstream_invalid_response', `upstream response: ${detail}`)
}
