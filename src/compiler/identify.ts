// Owns the names an object goes by. Made once for each metadata object: most of a world does not change.
import { type ObjectMeta, readNamespace } from '../api/resource.ts'

export type Identity = Readonly<{
  /** `Kind/namespace/name`. */
  key: string
  /** `namespace/name`. */
  id: string
  namespace: string
  name: string
  /** Infinity when unknown. */
  createdMs: number
}>

const known = new WeakMap<ObjectMeta, Identity>()

export function identify(kind: string, metadata: ObjectMeta): Identity {
  const earlier = known.get(metadata)
  if (earlier !== undefined) return earlier
  const namespace = readNamespace({ metadata })
  const { name, creationTimestamp } = metadata
  const id = `${namespace}/${name}`
  const identity = { key: `${kind}/${id}`, id, namespace, name, createdMs: parseCreatedMs(creationTimestamp) }
  known.set(metadata, identity)
  return identity
}

function parseCreatedMs(timestamp: string | undefined): number {
  const ms = timestamp === undefined ? Number.NaN : Date.parse(timestamp)
  return Number.isNaN(ms) ? Number.POSITIVE_INFINITY : ms
}
