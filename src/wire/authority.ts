// Owns the one form of a host and port as clients write them: Host header and absolute-form targets.
// Stricter than RFC 3986: no user info, no percent-encoding, no sub-delimiters, since no host we serve needs them.
import { isIPv6 } from 'node:net'
import { GatewayError } from '../errors/gateway-error.ts'

export type Authority = Readonly<{
  /** Lower case, no port, no trailing dot; IPv6 in brackets. */
  hostname: string
  /** `hostname[:port]`, the default port left out. */
  authority: string
}>

const hostPattern = /^(?:([a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*)\.?|\[([0-9a-f:.]{2,45})\])(?::([0-9]{0,5}))?$/

/** Parses `host[:port]`. Throws `invalid_request` (400, closing) for anything else (RFC 9112 section 3.2). */
export function parseAuthority(text: string, defaultPort: number): Authority {
  const match = text.length <= 262 ? hostPattern.exec(text.toLowerCase()) : null
  if (match === null) throw refuse()
  const literal = match[2]
  if (literal !== undefined && !isIPv6(literal)) throw refuse()
  const hostname = literal === undefined ? (match[1] ?? '') : `[${literal}]`
  if (match[3] === undefined || match[3] === '') return { hostname, authority: hostname }
  const port = Number(match[3])
  if (port === 0 || port > 65_535) throw refuse()
  return { hostname, authority: port === defaultPort ? hostname : `${hostname}:${port}` }
}

function refuse(): GatewayError {
  return new GatewayError('invalid_request', 'host is not valid', {
    publicText: 'The Host of the request is not valid.',
    closeConnection: true,
  })
}
