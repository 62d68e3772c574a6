// The kinds that Sluice reads from a cluster. One line each: what to mirror, and whether a cluster may lack it.
import { readEndpointSlice, readService } from '../read-network-object.ts'
import type { ReflectedCollection } from './reflected-collection.ts'

/** A collection before it is bound to a namespace. */
export type ReflectedKind = Omit<ReflectedCollection, 'namespace'>

const ai = { group: 'ai.example.com', version: 'v1', isOptional: false } as const

export const reflectedKinds = {
  aiModels: { ...ai, kind: 'AIModel', plural: 'aimodels' },
  aiGatewayRoutes: { ...ai, kind: 'AIGatewayRoute', plural: 'aigatewayroutes' },
  aiAuthPolicies: { ...ai, kind: 'AIAuthPolicy', plural: 'aiauthpolicies' },
  llmModelConfigs: { ...ai, group: 'llm.example.com', kind: 'LLMModelConfig', plural: 'llmmodelconfigs' },
  secrets: {
    group: '',
    version: 'v1',
    kind: 'Secret',
    plural: 'secrets',
    // Helm keeps whole charts in Secrets, up to 1 MB a release and revision: nobody's API key.
    fieldSelector: 'type!=helm.sh/release.v1',
    isOptional: false,
  },
  // Gateway API's own, often not installed. Without it nothing is granted, which is what no grants mean.
  referenceGrants: {
    group: 'gateway.networking.k8s.io',
    version: 'v1beta1',
    kind: 'ReferenceGrant',
    plural: 'referencegrants',
    isOptional: true,
  },
  // Without them the names of Services are looked up in DNS: an older role that does not allow them takes nothing down.
  services: {
    group: '',
    version: 'v1',
    kind: 'Service',
    plural: 'services',
    isOptional: true,
    mayBeForbidden: true,
    reduce: readService,
  },
  endpointSlices: {
    group: 'discovery.k8s.io',
    version: 'v1',
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    labelSelector: 'kubernetes.io/service-name',
    isOptional: true,
    mayBeForbidden: true,
    reduce: readEndpointSlice,
  },
} as const satisfies Record<string, ReflectedKind>
