// Owns which IPv4 address an IPv6 one stands for: networks translate, and so a rule about the one is one about the other.
import ipaddr from 'ipaddr.js'

/**
 * The IPv4 address that packets to this IPv6 address can end up at; null for any other. Mapped and translated
 * (`::ffff:0:0/96`, `::ffff:0:0:0/96`), NAT64 (`64:ff9b::/96`, RFC 6052; DNS64 makes such addresses of names), 6to4
 * (`2002::/16`) and the old compatible form (`::/96`).
 */
export function readEmbeddedIpv4(address: string): string | null {
  if (!address.includes(':') || !ipaddr.isValid(address)) return null
  const parsed = ipaddr.parse(address)
  if (!(parsed instanceof ipaddr.IPv6)) return null
  const { parts } = parsed
  if (parts[0] === 0x2002) return join(parts[1], parts[2])
  // RFC 8215: for a network's own translation, which usually has it at the end too.
  if (parts[0] === 0x64 && parts[1] === 0xff9b && parts[2] === 1) return join(parts[6], parts[7])
  const prefix = parts.slice(0, 6).join(':')
  const isEmbedding = ['0:0:0:0:0:65535', '0:0:0:0:65535:0', '100:65435:0:0:0:0', '0:0:0:0:0:0'].includes(prefix)
  // `::` and `::1` are addresses of their own.
  if (!isEmbedding || (prefix === '0:0:0:0:0:0' && parts[6] === 0)) return null
  return join(parts[6], parts[7])
}

function join(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
