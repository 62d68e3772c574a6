// What the registered claims (RFC 7519 section 4.1) must say. Pure: the time is handed in.
import type { TokenIssuer } from '../../routing/key-set.ts'
import { type Claims, readOwn, refuseToken } from './parse-token.ts'

/** How far clocks may differ, for exp, nbf and iat alike. */
export const leewayMs = 60_000

/** A time that dates can hold; more is no time but an attempt. */
const maxSeconds = 8.64e12

/**
 * `exp` must be there; it, `nbf` and `iat` are numbers of seconds. Returns until when the token is good, leeway
 * included, in milliseconds: at that moment it no longer is. Throws `invalid_api_key`.
 */
export function checkTimes(claims: Claims, nowMs: number): number {
  const expiresMs = readMs(claims, 'exp')
  if (expiresMs === null) throw refuseToken('exp is missing')
  const notBeforeMs = readMs(claims, 'nbf')
  const issuedMs = readMs(claims, 'iat')
  if (nowMs >= expiresMs + leewayMs) throw refuseToken('expired')
  if (notBeforeMs !== null && nowMs < notBeforeMs - leewayMs) throw refuseToken('not valid yet (nbf)')
  if (issuedMs !== null && nowMs < issuedMs - leewayMs) throw refuseToken('issued in the future (iat)')
  return expiresMs + leewayMs
}

/** `aud` is a string or a list of strings (RFC 7519 section 4.1.3); one must be ours. Throws `invalid_api_key`. */
export function checkAudience(claims: Claims, { audiences }: TokenIssuer): void {
  if (audiences === null) return
  const claim = readOwn(claims, 'aud')
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
  if (!values.every((value) => typeof value === 'string')) throw refuseToken('aud is neither a string nor a list')
  if (!values.some((value) => audiences.includes(value))) throw refuseToken('for another audience')
}

/** Null: not there. */
function readMs(claims: Claims, name: string): number | null {
  const value = readOwn(claims, name)
  if (value === undefined) return null
  if (typeof value !== 'number' || !(Math.abs(value) <= maxSeconds)) throw refuseToken(`${name} is not a time`)
  return value * 1000
}
