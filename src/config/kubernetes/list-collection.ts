// Reads a collection whole, page by page. What a page costs and when to give up is the caller's.
import { ApiError } from './api-error.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { type ListPage, parseListPage } from './list-page.ts'
import { type ReflectedCollection, renderListPath } from './reflected-collection.ts'

export type ListedCollection = Readonly<{
  objects: readonly KubernetesObject[]
  /** Where a watch goes on. */
  resourceVersion: string
}>

export type ListRequests = Readonly<{
  /** The body of a 200; rejects with an ApiError for anything else. */
  getBody(path: string): Promise<string>
  /** Resolves to false when the time was cut short and nothing more is wanted. */
  wait(delayMs: number): Promise<boolean>
}>

const pageLimit = 500

/** Rejects with what stopped it. No resourceVersion is asked for: the answer is the present state, never an older one. */
export async function listCollection(
  collection: ReflectedCollection,
  requests: ListRequests,
): Promise<ListedCollection> {
  const first = await getPage(collection, requests, pageLimit, '')
  const objects = [...first.objects]
  let { continueToken } = first
  while (continueToken !== '') {
    try {
      const page = await getPage(collection, requests, pageLimit, continueToken)
      for (const object of page.objects) objects.push(object)
      continueToken = page.continueToken
    } catch (error) {
      if (!(error instanceof ApiError && error.isExpired)) throw error
      // The snapshot that the pages are cut from was compacted away between two of them: all of it in one, as client-go.
      const { objects: all, resourceVersion } = await getPage(collection, requests, 0, '')
      return { objects: all, resourceVersion }
    }
  }
  return { objects, resourceVersion: first.resourceVersion }
}

async function getPage(
  collection: ReflectedCollection,
  { getBody, wait }: ListRequests,
  limit: number,
  continueToken: string,
): Promise<ListPage> {
  for (;;) {
    try {
      return parseListPage(await getBody(renderListPath(collection, limit, continueToken)), collection)
    } catch (error) {
      // Throttled between two pages: those already here stay good.
      const isThrottled = error instanceof ApiError && error.status === 429 && error.retryAfterMs !== null
      if (!isThrottled || continueToken === '' || !(await wait(error.retryAfterMs ?? 0))) throw error
    }
  }
}
