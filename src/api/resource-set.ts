// A frozen snapshot of all resources: what sources produce and the compiler reads.
import type { AIAuthPolicy } from './generated/ai-auth-policy.ts'
import type { AIGatewayRoute } from './generated/ai-gateway-route.ts'
import type { AIModel } from './generated/ai-model.ts'
import type { LLMModelConfig } from './generated/llm-model-config.ts'
import type { ObjectMeta, ReferenceGrant, Secret } from './resource.ts'
import type { EndpointSlice, Service } from './service.ts'

/** An object whose present form breaks its schema or a CEL rule. It is never compiled from; a last good spec may be. */
export type RejectedResource = Readonly<{
  kind: string
  metadata: ObjectMeta
  /** As written, for what can still be read of it (a route's path). Untrusted. */
  raw: unknown
  /** `file:line` or empty. */
  location: string
  /** `spec.path: must start with /`: one line each. */
  messages: readonly string[]
  /** `file:line` of each message, for those that have one of their own; else `location` is everyone's. */
  messageLocations?: readonly string[]
}>

export type ResourceSet = Readonly<{
  aiModels: readonly AIModel[]
  aiGatewayRoutes: readonly AIGatewayRoute[]
  aiAuthPolicies: readonly AIAuthPolicy[]
  llmModelConfigs: readonly LLMModelConfig[]
  secrets: readonly Secret[]
  referenceGrants: readonly ReferenceGrant[]
  services: readonly Service[]
  endpointSlices: readonly EndpointSlice[]
  rejected: readonly RejectedResource[]
}>

export const emptyResourceSet: ResourceSet = Object.freeze({
  aiModels: [],
  aiGatewayRoutes: [],
  aiAuthPolicies: [],
  llmModelConfigs: [],
  secrets: [],
  referenceGrants: [],
  services: [],
  endpointSlices: [],
  rejected: [],
})
