// A Service or EndpointSlice as written → what is kept of it. Their schemas are Kubernetes's own: what can't be read is
// left out, and nothing here throws.
import { isIP } from 'node:net'
import type { ObjectMeta } from '../api/resource.ts'
import type { EndpointSlice, NamedPort, Service } from '../api/service.ts'
import { isRecord } from '../is-record.ts'

type Written = Readonly<Record<string, unknown>>

const serviceNameLabel = 'kubernetes.io/service-name'

/** Null: of another kind. */
export function readNetworkObject(value: unknown): Service | EndpointSlice | null {
  if (!isRecord(value)) return null
  if (value.apiVersion === 'v1' && value.kind === 'Service') return readService(value)
  if (value.apiVersion === 'discovery.k8s.io/v1' && value.kind === 'EndpointSlice') return readEndpointSlice(value)
  return null
}

export function readService(value: Written): Service {
  const spec = isRecord(value.spec) ? value.spec : {}
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: pickMetadata(value.metadata),
    isExternalName: spec.type === 'ExternalName',
    isHeadless: spec.clusterIP === 'None',
    ipFamilies: readList(spec.ipFamilies).filter((family) => typeof family === 'string'),
    ports: readPorts(spec.ports),
  }
}

/** Ready and terminating as kube-proxy sees them. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions */
export function readEndpointSlice(value: Written): EndpointSlice {
  const metadata = isRecord(value.metadata) ? value.metadata : {}
  const labels = isRecord(metadata.labels) ? metadata.labels : {}
  const ready: string[] = []
  const terminating: string[] = []
  for (const endpoint of readList(value.endpoints)) {
    if (!isRecord(endpoint)) continue
    // All of them are the same endpoint: consumers take the first.
    const [address] = readList(endpoint.addresses)
    if (typeof address !== 'string' || isIP(address) === 0) continue
    const conditions = isRecord(endpoint.conditions) ? endpoint.conditions : {}
    if (conditions.ready !== false) ready.push(address)
    else if (conditions.serving === true && conditions.terminating === true) terminating.push(address)
  }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: pickMetadata(metadata),
    serviceName: typeof labels[serviceNameLabel] === 'string' ? labels[serviceNameLabel] : '',
    addressType: typeof value.addressType === 'string' ? value.addressType : '',
    ports: readPorts(value.ports),
    ready: ready.sort(),
    terminating: terminating.sort(),
  }
}

function readPorts(value: unknown): readonly NamedPort[] {
  return readList(value).flatMap((port) => {
    if (!isRecord(port) || (port.protocol ?? 'TCP') !== 'TCP' || typeof port.port !== 'number') return []
    return [{ name: typeof port.name === 'string' ? port.name : '', port: port.port }]
  })
}

function readList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function pickMetadata(value: unknown): ObjectMeta {
  const metadata = isRecord(value) ? value : {}
  const { name, namespace, uid, resourceVersion } = metadata
  return {
    name: typeof name === 'string' ? name : '',
    ...(typeof namespace === 'string' ? { namespace } : {}),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
  }
}
