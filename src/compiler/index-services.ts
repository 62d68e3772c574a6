// Owns what an in-cluster Service's name stands for: the addresses behind it, as kube-proxy would choose them.
import { isIPv6 } from 'node:net'
import { readNamespace } from '../api/resource.ts'
import type { ResourceSet } from '../api/resource-set.ts'
import type { EndpointSlice, Service } from '../api/service.ts'
import type { Target } from '../routing/table.ts'

export type ServiceLookup = Readonly<{
  /** The target with the addresses behind it now; as it is where they are not known: DNS is asked then. */
  locate(target: Target): Target
}>

const serviceHost = /^([a-z0-9-]{1,63})\.([a-z0-9-]{1,63})\.svc(?:\.cluster\.local)?\.?$/

type Index = Readonly<{
  services: ReadonlyMap<string, Service>
  slices: ReadonlyMap<string, readonly EndpointSlice[]>
}>

/** Nothing is looked at until an endpoint asks. */
export function indexServices(resources: Pick<ResourceSet, 'services' | 'endpointSlices'>): ServiceLookup {
  let index: Index | null = null
  return {
    locate(target) {
      const { endpoint } = target
      const match = serviceHost.exec(endpoint.hostname)
      if (match === null) return target
      index ??= buildIndex(resources)
      const id = `${match[2]}/${match[1]}`
      const addresses = findAddresses(index.services.get(id), index.slices.get(id), endpoint.port)
      return addresses === null ? target : { ...target, endpoint: { ...endpoint, addresses } }
    },
  }
}

function buildIndex({ services, endpointSlices }: Pick<ResourceSet, 'services' | 'endpointSlices'>): Index {
  const slices = new Map<string, EndpointSlice[]>()
  for (const slice of endpointSlices) {
    const id = `${readNamespace(slice)}/${slice.serviceName}`
    const known = slices.get(id)
    if (known === undefined) slices.set(id, [slice])
    else known.push(slice)
  }
  return {
    services: new Map(services.map((service) => [`${readNamespace(service)}/${service.metadata.name}`, service])),
    slices,
  }
}

/** Null: not known. Of a Service of both families the addresses of the first that has any: each pod has one of each. */
function findAddresses(
  service: Service | undefined,
  slices: readonly EndpointSlice[] | undefined,
  port: number,
): readonly string[] | null {
  if (service === undefined || slices === undefined || service.isExternalName) return null
  const servicePort = service.ports.find((entry) => entry.port === port)
  if (servicePort === undefined && !service.isHeadless) return null
  // A headless Service's name means the pods themselves: no port is translated.
  const findPort = (slice: EndpointSlice) =>
    service.isHeadless ? port : slice.ports.find(({ name }) => name === servicePort?.name)?.port
  const families = service.ipFamilies.length > 0 ? service.ipFamilies : ['IPv4', 'IPv6']
  for (const read of [(slice: EndpointSlice) => slice.ready, (slice: EndpointSlice) => slice.terminating]) {
    for (const family of families) {
      const found = new Set<string>()
      for (const slice of slices) {
        const target = slice.addressType === family ? findPort(slice) : undefined
        if (target === undefined) continue
        for (const address of read(slice))
          found.add(isIPv6(address) ? `[${address}]:${target}` : `${address}:${target}`)
      }
      if (found.size > 0) return [...found].sort()
    }
  }
  return []
}
