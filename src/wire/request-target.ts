// Owns the one form of a request target: what routing, authorisation and forwarding all read.
// Whatever two servers could read differently is refused, never mended (RFC 3986 section 6.2.2, RFC 9112 section 3.2).
import { GatewayError } from '../errors/gateway-error.ts'
import { parseAuthority } from './authority.ts'

export type RequestTarget = Readonly<{
  /** Starts with `/`. Unreserved percent-encodings decoded once, other hex upper case; no empty or dot segments. */
  path: string
  /** Empty, or `?` and the query as sent. */
  query: string
  /** `hostname[:port]` of an absolute-form target, normalised; null for origin-form. */
  authority: string | null
}>

const PLAIN = 1
const SLOW = 2
const SLASH = 0x2f

/** Path bytes: PLAIN stands for itself anywhere, SLOW needs a look at the whole path, 0 is never allowed raw. */
const pathClass = new Uint8Array(128)
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~!$&'()*+,=:@./") {
  pathClass[char.charCodeAt(0)] = PLAIN
}
// The last ten aren't allowed by RFC 3986, but clients send them raw: they are forwarded percent-encoded.
for (const char of '%;"<>^`{|}[]') pathClass[char.charCodeAt(0)] = SLOW

/**
 * Parses `req.url`. Throws `invalid_request` (400) for raw control, space or non-ASCII bytes, fragments, backslashes,
 * bad or forbidden percent-encodings (`%zz`, `%00`, `%5c`, `%2f` but in a model's id, invalid UTF-8), empty segments but a trailing one,
 * dot segments in any spelling, `*` and authority-form.
 */
export function parseRequestTarget(url: string): RequestTarget {
  if (url.charCodeAt(0) === SLASH) return parseOriginForm(url, null)
  const match = /^(https?):\/\/([^/?#]*)/i.exec(url)
  if (match === null) throw refuse('it is neither a path nor an absolute URL')
  const defaultPort = match[1]?.length === 5 ? 443 : 80
  const { authority } = parseAuthority(match[2] ?? '', defaultPort)
  const rest = url.slice(match[0].length)
  return parseOriginForm(rest.charCodeAt(0) === SLASH ? rest : `/${rest}`, authority)
}

function parseOriginForm(url: string, authority: string | null): RequestTarget {
  const length = url.length
  let isPlain = true
  let previous = 0
  let end = 0
  for (; end < length; end++) {
    const code = url.charCodeAt(end)
    if (code === 0x3f) break
    const kind = code < 128 ? pathClass[code] : 0
    if (kind !== PLAIN) {
      if (kind !== SLOW) throw refuse('byte that is not allowed in a path')
      isPlain = false
    } else if (previous === SLASH && (code === SLASH || code === 0x2e)) {
      if (code === SLASH) throw refuse('empty path segment (//)')
      isPlain = false
    }
    previous = code
  }
  for (let at = end; at < length; at++) {
    const code = url.charCodeAt(at)
    if (code <= 0x20 || code >= 0x7f || code === 0x23) throw refuse('byte that is not allowed in a query')
  }
  const path = end === length ? url : url.slice(0, end)
  return { path: isPlain ? path : normalisePath(path), query: end === length ? '' : url.slice(end), authority }
}

/**
 * The one place where `%2F` is let through, and stays as it is: SDKs write a model id such as `org/name` so. It is
 * answered by the gateway itself; whoever forwards a path must refuse it (`hasEncodedSlash`).
 */
const modelIdPrefix = '/v1/models/'

export function hasEncodedSlash(path: string): boolean {
  return path.startsWith(modelIdPrefix) && path.includes('%2F')
}

const unreserved = /[A-Za-z0-9\-._~]/

function normalisePath(raw: string): string {
  const path = raw.replace(/%(..?)?|["<>^`{|}[\]]/gs, (found, digits: string | undefined) => {
    if (found.charCodeAt(0) !== 0x25) return `%${found.charCodeAt(0).toString(16).toUpperCase()}`
    if (digits === undefined || !/^[0-9A-Fa-f]{2}$/.test(digits)) throw refuse('broken percent-encoding')
    const code = Number.parseInt(digits, 16)
    if (code < 0x20 || code === 0x7f) throw refuse('encoded control byte')
    if (code === SLASH && raw.startsWith(modelIdPrefix)) return '%2F'
    if (code === SLASH || code === 0x5c) throw refuse('encoded slash or backslash')
    const char = String.fromCharCode(code)
    return unreserved.test(char) ? char : `%${digits.toUpperCase()}`
  })
  if (/%[89A-F]/.test(path)) checkUtf8(path)
  const segments = path.split('/')
  for (let at = 1; at < segments.length; at++) {
    // Some servers cut `;params` off before they look for dots: `/..;x/` must not mean two things.
    const segment = segments[at] ?? ''
    const name = segment.split(/;|%3B/, 1)[0]
    if (name === '.' || name === '..') throw refuse('dot segment')
    if (name === '' && (segment !== '' || at < segments.length - 1)) throw refuse('empty path segment (//)')
  }
  return path
}

/** Overlong and broken UTF-8 behind percent-encoding: another server's decoder may make a slash or dot of it. */
function checkUtf8(path: string): void {
  try {
    decodeURIComponent(path)
  } catch {
    throw refuse('percent-encoded bytes that are not UTF-8')
  }
}

/** `detail` is about the client's own bytes and repeats none of them: the client may know, `/v1//chat` is a common slip. */
function refuse(detail: string): GatewayError {
  return new GatewayError('invalid_request', `request target: ${detail}`, {
    publicText: `The request target is not valid: ${detail}.`,
    closeConnection: true,
  })
}
