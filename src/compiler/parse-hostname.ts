// Owns the form of a route's hostname: lower case, no port, `*.` in front at most.
import { SpecError } from '../api/findings.ts'

const pattern = /^(?:\*\.)?[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/

/** Throws SpecError. */
export function parseHostname(text: string): string {
  const hostname = text.toLowerCase().replace(/\.$/, '')
  if (hostname.length > 253 || !pattern.test(hostname)) {
    throw new SpecError('is not a host name, or *. and a host name')
  }
  return hostname
}
