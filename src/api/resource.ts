// The shapes all Kubernetes objects share, and the built-in kinds Sluice reads. No behaviour.

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ (the part we read) */
export type ObjectMeta = Readonly<{
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  /** RFC 3339. */
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Readonly<Record<string, string>>
  annotations?: Readonly<Record<string, string>>
}>

export type Resource<Spec = unknown, Status = unknown> = Readonly<{
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  spec: Spec
  status?: Status
}>

/** core/v1. `data` is base64; `stringData` is the write-only convenience form, read from files. */
export type Secret = Readonly<{
  apiVersion: string
  kind: 'Secret'
  metadata: ObjectMeta
  type?: string
  data?: Readonly<Record<string, string>>
  stringData?: Readonly<Record<string, string>>
}>

/** gateway.networking.k8s.io/v1beta1 */
export type ReferenceGrant = Resource<
  Readonly<{
    from: readonly Readonly<{ group: string; kind: string; namespace: string }>[]
    to: readonly Readonly<{ group: string; kind: string; name?: string }>[]
  }>
>

/** `namespace` of an object, `default` where a file leaves it out. */
export function readNamespace(resource: { metadata: ObjectMeta }): string {
  return resource.metadata.namespace ?? 'default'
}

/** Identity of an object among all kinds: `AIModel/default/gemma`. */
export function readObjectKey(resource: { kind: string; metadata: ObjectMeta }): string {
  return `${resource.kind}/${readNamespace(resource)}/${resource.metadata.name}`
}
