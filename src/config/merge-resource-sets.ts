// Several sources' resources → one set. Where two sources have an object of one name, the first source's counts.
import type { ObjectMeta } from '../api/resource.ts'
import { readObjectKey } from '../api/resource.ts'
import type { RejectedResource, ResourceSet } from '../api/resource-set.ts'

type AnyResource = Readonly<{ kind: string; metadata: ObjectMeta }>

/** One set is handed on as it is. `name` names a source in the message of what is rejected. */
export function mergeResourceSets(
  sets: readonly Readonly<{ name: string; resources: ResourceSet }>[],
): ResourceSet | null {
  const [first, ...others] = sets
  if (first === undefined) return null
  if (others.length === 0) return first.resources
  const owners = new Map<string, string>()
  const doubles: RejectedResource[] = []
  const pick = <Kind extends AnyResource>(read: (resources: ResourceSet) => readonly Kind[]): readonly Kind[] =>
    sets.flatMap(({ name, resources }) =>
      read(resources).filter((resource) => {
        const key = readObjectKey(resource)
        const owner = owners.get(key)
        if (owner === undefined) owners.set(key, name)
        else if (owner !== name) doubles.push(rejectDouble(resource, owner, name))
        return owner === undefined || owner === name
      }),
    )
  return Object.freeze({
    aiModels: pick((resources) => resources.aiModels),
    aiGatewayRoutes: pick((resources) => resources.aiGatewayRoutes),
    aiAuthPolicies: pick((resources) => resources.aiAuthPolicies),
    llmModelConfigs: pick((resources) => resources.llmModelConfigs),
    secrets: pick((resources) => resources.secrets),
    referenceGrants: pick((resources) => resources.referenceGrants),
    rejected: [...sets.flatMap(({ resources }) => resources.rejected), ...doubles],
  })
}

function rejectDouble(resource: AnyResource, owner: string, name: string): RejectedResource {
  return {
    kind: resource.kind,
    metadata: resource.metadata,
    raw: resource.kind === 'Secret' ? null : resource,
    location: '',
    messages: [`already defined by the source ${owner}; the one of ${name} is left out`],
  }
}
