// Owns which namespace has which model name. Only names are claimed here, nothing is resolved.
import type { ModelType } from '../routing/table.ts'
import type { DeploymentSubject, ModelSubject } from './index-resources.ts'
import { compareAge, compareText } from './order.ts'

export type Member = ModelSubject | DeploymentSubject

/** A model name and the objects behind it. */
export type NameClaim = Readonly<{
  modelName: string
  namespace: string
  /** In the order of `namespace/name`, AIModel before LLMModelConfig. */
  members: readonly Member[]
  oldest: Member
  modelType: ModelType
}>

export type NameClaims = ReadonlyMap<string, NameClaim>

export function isModel(member: Member): member is ModelSubject {
  return member.resource.kind === 'AIModel'
}

export function isPublic(member: Member): boolean {
  return !isModel(member) || member.resource.spec.visibility !== 'Internal'
}

/** The oldest object's namespace owns the name; objects of others are refused in their drafts. */
export function claimModelNames(
  models: readonly ModelSubject[],
  deployments: readonly DeploymentSubject[],
): NameClaims {
  const byName = new Map<string, Member[]>()
  for (const member of [...models, ...deployments]) {
    const { modelName } = member.resource.spec
    const list = byName.get(modelName)
    if (list === undefined) byName.set(modelName, [member])
    else list.push(member)
  }
  const claims = new Map<string, NameClaim>()
  for (const modelName of [...byName.keys()].sort(compareText)) {
    const claim = claimName(modelName, byName.get(modelName) ?? [])
    if (claim !== null) claims.set(modelName, claim)
  }
  return claims
}

function claimName(modelName: string, rivals: readonly Member[]): NameClaim | null {
  const [oldest] = rivals.toSorted(compareAge)
  if (oldest === undefined) return null
  const ours = rivals.filter((member) => member.namespace === oldest.namespace)
  for (const loser of rivals) {
    if (loser.namespace === oldest.namespace) continue
    refuse(loser, `spec.modelName: ${modelName} belongs to namespace ${oldest.namespace} (${oldest.id} comes first)`)
  }
  const typeGiver = ours.filter(isModel).toSorted(compareAge)[0]
  const modelType = typeGiver?.resource.spec.modelType ?? 'LLM'
  const members = ours.filter((member) => {
    if (typeGiver === undefined || !isModel(member) || member.resource.spec.modelType === modelType) return true
    refuse(member, `spec.modelType: ${modelName} is of type ${modelType} already (${typeGiver.id} comes first)`)
    return false
  })
  members.sort((a, b) => compareText(a.id, b.id) || compareText(a.resource.kind, b.resource.kind))
  return { modelName, namespace: oldest.namespace, members, oldest, modelType }
}

function refuse(loser: Member, message: string): void {
  loser.draft.conflict = { reason: 'NameConflict', message }
  // It may say that an older version is served, and none is.
  loser.draft.degraded = []
}
