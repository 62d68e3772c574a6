// Which signature algorithms are taken (RFC 7518, RFC 8037, RFC 9864) and which kind of key each needs. A list of what
// is allowed: `none` and the HMACs, whose secret would be a public key (RFC 8725 section 2.1), are on no list.

export type KeyKind = 'RSA' | 'P-256' | 'P-384' | 'P-521' | 'Ed25519'

export type TokenAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'

const kinds: ReadonlyMap<string, readonly [TokenAlgorithm, KeyKind]> = new Map([
  entry('RS256', 'RSA'),
  entry('RS384', 'RSA'),
  entry('RS512', 'RSA'),
  entry('PS256', 'RSA'),
  entry('PS384', 'RSA'),
  entry('PS512', 'RSA'),
  entry('ES256', 'P-256'),
  entry('ES384', 'P-384'),
  entry('ES512', 'P-521'),
  entry('EdDSA', 'Ed25519'),
  entry('Ed25519', 'Ed25519'),
])

function entry(algorithm: TokenAlgorithm, kind: KeyKind): readonly [string, readonly [TokenAlgorithm, KeyKind]] {
  return [algorithm, [algorithm, kind]]
}

/** The name in exactly this spelling, or null for everything else. */
export function parseAlgorithm(value: unknown): TokenAlgorithm | null {
  return typeof value === 'string' ? (kinds.get(value)?.[0] ?? null) : null
}

export function readKeyKind(algorithm: TokenAlgorithm): KeyKind | null {
  return kinds.get(algorithm)?.[1] ?? null
}

/** Two names of one algorithm: RFC 9864 calls `Ed25519` what RFC 8037 calls `EdDSA`. */
export function isSameAlgorithm(a: TokenAlgorithm, b: TokenAlgorithm): boolean {
  return a === b || (readKeyKind(a) === 'Ed25519' && readKeyKind(b) === 'Ed25519')
}
