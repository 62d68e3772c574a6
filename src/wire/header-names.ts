// Owns which headers cross the gateway, by name: the sets, and what a Connection header adds to them.
// Values and order are the filters' business (request-headers.ts, response-headers.ts).

/** RFC 9110 section 7.6.1, and the ones older peers still treat so. */
export const hopByHopNames: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** Where a caller's key arrives. It never goes upstream: the target has a credential of its own. */
export const credentialNames: ReadonlySet<string> = new Set(['authorization', 'x-api-key', 'api-key'])

/** Said by the gateway itself, so a client's or upstream's word for it would be a lie or a spoof. */
export function isGatewayOwned(name: string): boolean {
  return name.startsWith('x-sluice-')
}

/** `forwarded` and `x-forwarded-*` (and nginx's `x-real-ip`). */
export function isForwardedName(name: string): boolean {
  return name.startsWith('x-forwarded-') || name === 'forwarded' || name === 'x-real-ip'
}

/**
 * The names a Connection header lists (RFC 9110 section 7.6.1), lower case; null for the usual ones, which add nothing.
 * `value`: one header's, or several joined by commas.
 */
export function parseConnectionNames(value: string): ReadonlySet<string> | null {
  if (value === 'keep-alive' || value === 'close' || value === 'Keep-Alive') return null
  const names = new Set<string>()
  for (const part of value.toLowerCase().split(',')) {
    const name = part.trim()
    if (name !== '' && name !== 'keep-alive' && name !== 'close') names.add(name)
  }
  return names.size === 0 ? null : names
}

/** All the Connection headers of a list of lower-case names and its values. */
export function readConnectionNames(names: readonly string[], values: readonly string[]): ReadonlySet<string> | null {
  let joined: string | null = null
  for (let at = 0; at < names.length; at++) {
    if (names[at] !== 'connection') continue
    const value = values[at] ?? ''
    joined = joined === null ? value : `${joined},${value}`
  }
  return joined === null ? null : parseConnectionNames(joined)
}
