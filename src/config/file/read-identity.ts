// Which object a manifest object is, as far as that can be said even of a broken one, and what a file may say of
// metadata: names, labels, annotations and age. The rest of it is the API server's and is dropped.
import type { ObjectMeta } from '../../api/resource.ts'
import { isRecord } from '../../is-record.ts'
import { suggestName } from '../validation/suggest-name.ts'
import { appendField, type FieldProblem } from '../validation/validation-problem.ts'

export type ObjectIdentity = Readonly<{
  kind: string
  /** `AIModel/default/gemma`. */
  key: string
  /** With a namespace: `default` where unsaid. */
  metadata: ObjectMeta
}>

/** `kubectl apply` leaves the whole object in here, values of Secrets included. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
const metadataFields: readonly string[] = [
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
]

/** Null for what has no kind or no name: it can't be rejected by name. */
export function readIdentity(value: unknown): ObjectIdentity | null {
  if (!isRecord(value) || !isRecord(value.metadata)) return null
  const { kind, metadata } = value
  const { name } = metadata
  if (typeof kind !== 'string' || kind === '' || typeof name !== 'string' || name === '') return null
  const namespace = typeof metadata.namespace === 'string' && metadata.namespace !== '' ? metadata.namespace : 'default'
  return { kind, key: `${kind}/${namespace}/${name}`, metadata: pickMetadata(name, namespace, metadata) }
}

/** Misspelt fields of metadata (`lables`), which the validator lets pass. */
export function findUnknownMetadata(value: unknown): readonly FieldProblem[] {
  if (!isRecord(value) || !isRecord(value.metadata)) return []
  return Object.keys(value.metadata)
    .filter((field) => !metadataFields.includes(field))
    .map((field) => {
      const hint = suggestName(field, metadataFields)
      const reason = hint === null ? 'unknown field' : `unknown field; did you mean ${hint}?`
      return { path: appendField('metadata', field), reason }
    })
}

function pickMetadata(name: string, namespace: string, metadata: Readonly<Record<string, unknown>>): ObjectMeta {
  const { creationTimestamp } = metadata
  const labels = readStrings(metadata.labels)
  const annotations = readStrings(metadata.annotations)
  return {
    name,
    namespace,
    ...(typeof creationTimestamp === 'string' ? { creationTimestamp } : {}),
    ...(labels === null ? {} : { labels }),
    ...(annotations === null ? {} : { annotations }),
  }
}

function readStrings(map: unknown): Readonly<Record<string, string>> | null {
  if (!isRecord(map)) return null
  const entries = Object.entries(map)
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== lastApplied),
  )
}
