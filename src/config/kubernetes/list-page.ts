// One page of a list, parsed: the boundary between untrusted bytes and the reflector.
import { isRecord } from '../../is-record.ts'
import { type KubernetesObject, parseKubernetesObject } from './kubernetes-object.ts'
import type { ReflectedCollection } from './reflected-collection.ts'

export type ListPage = Readonly<{
  objects: readonly KubernetesObject[]
  resourceVersion: string
  /** Empty on the last page. */
  continueToken: string
}>

/** Throws on anything that is no list, with a text that quotes nothing of it: it may be a list of Secrets. */
export function parseListPage(text: string, collection: ReflectedCollection): ListPage {
  const value = parseJson(text)
  const metadata = isRecord(value) && isRecord(value.metadata) ? value.metadata : {}
  const items = isRecord(value) ? (value.items ?? []) : null
  const { resourceVersion, continue: continueToken = '' } = metadata
  if (!Array.isArray(items) || typeof resourceVersion !== 'string' || resourceVersion === '') {
    throw new SyntaxError('the answer is not a list')
  }
  if (typeof continueToken !== 'string') throw new SyntaxError('the answer is not a list')
  const objects = items.map((item) => parseKubernetesObject(item, collection)).filter((object) => object !== null)
  return { objects, resourceVersion, continueToken }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new SyntaxError('the answer is not JSON')
  }
}
