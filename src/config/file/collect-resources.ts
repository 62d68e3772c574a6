// Sorts validated objects by kind into a frozen ResourceSet. The validator has vouched for their shapes.
import type { AIAuthPolicy } from '../../api/generated/ai-auth-policy.ts'
import type { AIGatewayRoute } from '../../api/generated/ai-gateway-route.ts'
import type { AIModel } from '../../api/generated/ai-model.ts'
import type { LLMModelConfig } from '../../api/generated/llm-model-config.ts'
import type { ReferenceGrant, Resource, Secret } from '../../api/resource.ts'
import type { RejectedResource, ResourceSet } from '../../api/resource-set.ts'
import type { EndpointSlice, Service } from '../../api/service.ts'

export type AnyResource = Resource | Secret | Service | EndpointSlice

/** Order within a kind is the order given. Objects of other kinds are left out. */
export function collectResources(accepted: readonly AnyResource[], rejected: readonly RejectedResource[]): ResourceSet {
  return Object.freeze({
    aiModels: Object.freeze(accepted.filter(isAIModel)),
    aiGatewayRoutes: Object.freeze(accepted.filter(isAIGatewayRoute)),
    aiAuthPolicies: Object.freeze(accepted.filter(isAIAuthPolicy)),
    llmModelConfigs: Object.freeze(accepted.filter(isLLMModelConfig)),
    secrets: Object.freeze(accepted.filter(isSecret)),
    referenceGrants: Object.freeze(accepted.filter(isReferenceGrant)),
    services: Object.freeze(accepted.filter(isService)),
    endpointSlices: Object.freeze(accepted.filter(isEndpointSlice)),
    rejected: Object.freeze([...rejected]),
  })
}

const isAIModel = (resource: AnyResource): resource is AIModel => resource.kind === 'AIModel'
const isAIGatewayRoute = (resource: AnyResource): resource is AIGatewayRoute => resource.kind === 'AIGatewayRoute'
const isAIAuthPolicy = (resource: AnyResource): resource is AIAuthPolicy => resource.kind === 'AIAuthPolicy'
const isLLMModelConfig = (resource: AnyResource): resource is LLMModelConfig => resource.kind === 'LLMModelConfig'
const isSecret = (resource: AnyResource): resource is Secret => resource.kind === 'Secret'
const isService = (resource: AnyResource): resource is Service => resource.kind === 'Service'
const isEndpointSlice = (resource: AnyResource): resource is EndpointSlice => resource.kind === 'EndpointSlice'
const isReferenceGrant = (resource: AnyResource): resource is ReferenceGrant => resource.kind === 'ReferenceGrant'
