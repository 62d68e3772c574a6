// Which object a manifest object is: group, kind, namespace and name, and whether it concerns Sluice at all.
// Reads apiVersion, kind and metadata; the rest is the validator's.
import type { ObjectMeta } from '../../api/resource.ts'
import type { FieldProblem } from './check-object.ts'

export type ObjectIdentity = Readonly<{
  /** As written: of our groups it may be a kind that does not exist, and `problem` says so. */
  kind: string
  /** `AIModel/default/gemma`. */
  key: string
  /** Name, namespace (`default` where unsaid), labels, annotations, and what else was written of identity and age. */
  metadata: ObjectMeta
  problem: FieldProblem | null
}>

export type ReadIdentity =
  | Readonly<{ outcome: 'object'; identity: ObjectIdentity; value: Readonly<Record<string, unknown>> }>
  | Readonly<{ outcome: 'foreign' }>
  | Readonly<{ outcome: 'nameless'; problem: FieldProblem }>

/** Kinds by apiVersion. */
const kinds: ReadonlyMap<string, readonly string[]> = new Map([
  ['ai.example.com/v1', ['AIModel', 'AIGatewayRoute', 'AIAuthPolicy']],
  ['llm.example.com/v1', ['LLMModelConfig']],
  ['v1', ['Secret']],
  ['gateway.networking.k8s.io/v1beta1', ['ReferenceGrant']],
])
const ownGroups: ReadonlySet<string> = new Set(['ai.example.com', 'llm.example.com'])

/** RFC 1123 subdomain, as the API server asks of names. */
const objectName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const namespaceName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** `foreign`: a Kubernetes object of no concern. `nameless`: nothing that can be rejected by name. */
export function readIdentity(value: unknown): ReadIdentity {
  if (!isObject(value)) return nameless('', 'is not an object')
  const { apiVersion, kind, metadata } = value
  if (typeof apiVersion !== 'string' || apiVersion === '') return nameless('apiVersion', 'is missing')
  if (typeof kind !== 'string' || kind === '') return nameless('kind', 'is missing')
  const [group = ''] = apiVersion.split('/')
  const isKnown = kinds.get(apiVersion)?.includes(kind) === true
  if (!isKnown && !ownGroups.has(group)) return { outcome: 'foreign' }
  if (!isObject(metadata)) return nameless('metadata', 'is missing')
  const { name } = metadata
  const namespace = metadata.namespace ?? 'default'
  if (typeof name !== 'string' || name === '') return nameless('metadata.name', 'is missing')
  if (typeof namespace !== 'string') return nameless('metadata.namespace', 'must be a string')
  const problem = isKnown ? checkMetadata(name, namespace, metadata) : describeUnknownKind(apiVersion, kind)
  const identity = {
    kind,
    key: `${kind}/${namespace}/${name}`,
    metadata: pickMetadata(name, namespace, metadata),
    problem,
  }
  return { outcome: 'object', identity, value }
}

function nameless(path: string, reason: string): ReadIdentity {
  return { outcome: 'nameless', problem: { path, reason } }
}

function checkMetadata(name: string, namespace: string, metadata: Record<string, unknown>): FieldProblem | null {
  if (!objectName.test(name) || name.length > 253) {
    return { path: 'metadata.name', reason: 'must be lower case letters, digits, - and ., 253 at most' }
  }
  if (!namespaceName.test(namespace) || namespace.length > 63) {
    return { path: 'metadata.namespace', reason: 'must be lower case letters, digits and -, 63 at most' }
  }
  for (const field of ['labels', 'annotations'] as const) {
    const map = metadata[field]
    if (map === undefined || map === null) continue
    if (!isObject(map)) return { path: `metadata.${field}`, reason: 'must be an object' }
    const bad = Object.keys(map).find((key) => typeof map[key] !== 'string')
    if (bad !== undefined) return { path: `metadata.${field}.${bad}`, reason: 'must be a string: quote it' }
  }
  const created = metadata.creationTimestamp
  if (created !== undefined && created !== null && (typeof created !== 'string' || Number.isNaN(Date.parse(created)))) {
    return { path: 'metadata.creationTimestamp', reason: 'must be an RFC 3339 date and time' }
  }
  const unknown = Object.keys(metadata).find((key) => !metadataFields.has(key))
  return unknown === undefined ? null : { path: `metadata.${unknown}`, reason: 'unknown field' }
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
const metadataFields: ReadonlySet<string> = new Set([
  'name',
  'generateName',
  'namespace',
  'labels',
  'annotations',
  'finalizers',
  'managedFields',
  'ownerReferences',
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'resourceVersion',
  'selfLink',
  'uid',
])

function describeUnknownKind(apiVersion: string, kind: string): FieldProblem {
  for (const [knownVersion, known] of kinds) {
    if (known.includes(kind)) return { path: 'apiVersion', reason: `${kind} is of ${knownVersion}` }
    if (knownVersion === apiVersion) return { path: 'kind', reason: `${apiVersion} has ${known.join(', ')} only` }
  }
  return { path: 'apiVersion', reason: 'is not a version that Sluice knows' }
}

function pickMetadata(name: string, namespace: string, metadata: Record<string, unknown>): ObjectMeta {
  const { creationTimestamp, uid } = metadata
  const labels = readStrings(metadata.labels)
  const annotations = readStrings(metadata.annotations)
  return {
    name,
    namespace,
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof creationTimestamp === 'string' ? { creationTimestamp } : {}),
    ...(labels === null ? {} : { labels }),
    ...(annotations === null ? {} : { annotations }),
  }
}

/** `kubectl apply` leaves the whole object in here, values of Secrets included. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

function readStrings(map: unknown): Readonly<Record<string, string>> | null {
  if (!isObject(map)) return null
  return Object.fromEntries(
    Object.entries(map).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== lastApplied,
    ),
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
