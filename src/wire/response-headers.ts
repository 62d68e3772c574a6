// Owns which of an upstream's response headers go to the client. The relay adds its own (`x-request-id`, `x-sluice-*`).
import { hopByHopNames, isGatewayOwned, parseConnectionNames } from './header-names.ts'

/**
 * `rawHeaders` is a flat list of names and values; returns one with lower-case names, in order. Dropped: hop-by-hop
 * headers, what Connection names, `x-sluice-*`, and `x-request-id` (ours is the one the client's log will be searched
 * for). `content-length` stays: it frames a passed-through body.
 */
export function filterResponseHeaders(rawHeaders: readonly string[]): string[] {
  const kept: string[] = []
  let connection: string | null = null
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    if (name === 'connection') {
      const value = rawHeaders[at + 1] ?? ''
      connection = connection === null ? value : `${connection},${value}`
      continue
    }
    if (hopByHopNames.has(name) || isGatewayOwned(name) || name === 'x-request-id') continue
    kept.push(name, rawHeaders[at + 1] ?? '')
  }
  const named = connection === null ? null : parseConnectionNames(connection)
  return named === null ? kept : withoutNames(kept, named)
}

function withoutNames(flat: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at] ?? ''
    if (!names.has(name)) kept.push(name, flat[at + 1] ?? '')
  }
  return kept
}
