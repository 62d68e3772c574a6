// Which addresses may be connected to: asked after DNS, at connect time, so that no name can dodge it (D5).
import { BlockList, isIP } from 'node:net'
import { readEmbeddedIpv4 } from './embedded-ipv4.ts'

export type AddressGuard = (address: string) => boolean

export type AddressGuardOptions = Readonly<{
  /** CIDRs or single addresses that are opened whatever else says no. */
  allow: readonly string[]
  deny: readonly string[]
  /** Loopback is an attack in a cluster and a test server everywhere else. */
  isLoopbackAllowed: boolean
}>

/** `10.0.0.0/8`, `::1/128` or a single address. Throws on anything else. */
export function addCidr(list: BlockList, cidr: string): void {
  const [address = '', prefix] = cidr.split('/')
  const version = isIP(address)
  const bits = prefix === undefined ? (version === 4 ? 32 : 128) : Number(prefix)
  if (version === 0 || !Number.isInteger(bits) || bits < 0 || bits > (version === 4 ? 32 : 128)) {
    throw new RangeError(`not an address or CIDR: ${cidr}`)
  }
  list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6')
}

/** True for an address that may be dialled. IPv6 that stands for an IPv4 address counts as that too. */
export function createAddressGuard(options: AddressGuardOptions): AddressGuard {
  const allowed = new BlockList()
  const denied = new BlockList()
  for (const cidr of options.allow) addCidr(allowed, cidr)
  for (const cidr of options.deny) addCidr(denied, cidr)
  // Link-local holds every cloud's metadata address (169.254.169.254); fd00:ec2::254 is AWS's over IPv6,
  // 100.100.100.200 Alibaba's, 168.63.129.16 Azure's wire server.
  for (const cidr of ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16']) {
    addCidr(denied, cidr)
  }
  for (const cidr of ['0.0.0.0/8', '::/128', '224.0.0.0/4', 'ff00::/8']) addCidr(denied, cidr)
  if (!options.isLoopbackAllowed) {
    addCidr(denied, '127.0.0.0/8')
    addCidr(denied, '::1')
  }
  const isIn = (list: BlockList, address: string) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return (address) => {
    const embedded = readEmbeddedIpv4(address)
    const forms = embedded === null ? [address] : [address, embedded]
    return forms.some((form) => isIn(allowed, form)) || !forms.some((form) => isIn(denied, form))
  }
}
