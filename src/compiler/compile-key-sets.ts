// Owns the key sets of the table: one for each AIAuthPolicy, what went wrong with a key in its draft.
import { compileKeySet, type SecretLookup } from '../policies/authentication/compile.ts'
import type { KeySet } from '../routing/key-set.ts'
import type { PolicySubject } from './index-resources.ts'
import { describeInternal } from './parsed.ts'
import { createReuse } from './reuse.ts'
import type { StatusDraft } from './status-draft.ts'
import { addInvalid, addNote, addReference } from './status-draft.ts'

const reuseKeySet = createReuse<KeySet>()

/** A policy that can't be compiled keeps an empty key set: what it guards stays closed. */
export function compileKeySets(
  policies: readonly PolicySubject[],
  secrets: SecretLookup,
  drafts: readonly StatusDraft[],
): readonly KeySet[] {
  const hasTargets = policies.some(({ resource }) => resource.spec.targetRefs !== undefined)
  const known = new Set(hasTargets ? drafts.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`) : [])
  return policies.map(({ id, namespace, resource, draft }) => {
    for (const { kind, name } of resource.spec.targetRefs ?? []) {
      if (known.has(`${kind}/${namespace}/${name}`)) continue
      addReference(draft, 'RefNotFound', `spec.targetRefs: ${kind} ${namespace}/${name} does not exist`)
    }
    try {
      const { keySet, references, notes } = compileKeySet(resource, secrets)
      draft.references = [...draft.references, ...references]
      draft.notes = [...draft.notes, ...notes]
      if (keySet.keys.length === 0 && keySet.issuers.length === 0) {
        addNote(draft, 'it has no usable key: it lets nobody in')
      }
      return reuseKeySet(resource, keySet)
    } catch (error) {
      addInvalid(draft, describeInternal(error))
      return { id, consumers: [], defaults: { models: [], limits: [] }, keys: [], issuers: [] }
    }
  })
}
