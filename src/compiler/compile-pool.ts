// Owns which targets a route may choose from.
import type { PoolMember } from '../routing/table.ts'
import { isModel, type Member, type NameClaim, type NameClaims } from './claim-model-names.ts'
import type { Targets } from './compile-targets.ts'
import type { Grants } from './index-grants.ts'
import type { RouteSubject } from './index-resources.ts'
import { addReference, addReferenceNote } from './status-draft.ts'

export type Pool = Readonly<{ pool: readonly PoolMember[]; members: readonly Member[] }>

export type MemberIndex = ReadonlyMap<string, Readonly<{ member: Member; claim: NameClaim }>>

/** Members that hold their name, by object key. */
export function indexMembers(claims: NameClaims): MemberIndex {
  const index = new Map<string, { member: Member; claim: NameClaim }>()
  for (const claim of claims.values()) for (const member of claim.members) index.set(member.key, { member, claim })
  return index
}

/** The pool of a model name: everything behind it, in equal shares. */
export function compileNamePool(members: readonly Member[], targets: Targets): Pool {
  const pool: PoolMember[] = []
  for (const { key } of members) {
    const target = targets.byObject.get(key)
    if (target !== undefined) pool.push({ targetId: target.id, weight: 1, priority: 0 })
  }
  return { pool, members }
}

/** The pool of `spec.backends`, in their order. What may not or can't be used is left out, and said in the draft. */
export function compileBackendPool(route: RouteSubject, index: MemberIndex, targets: Targets, grants: Grants): Pool {
  const pool: PoolMember[] = []
  const members: Member[] = []
  for (const [at, { modelRef, weight, priority }] of (route.resource.spec.backends ?? []).entries()) {
    const namespace = modelRef.namespace ?? route.namespace
    const ref = { kind: modelRef.kind, namespace, name: modelRef.name }
    const what = `spec.backends[${at}].modelRef: ${ref.kind} ${namespace}/${ref.name}`
    // Asked before whether it exists: who has no grant does not learn that either.
    if (namespace !== route.namespace && !grants.isAllowed(route.namespace, ref)) {
      const message = `${what} may not be used: no ReferenceGrant in namespace ${namespace} allows it`
      addReference(route.draft, 'RefNotPermitted', message)
      continue
    }
    const found = index.get(`${ref.kind}/${namespace}/${ref.name}`)
    if (found === undefined) {
      addReference(route.draft, 'RefNotFound', `${what} does not exist or is not accepted`)
      continue
    }
    members.push(found.member)
    const targetIds = listTargetIds(found.member, found.claim, targets)
    if (targetIds.length === 0) addReferenceNote(route.draft, `${what} has no usable target, see its status`)
    for (const targetId of targetIds) addMember(pool, { targetId, weight: weight / targetIds.length, priority })
  }
  return { pool, members }
}

/** The object's own target; for an AIModel without an address, the deployments of its name. */
function listTargetIds(member: Member, claim: NameClaim, targets: Targets): readonly string[] {
  const own = targets.byObject.get(member.key)
  if (own !== undefined) return [own.id]
  if (!isModel(member) || member.parts.endpoint !== null) return []
  return claim.members.flatMap((other) => (isModel(other) ? [] : (targets.byObject.get(other.key)?.id ?? [])))
}

/** A target named twice in one priority has the sum of its weights. */
function addMember(pool: PoolMember[], added: PoolMember): void {
  const at = pool.findIndex(({ targetId, priority }) => targetId === added.targetId && priority === added.priority)
  const known = pool[at]
  if (known === undefined) pool.push(added)
  else pool[at] = { ...known, weight: known.weight + added.weight }
}
