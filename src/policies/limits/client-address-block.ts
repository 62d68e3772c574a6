// Owns which addresses are one client to a limit.
import ipaddr from 'ipaddr.js'

/** An IPv4 address as it is, of an IPv6 one its /64: whoever has one address of that has them all. */
export function readAddressBlock(address: string): string {
  if (!address.includes(':') || !ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}
