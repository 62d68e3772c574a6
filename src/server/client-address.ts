// Who the client is behind trusted proxies: what they say in X-Forwarded-* counts, what anybody else says does not.
import { BlockList, isIP } from 'node:net'
import { addCidr } from '../upstream/address-guard.ts'
import type { RequestHead } from '../wire/request-head.ts'

export type ClientAddress = Readonly<{ address: string; forwardedFor: string; proto: string }>
export type ClientAddressReader = (peerAddress: string, head: RequestHead) => ClientAddress

/** `trustedProxies`: CIDRs. The client is the rightmost address of X-Forwarded-For that is no trusted proxy. */
export function createClientAddressReader(trustedProxies: readonly string[]): ClientAddressReader {
  if (trustedProxies.length === 0) {
    return (peer) => ({ address: plain(peer), forwardedFor: plain(peer), proto: 'http' })
  }
  const trusted = new BlockList()
  for (const cidr of trustedProxies) addCidr(trusted, cidr)
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return (peerAddress, head) => {
    const peer = plain(peerAddress)
    if (!isTrusted(peer)) return { address: peer, forwardedFor: peer, proto: 'http' }
    const hops = readHeader(head, 'x-forwarded-for')
      .split(',')
      .map((hop) => hop.trim())
      .filter((hop) => isIP(hop) !== 0)
    const chain = [...hops, peer]
    let at = chain.length - 1
    while (at > 0 && isTrusted(chain[at] ?? '')) at--
    const proto = readHeader(head, 'x-forwarded-proto').toLowerCase()
    return { address: chain[at] ?? peer, forwardedFor: chain.join(', '), proto: proto === 'https' ? 'https' : 'http' }
  }
}

function readHeader(head: RequestHead, wanted: string): string {
  return head.names.flatMap((name, at) => (name === wanted ? [head.values[at] ?? ''] : [])).join(',')
}

/** `::ffff:10.0.0.1`, as a dual-stack socket says it, is 10.0.0.1. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}
