// Who is calling: one hash and one map read, the same work for a right, a wrong and an unknown key (C8).
import { hash } from 'node:crypto'
import type { KeySet } from '../../routing/table.ts'

/** An authenticated caller. `models` null: every model. */
export type Caller = Readonly<{
  consumer: string
  keySetId: string
  /** Exact names and `*` globs of what it may use, or null for everything. */
  models: readonly string[] | null
}>

/** Keys of some key sets, by digest. A digest may stand in several sets: one caller each. */
export type KeyIndex = ReadonlyMap<string, readonly Caller[]>

/** Later sets don't replace earlier ones: a key that two teams hold is one caller in each. */
export function bindKeyIndex(keySets: readonly KeySet[]): KeyIndex {
  const index = new Map<string, Caller[]>()
  for (const keySet of keySets) {
    const modelsOf = new Map(keySet.consumers.map((consumer) => [consumer.name, consumer.models]))
    for (const { digest, consumer } of keySet.keys) {
      const caller: Caller = { consumer, keySetId: keySet.id, models: modelsOf.get(consumer) ?? null }
      const callers = index.get(digest)
      if (callers === undefined) index.set(digest, [caller])
      else callers.push(caller)
    }
  }
  return index
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
