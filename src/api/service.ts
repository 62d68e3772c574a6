// What is kept of a cluster's Services and EndpointSlices: where ports lead and which addresses are usable. A large
// cluster has tens of thousands of addresses; nobody reads the rest of them. No behaviour.
import type { ObjectMeta } from './resource.ts'

/** TCP only. Name: empty where there is none. */
export type NamedPort = Readonly<{ name: string; port: number }>

/** core/v1, reduced. https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ */
export type Service = Readonly<{
  apiVersion: string
  kind: 'Service'
  metadata: ObjectMeta
  /** Stands for a name elsewhere: it has no addresses. */
  isExternalName: boolean
  /** `clusterIP: None`: its name means its pods, on the port that is asked for. */
  isHeadless: boolean
  /** In the order it prefers; empty: unsaid. */
  ipFamilies: readonly string[]
  ports: readonly NamedPort[]
}>

/** discovery.k8s.io/v1, reduced. https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
export type EndpointSlice = Readonly<{
  apiVersion: string
  kind: 'EndpointSlice'
  metadata: ObjectMeta
  /** The Service it is of, in its own namespace; empty: of none. */
  serviceName: string
  /** `IPv4`, `IPv6`; others (`FQDN`) are not used. */
  addressType: string
  ports: readonly NamedPort[]
  /** Addresses for new connections. */
  ready: readonly string[]
  /** Addresses that end and still serve: used where none is ready. */
  terminating: readonly string[]
}>
