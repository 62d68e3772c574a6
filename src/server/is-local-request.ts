// Owns what counts as an operator on this machine (`kubectl port-forward` too) on the admin port, which asks for no key.
import { isIP } from 'node:net'

export type AdminPeer = Readonly<{
  /** The connection's own address; undefined when it is gone. */
  remoteAddress: string | undefined
  headers: Readonly<Record<string, string | readonly string[] | undefined>>
}>

/** Service meshes hand on what comes from outside as 127.0.0.6: only the two addresses that local programs use count. */
const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

/** What a proxy adds: whoever asks through one is somewhere else. */
const proxyHeaders = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-real-ip',
  'x-envoy-peer-metadata-id',
]

/**
 * The peer is loopback, no proxy speaks for it, and Host is an address or `localhost`: a page in the operator's browser
 * whose own name was made to resolve to 127.0.0.1 (DNS rebinding) still says that name.
 */
export function isLocalRequest({ remoteAddress, headers }: AdminPeer): boolean {
  if (remoteAddress === undefined || !loopback.has(remoteAddress)) return false
  if (proxyHeaders.some((name) => headers[name] !== undefined)) return false
  const { host } = headers
  if (typeof host !== 'string') return false
  const name = host.replace(/:\d+$/, '').toLowerCase()
  return name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
}
