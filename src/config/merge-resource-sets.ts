// Several sources' resources → one set. Where two sources have an object of one name, the first source's counts.
import { type ObjectMeta, readObjectKey } from '../api/resource.ts'
import { emptyResourceSet, type ResourceSet } from '../api/resource-set.ts'
import type { SourceProblem } from './source.ts'

type NamedSet = Readonly<{ name: string; resources: ResourceSet }>

/**
 * One set is handed on as it is. What is left out is a problem of the source and not a rejected object: the object of
 * that name is served, and a rejected one of the same key would stand for its next version.
 */
export function mergeResourceSets(
  sets: readonly NamedSet[],
): Readonly<{ resources: ResourceSet; problems: readonly SourceProblem[] }> {
  const [first, ...others] = sets
  if (first === undefined) return { resources: emptyResourceSet, problems: [] }
  if (others.length === 0) return { resources: first.resources, problems: [] }
  const owners = findOwners(sets)
  const problems: SourceProblem[] = []
  const pick = <Kind extends Readonly<{ kind: string; metadata: ObjectMeta }>>(
    read: (resources: ResourceSet) => readonly Kind[],
  ): readonly Kind[] =>
    sets.flatMap(({ name, resources }) =>
      read(resources).filter((resource) => {
        const key = readObjectKey(resource)
        const owner = owners.get(key)
        if (owner === name) return true
        problems.push({ location: name, reason: `${key} is already defined by ${owner}, and left out here` })
        return false
      }),
    )
  const resources = Object.freeze({
    aiModels: pick((set) => set.aiModels),
    aiGatewayRoutes: pick((set) => set.aiGatewayRoutes),
    aiAuthPolicies: pick((set) => set.aiAuthPolicies),
    llmModelConfigs: pick((set) => set.llmModelConfigs),
    secrets: pick((set) => set.secrets),
    referenceGrants: pick((set) => set.referenceGrants),
    services: pick((set) => set.services),
    endpointSlices: pick((set) => set.endpointSlices),
    rejected: pick((set) => set.rejected),
  })
  return { resources, problems }
}

/** Name of the first source that has the object, in whatever state. */
function findOwners(sets: readonly NamedSet[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>()
  for (const { name, resources } of sets) {
    for (const resource of Object.values(resources).flat()) {
      const key = readObjectKey(resource)
      if (!owners.has(key)) owners.set(key, name)
    }
  }
  return owners
}
