// A mirrored object → the typed resource the compiler reads, or a rejected one. The API server has validated, defaulted
// and pruned it, but perhaps by an older schema: nothing here may throw.
import type { AIAuthPolicy } from '../../api/generated/ai-auth-policy.ts'
import type { AIGatewayRoute } from '../../api/generated/ai-gateway-route.ts'
import type { AIModel } from '../../api/generated/ai-model.ts'
import type { LLMModelConfig } from '../../api/generated/llm-model-config.ts'
import type { ObjectMeta, ReferenceGrant, Resource, Secret } from '../../api/resource.ts'
import type { RejectedResource } from '../../api/resource-set.ts'
import type { EndpointSlice, Service } from '../../api/service.ts'
import { isRecord } from '../../is-record.ts'
import type { KubernetesObject } from './kubernetes-object.ts'

/** What the offline validator (config/validation) says of one object: schema, CEL rules, defaults. No resource: rejected. */
export type ValidateObject = (
  object: KubernetesObject,
) => Readonly<{ resource: Resource | null; problems: readonly Readonly<{ path: string; reason: string }>[] }>

export type ParsedResource<T> = Readonly<{ resource: T } | { rejected: RejectedResource }>

/** Says what keeps an object from being of its type: `spec: is missing`, one line each; none when it is. */
type FindFaults = (object: KubernetesObject) => readonly string[]

/** `isShape` is the kind's own guard, below. Frozen all through. */
export function parseResource<T>(
  object: KubernetesObject,
  isShape: (value: unknown) => value is T,
  findFaults: FindFaults,
  validate: ValidateObject | null,
): ParsedResource<T> {
  const faults = [...findMetadataFaults(object), ...findFaults(object)]
  if (faults.length > 0) return { rejected: reject(object, faults) }
  if (validate === null)
    return isShape(object) ? { resource: deepFreeze(object) } : { rejected: reject(object, ['kind: unexpected']) }
  const { resource, problems } = runValidator(validate, object)
  // Problems beside a resource are fields that only a newer schema than ours has: no reason to turn it away.
  if (resource !== null) {
    const whole = 'status' in object ? { ...resource, status: object.status } : resource
    if (isShape(whole)) return { resource: deepFreeze(whole) }
  }
  const messages = problems.map(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`))
  return { rejected: reject(object, messages.length > 0 ? messages : ['is not valid']) }
}

function runValidator(validate: ValidateObject, object: KubernetesObject): ReturnType<ValidateObject> {
  try {
    return validate(object)
  } catch {
    return { resource: null, problems: [{ path: '', reason: 'could not be validated' }] }
  }
}

function findMetadataFaults(object: KubernetesObject): readonly string[] {
  return ['name', 'namespace'].flatMap((field) => {
    const value = object.metadata[field]
    return typeof value === 'string' && value !== '' ? [] : [`metadata.${field}: is missing`]
  })
}

export const findSpecFaults: FindFaults = (object) => (isRecord(object.spec) ? [] : ['spec: is missing'])

export const findGrantFaults: FindFaults = (object) => {
  const spec = object.spec
  if (!isRecord(spec)) return ['spec: is missing']
  return ['from', 'to'].flatMap((field) => {
    const entries = spec[field]
    return Array.isArray(entries) && entries.every(isRecord) ? [] : [`spec.${field}: must be a list of objects`]
  })
}

export const findSecretFaults: FindFaults = (object) => {
  const data = object.data ?? {}
  return isRecord(data) && Object.values(data).every((value) => typeof value === 'string')
    ? []
    : ['data: must hold strings']
}

export const isAIModel = (value: unknown): value is AIModel => isKind(value, 'AIModel')
export const isAIGatewayRoute = (value: unknown): value is AIGatewayRoute => isKind(value, 'AIGatewayRoute')
export const isAIAuthPolicy = (value: unknown): value is AIAuthPolicy => isKind(value, 'AIAuthPolicy')
export const isLLMModelConfig = (value: unknown): value is LLMModelConfig => isKind(value, 'LLMModelConfig')
export const isSecret = (value: unknown): value is Secret => isKind(value, 'Secret')
export const isService = (value: unknown): value is Service => isKind(value, 'Service')
export const isEndpointSlice = (value: unknown): value is EndpointSlice => isKind(value, 'EndpointSlice')
export const isReferenceGrant = (value: unknown): value is ReferenceGrant => isKind(value, 'ReferenceGrant')

/** The kind's schema is the API server's affair; what it guarantees and the fault finders above check is taken as given. */
function isKind(value: unknown, kind: string): boolean {
  return isRecord(value) && value.kind === kind
}

function reject(object: KubernetesObject, messages: readonly string[]): RejectedResource {
  // A Secret's values don't leave its own type.
  const raw = object.kind === 'Secret' ? null : deepFreeze(object)
  return deepFreeze({ kind: object.kind, metadata: pickMetadata(object), raw, location: '', messages })
}

function pickMetadata(object: KubernetesObject): ObjectMeta {
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp } = object.metadata
  return {
    name: typeof name === 'string' && name !== '' ? name : '(unnamed)',
    ...pickText('namespace', namespace),
    ...pickText('uid', uid),
    ...pickText('resourceVersion', resourceVersion),
    ...(typeof generation === 'number' ? { generation } : {}),
    ...pickText('creationTimestamp', creationTimestamp),
    ...pickText('deletionTimestamp', deletionTimestamp),
  }
}

function pickText(field: keyof ObjectMeta, value: unknown): Partial<ObjectMeta> {
  return typeof value === 'string' ? { [field]: value } : {}
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
