// Whose token it is: the claims that a policy names, of a token whose signature has been checked.
import type { TokenIssuer } from '../../routing/key-set.ts'
import { type Claims, readOwn, refuseToken } from './parse-token.ts'

export type TokenSubject = Readonly<{
  consumer: string
  /** Names and globs; null: the token does not say. */
  models: readonly string[] | null
}>

const maxConsumerLength = 256
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u
const nothing: readonly string[] = Object.freeze([])

/** Throws `invalid_api_key` where the consumer is not named by a sane string. */
export function readSubject(claims: Claims, { consumerClaim, modelsClaim }: TokenIssuer): TokenSubject {
  const consumer = readOwn(claims, consumerClaim)
  if (typeof consumer !== 'string' || consumer === '' || consumer.length > maxConsumerLength) {
    throw refuseToken('the consumer claim is not a string of 1 to 256 characters')
  }
  // It becomes a part of counters' names and of log lines.
  if (!consumer.isWellFormed() || control.test(consumer)) throw refuseToken('the consumer claim is not clean text')
  return { consumer, models: modelsClaim === null ? null : readModels(claims, modelsClaim) }
}

/** A list of strings, or one string with spaces between. Of any other form it allows nothing: a guess could be too much. */
function readModels(claims: Claims, name: string): readonly string[] | null {
  const claim = readOwn(claims, name)
  if (claim === undefined) return null
  const names: readonly unknown[] =
    typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : nothing
  const models = names.filter((model) => typeof model === 'string')
  return models.length === names.length ? models.filter((model) => model !== '') : nothing
}
