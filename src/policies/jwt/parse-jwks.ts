// From the text of a JWK set (RFC 7517) to the keys that may check a token's signature. The key policy is here: what is
// weak, odd or for something else is left out. No network, no jose: the compiler asks this too.
import { createPublicKey, type KeyObject } from 'node:crypto'
import { isRecord } from '../../is-record.ts'
import { isSameAlgorithm, type KeyKind, parseAlgorithm, readKeyKind, type TokenAlgorithm } from './algorithms.ts'

type JsonObject = Readonly<Record<string, unknown>>

export type TokenKey = Readonly<{
  keyId: string | null
  kind: KeyKind
  /** The only one it is for, where the JWK says so. */
  algorithm: TokenAlgorithm | null
  key: KeyObject
}>

/** One version of an issuer's keys. What was checked with it is true for as long as the object is the current one. */
export type TokenKeySet = Readonly<{ keys: readonly TokenKey[] }>

export type ParsedJwks = Readonly<{
  /** Null: not a key set, or one without a usable key. */
  keySet: TokenKeySet | null
  /** Why it is none, or which keys are left out: public text that holds nothing of the keys. */
  problems: readonly string[]
  /** It holds what only the issuer may know: whoever wrote it down has published it. */
  hasPrivateKey: boolean
}>

const maxKeys = 100
/** RFC 7518 section 3.3 and NIST SP 800-131A; the upper bound is for our own time. */
const minRsaBits = 2_048
const maxRsaBits = 8_192
/** FIPS 186-5 section 5.4: odd and over 2^16. With e = 1 everything is its own signature; 3 has been forged in practice. */
const minRsaExponent = 65_537n
const maxRsaExponent = 0xffff_ffffn

/** Those of RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

const coordinateBytes = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const

export function parseJwks(text: string): ParsedJwks {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return fail('it is not JSON')
  }
  const entries: unknown = isRecord(document) && Object.hasOwn(document, 'keys') ? document.keys : undefined
  if (!Array.isArray(entries)) return fail('it is not a JSON object with a list of keys')
  if (entries.length > maxKeys) return fail(`it has more than ${maxKeys} keys`)
  const keys: TokenKey[] = []
  const problems: string[] = []
  let hasPrivateKey = false
  entries.forEach((entry: unknown, index) => {
    const isPrivate = isRecord(entry) && privateMembers.some((name) => Object.hasOwn(entry, name))
    hasPrivateKey ||= isPrivate
    const key = isPrivate ? 'has private members' : parseKey(entry)
    if (typeof key === 'string') problems.push(`key ${index + 1} ${key}`)
    else keys.push(key)
  })
  if (keys.length === 0) problems.push('it has no usable key')
  return { keySet: keys.length === 0 ? null : { keys }, problems, hasPrivateKey }
}

/** Those that may have signed: the right kind, free or meant for this algorithm, and of this id if the token gives one. */
export function findKeys(
  { keys }: TokenKeySet,
  token: Readonly<{ keyId: string | null; algorithm: TokenAlgorithm }>,
): readonly TokenKey[] {
  const { keyId, algorithm } = token
  const kind = readKeyKind(algorithm)
  return keys.filter(
    (key) =>
      key.kind === kind &&
      (keyId === null || key.keyId === keyId) &&
      (key.algorithm === null || isSameAlgorithm(key.algorithm, algorithm)),
  )
}

function fail(problem: string): ParsedJwks {
  return { keySet: null, problems: [problem], hasPrivateKey: false }
}

/** The key, or why it can't be used. */
function parseKey(entry: unknown): TokenKey | string {
  if (!isRecord(entry)) return 'is not an object'
  const { kid, use, key_ops: operations, alg } = entry
  if (kid !== undefined && typeof kid !== 'string') return 'has a kid that is not a string'
  if (use !== undefined && use !== 'sig') return 'is not for signatures (use)'
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return 'is not for checking signatures (key_ops)'
  }
  const algorithm = alg === undefined ? null : parseAlgorithm(alg)
  if (alg !== undefined && algorithm === null) return 'is for an algorithm that is not taken (alg)'
  const imported = importKey(entry)
  if (typeof imported === 'string') return imported
  if (algorithm !== null && readKeyKind(algorithm) !== imported.kind) return 'does not fit its own alg'
  return { keyId: kid ?? null, algorithm, ...imported }
}

function importKey(entry: JsonObject): Readonly<{ kind: KeyKind; key: KeyObject }> | string {
  const { kty, crv } = entry
  if (kty === 'RSA') return importRsa(entry)
  if (kty === 'EC' && (crv === 'P-256' || crv === 'P-384' || crv === 'P-521')) {
    const x = readNumber(entry.x, coordinateBytes[crv])
    const y = readNumber(entry.y, coordinateBytes[crv])
    if (x === null || y === null) return 'has coordinates of the wrong size'
    return importJwk({ kty, crv, x, y }, crv)
  }
  if (kty === 'OKP' && crv === 'Ed25519') {
    const x = readNumber(entry.x, 32)
    if (x === null) return 'has a public key of the wrong size'
    return importJwk({ kty, crv, x }, crv)
  }
  return 'is of a kind or curve that is not taken'
}

function importRsa(entry: JsonObject): Readonly<{ kind: KeyKind; key: KeyObject }> | string {
  const n = readNumber(entry.n)
  const e = readNumber(entry.e)
  if (n === null || e === null) return 'has a modulus or exponent that is none'
  const imported = importJwk({ kty: 'RSA', n, e }, 'RSA')
  if (typeof imported === 'string') return imported
  const { modulusLength = 0, publicExponent = 0n } = imported.key.asymmetricKeyDetails ?? {}
  if (modulusLength < minRsaBits || modulusLength > maxRsaBits) {
    return `is an RSA key of ${modulusLength} bits, not ${minRsaBits} to ${maxRsaBits}`
  }
  if (publicExponent < minRsaExponent || publicExponent > maxRsaExponent || publicExponent % 2n === 0n) {
    return 'is an RSA key whose exponent is not odd, at least 65537 and under 2^32'
  }
  return imported
}

function importJwk(jwk: Record<string, string>, kind: KeyKind): Readonly<{ kind: KeyKind; key: KeyObject }> | string {
  try {
    return { kind, key: createPublicKey({ key: jwk, format: 'jwk' }) }
  } catch {
    return 'is not a key'
  }
}

/** Canonical base64url of as many bytes, or of 1 to 2,048; null: anything else. */
function readNumber(value: unknown, length: number | null = null): string | null {
  if (typeof value !== 'string' || value === '') return null
  const bytes = Buffer.from(value, 'base64url')
  if (bytes.toString('base64url') !== value) return null
  return (length === null ? bytes.length <= 2_048 : bytes.length === length) ? value : null
}
