// Owns the names of keys in Redis. Limit ids and keys may hold anything, so each part is escaped and no two names are
// one. The group is the hash tag: all keys of one request live in one slot of a cluster.
import { createHash } from 'node:crypto'
import type { Limit } from '../../../routing/limit.ts'

/** Beyond this an escaped part is replaced by its digest: a client's 8 KiB must not become 8 KiB of Redis. */
const maxPartLength = 200

const prefixes = new WeakMap<Limit, string>()

/** `sluice:{group}:limit id:key`. */
export function renderLimitKey(limit: Limit, key: string): string {
  let prefix = prefixes.get(limit)
  if (prefix === undefined) {
    prefix = `${renderGroup(limit.group)}:${escapePart(limit.id)}:`
    prefixes.set(limit, prefix)
  }
  return prefix + escapePart(key)
}

/** Where the open reserves of a count are; no limit's own key has a fifth part. */
export function renderHeldKey(limitKey: string): string {
  return `${limitKey}:held`
}

/** Written to see whether Redis takes writes for the group. */
export function renderProbeKey(group: string): string {
  return `${renderGroup(group)}:probe`
}

function renderGroup(group: string): string {
  // An empty tag is none.
  return `sluice:{${escapePart(group) || '%'}}`
}

function escapePart(text: string): string {
  const escaped = /[^A-Za-z0-9._/-]/.test(text) ? text.replace(/[^A-Za-z0-9._/-]/g, escapeUnit) : text
  // No escaped part has a `#`. The digest is of UTF-16, in which lone surrogates differ.
  return escaped.length <= maxPartLength
    ? escaped
    : `#${createHash('sha256').update(text, 'utf16le').digest('base64url')}`
}

function escapeUnit(unit: string): string {
  const code = unit.charCodeAt(0)
  return code < 0x80 ? `%${code.toString(16).padStart(2, '0')}` : `%u${code.toString(16).padStart(4, '0')}`
}
