// What one reflector mirrors, and the request paths for it. No I/O.

/** Any plain object that still has its identity. */
export type ReducedObject = Readonly<{
  apiVersion: string
  kind: string
  metadata: Readonly<Record<string, unknown>>
}>

export type ReflectedCollection = Readonly<{
  kind: string
  /** Empty for the core group. */
  group: string
  version: string
  plural: string
  /** None: all namespaces. */
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  /** True when an API server without this kind (404) is as good as one without objects of it. */
  isOptional: boolean
  /** True when objects that may not be read (403) are as good as none, but for the problem that it is. */
  mayBeForbidden?: boolean
  /** What is kept of an object. Of two versions that come to the same the first stays, and nothing has changed. */
  reduce?: (object: Readonly<Record<string, unknown>>) => ReducedObject
}>

/** `limit` 0 asks for everything at once; `continueToken` is the one of the page before, or empty. */
export function renderListPath(collection: ReflectedCollection, limit: number, continueToken: string): string {
  const query = new URLSearchParams()
  if (limit > 0) query.set('limit', String(limit))
  if (continueToken !== '') query.set('continue', continueToken)
  return renderPath(collection, query)
}

/** A watch of what comes after `resourceVersion`, ended by the server after `timeoutSeconds`. */
export function renderWatchPath(
  collection: ReflectedCollection,
  resourceVersion: string,
  timeoutSeconds: number,
): string {
  const query = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(timeoutSeconds),
  })
  return renderPath(collection, query)
}

function renderPath(collection: ReflectedCollection, query: URLSearchParams): string {
  const { group, version, plural, namespace, labelSelector, fieldSelector } = collection
  if (labelSelector !== undefined) query.set('labelSelector', labelSelector)
  if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector)
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  const search = query.toString()
  return `${root}${scope}/${plural}${search === '' ? '' : `?${search}`}`
}
