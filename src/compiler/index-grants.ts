// Owns which references across namespaces are allowed. https://gateway-api.sigs.k8s.io/api-types/referencegrant/
import { type ReferenceGrant, readNamespace } from '../api/resource.ts'

export type Grants = Readonly<{
  /** Whether an AIGatewayRoute of `fromNamespace` may use this object. */
  isAllowed(fromNamespace: string, to: Readonly<{ kind: string; namespace: string; name: string }>): boolean
}>

const groupByKind: Readonly<Record<string, string>> = { AIModel: 'ai.example.com', LLMModelConfig: 'llm.example.com' }

export function indexGrants(grants: readonly ReferenceGrant[]): Grants {
  const allowed = new Set<string>()
  for (const grant of grants) {
    // The kind's schema is the Gateway API's, not ours: what can't be read allows nothing.
    if (!Array.isArray(grant.spec?.from) || !Array.isArray(grant.spec.to)) continue
    const sources = grant.spec.from.filter(({ group, kind }) => group === 'ai.example.com' && kind === 'AIGatewayRoute')
    for (const source of sources) {
      for (const { group, kind, name } of grant.spec.to) {
        if (groupByKind[kind] !== group) continue
        allowed.add([source.namespace, kind, readNamespace(grant), name ?? ''].join('/'))
      }
    }
  }
  return {
    isAllowed(fromNamespace, { kind, namespace, name }) {
      const target = [fromNamespace, kind, namespace].join('/')
      return allowed.has(`${target}/`) || allowed.has(`${target}/${name}`)
    },
  }
}
