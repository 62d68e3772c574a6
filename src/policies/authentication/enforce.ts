// Who is calling: one hash and one map read, the same work for a right, a wrong and an unknown key (C8).
import { hash } from 'node:crypto'
import type { Consumer, KeySet } from '../../routing/key-set.ts'
import type { Limit } from '../../routing/limit.ts'

/** An authenticated caller. `models` null: every model. */
export type Caller = Readonly<{
  consumer: string
  keySetId: string
  /** Exact names and `*` globs of what it may use, or null for everything. */
  models: readonly string[] | null
  /** Its own, besides those of the route. */
  limits: readonly Limit[]
  /** A name from the configuration, for metrics: `policy/consumer`, or `policy/defaults` for one no policy names. */
  group: string
}>

/** Keys of some key sets, by digest. A digest may stand in several sets: one caller each. */
export type KeyIndex = ReadonlyMap<string, readonly Caller[]>

/** Later sets don't replace earlier ones: a key that two teams hold is one caller in each. */
export function bindKeyIndex(keySets: readonly KeySet[]): KeyIndex {
  const index = new Map<string, Caller[]>()
  for (const keySet of keySets) {
    const callersByName = new Map(keySet.consumers.map((consumer) => [consumer.name, bindCaller(keySet, consumer)]))
    for (const { digest, consumer } of keySet.keys) {
      const caller = callersByName.get(consumer)
      if (caller === undefined) continue
      const callers = index.get(digest)
      if (callers === undefined) index.set(digest, [caller])
      else callers.push(caller)
    }
  }
  return index
}

/** `consumer`: one of the set's, or one that only a token names. */
export function bindCaller(keySet: KeySet, { name, isNamed, models, limits }: Consumer): Caller {
  const group = `${keySet.id}/${isNamed ? name : 'defaults'}`
  return { consumer: name, keySetId: keySet.id, models, limits, group }
}

export type PresentedKey = Readonly<{ authorization: string | null; xApiKey: string | null; apiKey: string | null }>

/**
 * The key as presented: `Authorization: Bearer` (scheme in any case, RFC 7235 section 2.1), `x-api-key`, `api-key`.
 * Null: none. An empty string: something that can't be a key. Two different keys are also no key.
 */
export function readPresentedKey(head: PresentedKey): string | null {
  let key = head.xApiKey ?? head.apiKey
  if (head.xApiKey !== null && head.apiKey !== null && head.xApiKey !== head.apiKey) return ''
  if (head.authorization !== null) {
    const bearer = readBearer(head.authorization)
    if (key !== null && key !== bearer) return ''
    key = bearer
  }
  return key
}

function readBearer(authorization: string): string {
  if (authorization.length < 8 || authorization.slice(0, 7).toLowerCase() !== 'bearer ') return ''
  const token = authorization.slice(7)
  return /[\s,]/.test(token) ? '' : token
}

/** The callers that hold this key among the index's sets; undefined for an unknown one, and for what can't be a key. */
export function findCallers(index: KeyIndex, key: string): readonly Caller[] | undefined {
  const callers = index.get(hash('sha256', key, 'hex'))
  return key === '' ? undefined : callers
}
