// Owns what is said of AIModels without an address of their own: who answers in their place, or that nobody does.
import type { AIModelSpec } from '../api/generated/ai-model.ts'
import { isModel, type NameClaims } from './claim-model-names.ts'
import type { ModelSubject } from './index-resources.ts'
import type { Joins } from './join-routes.ts'
import { addReference, addReferenceNote } from './status-draft.ts'

/** Fields that speak of an endpoint, and do nothing without one. */
const endpointFields: readonly (keyof AIModelSpec)[] = ['upstreamModel', 'credentials', 'timeouts', 'tls', 'headers']

export function checkEndpoints(claims: NameClaims, joins: Joins): void {
  for (const claim of claims.values()) {
    const route = joins.get(claim.modelName)
    const spec = route?.resource.spec
    const hasRouteTargets = spec?.targetService !== undefined || spec?.backends !== undefined
    const hasDeployments = claim.members.some((member) => !isModel(member))
    for (const model of claim.members.filter(isModel)) {
      if (model.parts.endpoint !== null) continue
      nameIdleFields(model, hasDeployments)
      if (hasRouteTargets) addReferenceNote(model.draft, `it has no endpoint of its own: route ${route?.id} serves it`)
      else if (hasDeployments) {
        const message = `it has no endpoint of its own: the LLMModelConfigs of ${claim.modelName} serve it`
        addReferenceNote(model.draft, message)
      } else {
        const message =
          `${model.resource.spec.modelProvider} has no default endpoint: add spec.endpoint, or an LLMModelConfig with ` +
          `modelName ${claim.modelName}, or an AIGatewayRoute with modelName ${claim.modelName} and a targetService`
        addReference(model.draft, 'EndpointMissing', message)
      }
    }
  }
}

/** Deployments take over its parameters, and nothing else. */
function nameIdleFields({ resource, draft }: ModelSubject, hasDeployments: boolean): void {
  const fields: readonly (keyof AIModelSpec)[] = hasDeployments ? endpointFields : [...endpointFields, 'parameters']
  const idle = fields.filter((field) => resource.spec[field] !== undefined)
  if (idle.length === 0) return
  draft.notInEffect = [...draft.notInEffect, ...idle.map((field) => `spec.${field} (no endpoint of its own)`)]
}
