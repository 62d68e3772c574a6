// Who is calling: one hash and one map read, the same work for a right, a wrong and an unknown key (C8).
import { hash } from 'node:crypto'
import type { KeySet } from '../../routing/key-set.ts'
import type { TokenBinder, TokenIndex } from '../jwt/token-index.ts'
import { bindCaller, type Caller } from './caller.ts'

/** Keys and tokens of some key sets. */
export type KeyIndex = Readonly<{
  /** By digest. One may stand in several sets: one caller each. */
  callers: ReadonlyMap<string, readonly Caller[]>
  /** Null: no token is accepted. */
  tokens: TokenIndex | null
}>

/** Later sets don't replace earlier ones: a key that two teams hold is one caller in each. */
export function bindKeyIndex(keySets: readonly KeySet[], tokens: TokenBinder): KeyIndex {
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
  return { callers: index, tokens: tokens.bind(keySets) }
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

/** SHA-256 (hex) of what was presented: what it is looked up by, so that it is compared with nothing. */
export function digestPresented(key: string): string {
  return hash('sha256', key, 'hex')
}

/** The callers that hold this key among the index's sets; undefined for an unknown one, and for what can't be a key. */
export function findCallers({ callers }: KeyIndex, key: string, digest: string): readonly Caller[] | undefined {
  const found = callers.get(digest)
  return key === '' ? undefined : found
}
