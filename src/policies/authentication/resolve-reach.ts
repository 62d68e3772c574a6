// Owns which policies guard what: those a target names, and those of its whole namespace.
import type { AIAuthPolicy } from '../../api/generated/ai-auth-policy.ts'
import { readNamespace } from '../../api/resource.ts'

export type PolicyReach = Readonly<{
  /** Ids of the policies in reach of these objects of one namespace, in order; empty: nobody gets in. */
  resolve(namespace: string, objectKeys: readonly string[]): readonly string[]
  /** The id, or null for an unknown name. */
  find(namespace: string, name: string): string | null
}>

const nobody: readonly string[] = Object.freeze([])

/** `policies` in the order of `namespace/name`. */
export function indexPolicyReach(policies: readonly AIAuthPolicy[]): PolicyReach {
  const ids = new Set<string>()
  const byNamespace = new Map<string, string[]>()
  const byObject = new Map<string, string[]>()
  for (const policy of policies) {
    const namespace = readNamespace(policy)
    const id = `${namespace}/${policy.metadata.name}`
    ids.add(id)
    const targets = policy.spec.targetRefs ?? []
    if (targets.length === 0) append(byNamespace, namespace, id)
    for (const { kind, name } of targets) append(byObject, `${kind}/${namespace}/${name}`, id)
  }
  return {
    resolve(namespace, objectKeys) {
      const wide = byNamespace.get(namespace) ?? nobody
      if (byObject.size === 0) return wide
      const named = objectKeys.flatMap((key) => byObject.get(key) ?? nobody)
      return named.length === 0 ? wide : [...new Set([...wide, ...named])].sort()
    },
    find: (namespace, name) => (ids.has(`${namespace}/${name}`) ? `${namespace}/${name}` : null),
  }
}

function append(lists: Map<string, string[]>, key: string, id: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [id])
  else list.push(id)
}
