// Who the client is behind trusted proxies: what they say in X-Forwarded-* counts, what anybody else says does not.
import { BlockList, isIP } from 'node:net'
import { addCidr } from '../upstream/address-guard.ts'
import { parseAuthority } from '../wire/authority.ts'
import type { RequestHead } from '../wire/request-head.ts'

/** `host`: what the client asked for as a trusted proxy tells it; null: as the Host header has it. */
export type ClientAddress = Readonly<{ address: string; forwardedFor: string; proto: string; host: string | null }>
export type ClientAddressReader = (peerAddress: string, head: RequestHead) => ClientAddress

/** `trustedProxies`: CIDRs. The client is the rightmost address of X-Forwarded-For that is no trusted proxy. */
export function createClientAddressReader(trustedProxies: readonly string[]): ClientAddressReader {
  if (trustedProxies.length === 0) {
    return (peer) => ({ address: plain(peer), forwardedFor: plain(peer), proto: 'http', host: null })
  }
  const trusted = new BlockList()
  for (const cidr of trustedProxies) addCidr(trusted, cidr)
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return (peerAddress, head) => {
    const peer = plain(peerAddress)
    if (!isTrusted(peer)) return { address: peer, forwardedFor: peer, proto: 'http', host: null }
    const chain = [...readHops(readHeader(head, 'x-forwarded-for')), peer]
    let at = chain.length - 1
    while (at > 0 && isTrusted(chain[at] ?? '')) at--
    return {
      address: chain[at] ?? peer,
      forwardedFor: chain.join(', '),
      proto: readHeader(head, 'x-forwarded-proto').toLowerCase() === 'https' ? 'https' : 'http',
      host: readHost(readHeader(head, 'x-forwarded-host')),
    }
  }
}

/** Up to the first hop, from the right, that is no address: what is left of it nobody known has vouched for. */
function readHops(text: string): string[] {
  const hops: string[] = []
  for (const hop of text.split(',').reverse()) {
    const address = readAddress(hop.trim())
    if (address === null) break
    hops.unshift(address)
  }
  return hops
}

/** `192.0.2.1`, `2001:db8::1`, and with a port as some proxies write them: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function readAddress(text: string): string | null {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/.exec(text)
  const address = plain(match?.[1] ?? match?.[2] ?? text)
  return isIP(address) === 0 ? null : address
}

function readHost(text: string): string | null {
  if (text === '') return null
  try {
    return parseAuthority(text, 0).authority
  } catch {
    return null
  }
}

function readHeader(head: RequestHead, wanted: string): string {
  return head.names.flatMap((name, at) => (name === wanted ? [head.values[at] ?? ''] : [])).join(',')
}

/** `::ffff:10.0.0.1`, as a dual-stack socket says it, is 10.0.0.1. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}
