// An API object as it is kept: parsed no further than its identity, without the metadata nobody reads.
import { isRecord } from '../../is-record.ts'
import type { ReflectedCollection } from './reflected-collection.ts'

/** Any object of the API. Only `metadata` is known to be there; everything else is still to be parsed. */
export type KubernetesObject = Readonly<{
  apiVersion: string
  kind: string
  metadata: Readonly<Record<string, unknown>>
  [field: string]: unknown
}>

const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * An item of a list or the object of a watch event, or null when it has no metadata. `apiVersion` and `kind` are the
 * collection's: items of a list of Secrets come without them. `managedFields` and kubectl's copy of the manifest,
 * often more than half of an object, are dropped.
 */
export function parseKubernetesObject(value: unknown, collection: ReflectedCollection): KubernetesObject | null {
  if (!isRecord(value) || !isRecord(value.metadata)) return null
  const { managedFields: _, annotations, ...kept } = value.metadata
  const metadata = annotations === undefined ? kept : { ...kept, annotations: dropLastApplied(annotations) }
  const object = { ...value, apiVersion: readApiVersion(collection), kind: collection.kind, metadata }
  return collection.reduce === undefined ? object : { ...collection.reduce(object) }
}

function dropLastApplied(annotations: unknown): unknown {
  if (!isRecord(annotations) || !(lastAppliedAnnotation in annotations)) return annotations
  const { [lastAppliedAnnotation]: _, ...kept } = annotations
  return kept
}

function readApiVersion(collection: ReflectedCollection): string {
  return collection.group === '' ? collection.version : `${collection.group}/${collection.version}`
}

/** Identity within a collection; sorts by namespace, then name, as code units. An object without a name goes by its uid. */
export function readStoreKey(object: KubernetesObject): string {
  const { namespace, name, uid } = object.metadata
  return `${readText(namespace)}\0${readText(name) || readText(uid)}`
}

/** Opaque: only ever compared for equality. Empty when there is none. */
export function readResourceVersion(object: KubernetesObject): string {
  return readText(object.metadata.resourceVersion)
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
