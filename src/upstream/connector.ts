// Opens one connection to a backend: `--resolve` overrides, DNS, the address guard, TLS, a precise connect timer.
import { lookup as dnsLookup } from 'node:dns'
import { isIP, type LookupFunction, Socket } from 'node:net'
import { getCACertificates } from 'node:tls'
import { buildConnector, errors } from 'undici'
import type { Endpoint } from '../routing/table.ts'
import type { ResolveOverride } from '../settings.ts'
import type { AddressGuard } from './address-guard.ts'
import { shareLookup } from './share-lookup.ts'

/** An address that policy forbids: never retried on the same target, never told to the client. */
class AddressRefusedError extends Error {
  readonly code = 'SLUICE_ADDRESS_REFUSED'
}

export type ConnectorOptions = Readonly<{
  isAddressAllowed: AddressGuard
  resolve: readonly ResolveOverride[]
  /** In-cluster hosts go here when set (`--simulate`). */
  simulator: Readonly<{ address: string; port: number }> | null
}>

const sharedLookup = shareLookup(dnsLookup)

/** As undici's, but it returns the socket that is dialling, so that it can be given up; null: refused at once. */
export type Connector = (...dial: Parameters<buildConnector.connector>) => Socket | null

/** `name`, `name.namespace.svc`, `….svc.cluster.local`: names that only a cluster's DNS knows. */
function isInClusterHost(hostname: string): boolean {
  if (hostname === 'localhost' || isIP(hostname) !== 0) return false
  return (
    !hostname.includes('.') ||
    hostname.endsWith('.svc') ||
    /\.(svc|pod)\./.test(hostname) ||
    hostname.endsWith('.cluster.local')
  )
}

/** `connectMs` 0 = no limit. `address`: dialled instead of looking the hostname up. */
export function createConnector(
  endpoint: Endpoint,
  connectMs: number,
  options: ConnectorOptions,
  address: string | null = null,
): Connector {
  const override = findOverride(endpoint, options)
  const known = override === null && address !== null ? splitAddress(address) : null
  const lookup: LookupFunction = (hostname, lookupOptions, callback) => {
    sharedLookup(hostname, { ...lookupOptions, all: true }, (error, addresses) => {
      if (error) return callback(error, '')
      const usable = addresses.filter((entry) => options.isAddressAllowed(entry.address))
      const first = usable[0]
      if (first === undefined) return callback(new AddressRefusedError(`${hostname}: every address is refused`), '')
      if (lookupOptions.all) return callback(null, usable)
      callback(null, first.address, first.family)
    })
  }
  const base = buildConnector({
    allowH2: false,
    timeout: 0,
    keepAlive: true,
    keepAliveInitialDelay: 15_000,
    // Besides the system's, as the CRD says: one private CA must not make every public one unknown.
    ...(endpoint.tls?.caPem ? { ca: [...getCACertificates('default'), endpoint.tls.caPem] } : {}),
    lookup,
    autoSelectFamily: true,
  })
  return (dial, callback) => {
    // An override is the operator's own word on the command line: it is not asked of the guard.
    const hostname = override?.address ?? known?.hostname ?? dial.hostname
    if (override === null && isIP(hostname) !== 0 && !options.isAddressAllowed(hostname)) {
      callback(new AddressRefusedError(`${hostname}: address refused`), null)
      return null
    }
    const servername = endpoint.tls === null ? undefined : (endpoint.tls.serverName ?? endpoint.hostname)
    let timer: NodeJS.Timeout | undefined
    // undici's connector returns its socket; its types don't say so.
    const socket: unknown = base(
      {
        ...dial,
        hostname,
        port: String(override?.port ?? known?.port ?? endpoint.port),
        ...(servername !== undefined && isIP(servername) === 0 ? { servername } : { servername: '' }),
      },
      (...outcome) => {
        clearTimeout(timer)
        callback(...outcome)
      },
    )
    if (!(socket instanceof Socket)) throw new TypeError('the connector returned no socket')
    if (connectMs > 0) {
      timer = setTimeout(() => {
        socket.destroy(new errors.ConnectTimeoutError(`no connection within ${connectMs} ms`))
      }, connectMs)
    }
    return socket
  }
}

/** `ip:port`, `[ip]:port`. */
function splitAddress(text: string): Readonly<{ hostname: string; port: number }> {
  const colon = text.lastIndexOf(':')
  return { hostname: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
}

/** Where `--resolve` or `--simulate` send its connections; null: nowhere else. */
export function findOverride(endpoint: Endpoint, options: ConnectorOptions): { address: string; port: number } | null {
  const match = options.resolve.find(
    (entry) => entry.hostname === endpoint.hostname && (entry.port === null || entry.port === endpoint.port),
  )
  if (match) return { address: match.address, port: match.addressPort }
  if (options.simulator && isInClusterHost(endpoint.hostname)) return options.simulator
  return null
}
