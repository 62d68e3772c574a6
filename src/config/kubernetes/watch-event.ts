// One line of a watch, parsed: the boundary between untrusted bytes and the reflector.

import { isRecord } from '../../is-record.ts'
import { type ApiError, parseStatusEvent } from './api-error.ts'
import { type KubernetesObject, parseKubernetesObject } from './kubernetes-object.ts'
import type { ReflectedCollection } from './reflected-collection.ts'

export type WatchEvent =
  | Readonly<{ type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: KubernetesObject }>
  | Readonly<{ type: 'ERROR'; error: ApiError }>
  /** A type of event that this version does not know: harmless, but there to be logged. */
  | Readonly<{ type: 'UNKNOWN'; object: KubernetesObject }>

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes. Throws on what is no event, quoting nothing of it. */
export function parseWatchEvent(line: string, collection: ReflectedCollection): WatchEvent {
  const value = parseJson(line)
  if (!isRecord(value) || typeof value.type !== 'string') throw new SyntaxError('not a watch event')
  if (value.type === 'ERROR') return { type: 'ERROR', error: parseStatusEvent(value.object) }
  const object = parseKubernetesObject(value.object, collection)
  if (object === null) throw new SyntaxError('a watch event without metadata')
  switch (value.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type: value.type, object }
    default:
      return { type: 'UNKNOWN', object }
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new SyntaxError('a watch event that is not JSON')
  }
}
