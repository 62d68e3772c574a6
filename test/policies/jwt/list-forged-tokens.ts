// Hostile tokens that nobody who may has signed: without a signature, with another key, with one of another kind.
import { encodePart, signBytes, signToken, signWithSecret } from '../../support/token-issuer.ts'
import type { HostileToken, HostileWorld } from './list-hostile-tokens.ts'

export function listForgedTokens(world: HostileWorld): readonly HostileToken[] {
  return [...listUnsigned(world), ...listConfusions(world), ...listForeignKeys(world), ...listSignatures(world)]
}

/** C3: alg none in every case, with and without a signature, and as what is no string. */
function listUnsigned({ claims, signers }: HostileWorld): HostileToken[] {
  const tokens: HostileToken[] = []
  const [signer] = signers
  if (signer === undefined) return tokens
  for (let bits = 0; bits < 16; bits++) {
    const alg = [...'none'].map((letter, at) => ((bits >> at) & 1 ? letter.toUpperCase() : letter)).join('')
    const input = `${encodePart({ alg, kid: signer.keyId })}.${encodePart(claims)}`
    tokens.push([`alg ${alg}, no signature`, `${input}.`])
    tokens.push([`alg ${alg}, two parts`, input])
    tokens.push([`alg ${alg}, a true signature`, signToken(signer, claims, { alg })])
  }
  const odd = [
    '',
    ' none',
    'none ',
    'n\u043ene',
    'none\u0000',
    null,
    0,
    false,
    [],
    ['RS256'],
    ['none'],
    {},
    'RS256 ',
    'rs256',
    'Rs256',
  ]
  const unknown = [
    'RS1',
    'RS257',
    'ES256K',
    'RSA',
    'HS1',
    'A128KW',
    'dir',
    'RSA-OAEP',
    'Ed448',
    'ML-DSA-44',
    '__proto__',
    'toString',
  ]
  for (const alg of [...odd, ...unknown])
    tokens.push([`alg ${JSON.stringify(alg)}`, signToken(signer, claims, { alg })])
  const input = `${encodePart({ kid: signer.keyId, typ: 'JWT' })}.${encodePart(claims)}`
  tokens.push(['no alg', `${input}.${signBytes(signer, input).toString('base64url')}`])
  return tokens
}

/** C3: the public key as an HMAC's secret, in every form it is written down in; an algorithm of another kind of key. */
function listConfusions({ claims, signers }: HostileWorld): HostileToken[] {
  const tokens: HostileToken[] = []
  for (const { publicKey, jwk, keyId, algorithm } of signers) {
    const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const forms: readonly (readonly [string, string | Buffer])[] = [
      ['PEM', spki],
      ['PEM without its last line end', spki.trimEnd()],
      ['PEM with CRLF', spki.replaceAll('\n', '\r\n')],
      ['DER', publicKey.export({ type: 'spki', format: 'der' })],
      ['JWK', JSON.stringify(jwk)],
      ['JWK as exported', JSON.stringify(publicKey.export({ format: 'jwk' }))],
      ['modulus or x', String(jwk.n ?? jwk.x)],
      ['bytes of modulus or x', Buffer.from(String(jwk.n ?? jwk.x), 'base64url')],
      ['kid', keyId],
      ['nothing', ''],
    ]
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      for (const [form, secret] of forms) {
        tokens.push([`${alg} with the ${algorithm} key's ${form}`, signWithSecret(alg, secret, claims, { kid: keyId })])
      }
    }
  }
  for (const signer of signers) {
    for (const other of signers) {
      if (other.algorithm === signer.algorithm) continue
      tokens.push([
        `alg ${other.algorithm} and kid of ${signer.algorithm}`,
        signToken(other, claims, { kid: signer.keyId }),
      ])
      tokens.push([
        `signed ${signer.algorithm}, says ${other.algorithm}`,
        signToken(signer, claims, { alg: other.algorithm }),
      ])
    }
  }
  return tokens
}

/** C2, C3: keys of others, weak keys, keys that the token brings along. */
function listForeignKeys(world: HostileWorld): HostileToken[] {
  const { claims, signers, weak, foreign, foreignIssuer, attacker, attackerUri } = world
  const tokens: HostileToken[] = []
  tokens.push(["another issuer's key, its own kid", signToken(foreign, claims)])
  tokens.push(["another issuer's key, no kid", signToken(foreign, claims, { kid: undefined })])
  for (const { keyId, algorithm } of signers) {
    tokens.push([`another issuer's key, kid of ${algorithm}`, signToken(foreign, claims, { kid: keyId })])
    tokens.push([`a strange key, kid of ${algorithm}`, signToken(attacker, claims, { kid: keyId })])
    tokens.push([
      `our ${algorithm} key, the other issuer's name`,
      signToken(signers.find((signer) => signer.keyId === keyId) ?? foreign, { ...claims, iss: foreignIssuer }),
    ])
  }
  for (const signer of weak) tokens.push([`a weak key: ${signer.keyId}`, signToken(signer, claims)])
  const brought: readonly (readonly [string, object])[] = [
    ['jwk', { jwk: attacker.jwk }],
    ['jwk without kid', { jwk: attacker.jwk, kid: undefined }],
    ['jku', { jku: attackerUri }],
    ['jku with our host in it', { jku: `${attackerUri}#https://issuer.example.com` }],
    ['x5u', { x5u: attackerUri }],
    ['x5c', { x5c: [attacker.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] }],
    ['x5t', { x5t: 'AAAA', 'x5t#S256': 'AAAA' }],
    ['all of them', { jwk: attacker.jwk, jku: attackerUri, x5u: attackerUri, x5c: ['AAAA'] }],
  ]
  for (const [name, header] of brought) {
    tokens.push([`brings its key: ${name}`, signToken(attacker, claims, header)])
    for (const { keyId, algorithm } of signers) {
      tokens.push([
        `brings its key: ${name}, kid of ${algorithm}`,
        signToken(attacker, claims, { kid: keyId, ...header }),
      ])
    }
  }
  return tokens
}

/** C2: signatures that are nearly right. */
function listSignatures({ claims, signers }: HostileWorld): HostileToken[] {
  const tokens: HostileToken[] = []
  for (const signer of signers) {
    const token = signToken(signer, claims)
    const input = token.slice(0, token.lastIndexOf('.'))
    const right = signBytes(signer, input)
    const add = (flaw: string, bytes: Buffer) =>
      tokens.push([`${signer.algorithm}, ${flaw}`, `${input}.${bytes.toString('base64url')}`])
    add('one byte short', right.subarray(0, -1))
    add('half', right.subarray(0, right.length / 2))
    add('one byte', right.subarray(0, 1))
    add('a zero byte behind', Buffer.concat([right, Buffer.from([0])]))
    add('a zero byte before', Buffer.concat([Buffer.from([0]), right]))
    add('twice', Buffer.concat([right, right]))
    add('all zero', Buffer.alloc(right.length))
    add('all ones', Buffer.alloc(right.length, 255))
    const half = right.length / 2
    add('first half zero', Buffer.concat([Buffer.alloc(half), right.subarray(half)]))
    add('second half zero', Buffer.concat([right.subarray(0, half), Buffer.alloc(half)]))
    add('halves changed', Buffer.concat([right.subarray(half), right.subarray(0, half)]))
    for (const at of [0, 1, half, right.length - 1]) {
      const bytes = Buffer.from(right)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      add(`bit of byte ${at} turned`, bytes)
    }
    if (signer.algorithm.startsWith('ES')) add('as DER', toDer(right))
    const [header = ''] = token.split('.')
    const other = encodePart({ ...claims, sub: 'root' })
    tokens.push([`${signer.algorithm}, other claims`, `${header}.${other}.${right.toString('base64url')}`])
    const kid = encodePart({ alg: signer.algorithm, kid: signer.keyId })
    tokens.push([`${signer.algorithm}, other header`, `${kid}.${token.split('.')[1]}.${right.toString('base64url')}`])
  }
  return tokens
}

/** r and s as OpenSSL writes them. */
function toDer(raw: Buffer): Buffer {
  const integer = (bytes: Buffer) => {
    const value = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
    return Buffer.concat([Buffer.from([2, value.length]), value])
  }
  const body = Buffer.concat([integer(raw.subarray(0, raw.length / 2)), integer(raw.subarray(raw.length / 2))])
  return Buffer.concat([Buffer.from([0x30, body.length]), body])
}
