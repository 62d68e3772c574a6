// The strict check before a signature is looked at (C2): a compact JWS (RFC 7515) in its one spelling, with a header that
// asks for nothing unusual. What it lets through is as its bytes say, not yet true.

import { isUtf8 } from 'node:buffer'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { JsonScanner } from '../../wire/json-scanner.ts'
import { parseAlgorithm, type TokenAlgorithm } from './algorithms.ts'

export type Claims = Readonly<Record<string, unknown>>

/** A token that nobody has vouched for yet. */
export type ParsedToken = Readonly<{
  text: string
  algorithm: TokenAlgorithm
  /** For looking a key up, and for nothing else. */
  keyId: string | null
  claims: Claims
}>

export const maxTokenLength = 16_383

const shape = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** Could it be a token at all? Everything else is a key, and an unknown one. */
export function isTokenShaped(text: string): boolean {
  return text.length <= maxTokenLength && shape.test(text)
}

/** The answer every token that is refused gets; `detail` is for the log and holds nothing of the token. */
export function refuseToken(detail: string): GatewayError {
  return new GatewayError('invalid_api_key', `token: ${detail}`)
}

/** Throws `invalid_api_key`. */
export function parseToken(text: string): ParsedToken {
  if (!isTokenShaped(text)) throw refuseToken('not three parts of base64url')
  const [headerPart = '', claimsPart = '', signaturePart = ''] = text.split('.')
  const header = parseObject(decodePart(headerPart, 'header'), 'header')
  const algorithm = parseAlgorithm(readOwn(header, 'alg'))
  if (algorithm === null) throw refuseToken('alg is none of the allowed ones')
  // No extension is understood, so one that must be (RFC 7515 section 4.1.11) is reason enough; b64 is one (RFC 7797).
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) throw refuseToken('crit or b64 in its header')
  checkType(readOwn(header, 'typ'))
  const keyId = readOwn(header, 'kid')
  if (keyId !== undefined && typeof keyId !== 'string') throw refuseToken('kid is not a string')
  const claims = parseObject(decodePart(claimsPart, 'claims'), 'claims')
  decodePart(signaturePart, 'signature')
  return { text, algorithm, keyId: keyId ?? null, claims }
}

/** A member that the object has itself: `constructor` and the like are none. */
export function readOwn(object: Claims, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** Types are told apart so that what was signed for something else is no key (RFC 8725 section 3.11, RFC 9068). */
function checkType(type: unknown): void {
  if (type === undefined) return
  const name = typeof type === 'string' ? type.toLowerCase().replace(/^application\//, '') : ''
  if (name !== 'jwt' && name !== 'at+jwt') throw refuseToken('typ is not a token of access')
}

/** Many spellings decode to the same bytes; only the one that encoding them gives is taken. */
function decodePart(part: string, name: string): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') !== part) throw refuseToken(`${name} is not canonical base64url`)
  return bytes
}

/** Strict JSON of 256 levels at most. A member twice at the top is two tokens in one: who reads the first, who the last? */
function parseObject(bytes: Buffer, name: string): Claims {
  if (!isUtf8(bytes)) throw refuseToken(`${name} is not UTF-8`)
  try {
    const scanner = new JsonScanner(bytes)
    const seen = new Set<string>()
    scanner.openObject()
    while (scanner.hasMember()) {
      const key = scanner.readKey()
      if (seen.has(key)) throw refuseToken(`${name} has a member twice`)
      seen.add(key)
      scanner.skipValue(1)
    }
    scanner.end()
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'invalid_api_key') throw error
    throw refuseToken(`${name} is not a JSON object`)
  }
  const value: unknown = JSON.parse(bytes.toString('utf8'))
  if (!isRecord(value)) throw refuseToken(`${name} is not a JSON object`)
  return value
}
