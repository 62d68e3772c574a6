// Owns what can still be read of a route that can't be served: enough to keep its path from falling through.
import { SpecError } from '../api/findings.ts'
import type { RouteMatch } from '../routing/table.ts'
import { parseHostname } from './parse-hostname.ts'
import { parseRoutePath } from './parse-route-path.ts'

/** Null: no path of it is usable. `rawSpec` is untrusted. */
export function readBrokenMatch(rawSpec: unknown): RouteMatch | null {
  if (typeof rawSpec !== 'object' || rawSpec === null) return null
  if (!('path' in rawSpec) || typeof rawSpec.path !== 'string') return null
  const path = attempt(parseRoutePath, rawSpec.path)
  if (path === null) return null
  const pathType = 'pathType' in rawSpec && rawSpec.pathType === 'Exact' ? 'Exact' : 'Prefix'
  if (!('hostnames' in rawSpec) || rawSpec.hostnames === undefined) return { path, pathType, hostnames: [] }
  // Hosts that can't be read must not become "every host".
  const hostnames = Array.isArray(rawSpec.hostnames) ? rawSpec.hostnames.flatMap(readHostname) : []
  if (hostnames.length === 0 && !isEmptyList(rawSpec.hostnames)) return null
  return { path, pathType, hostnames: [...new Set(hostnames)].sort() }
}

/** Closed unless it says so itself. */
export function readBrokenAuthentication(rawSpec: unknown): boolean {
  return !(
    typeof rawSpec === 'object' &&
    rawSpec !== null &&
    'authentication' in rawSpec &&
    rawSpec.authentication === false
  )
}

function readHostname(item: unknown): readonly string[] {
  const hostname = typeof item === 'string' ? attempt(parseHostname, item) : null
  return hostname === null ? [] : [hostname]
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

function attempt(parse: (text: string) => string, text: string): string | null {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof SpecError) return null
    throw error
  }
}
