// An issuer of signed tokens: real keys, tokens of any form, and its JWK set over HTTP, answering as it is told.

import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Jwk = Readonly<Record<string, unknown>>

export type Signer = Readonly<{
  algorithm: string
  publicKey: KeyObject
  privateKey: KeyObject
  /** The public key with its `kid`, `alg` and `use`. */
  jwk: Jwk
  keyId: string
}>

/** `rsaBits` and `rsaExponent` are for keys that ought to be refused. */
export function createSigner(
  algorithm: string,
  keyId: string,
  rsa: Readonly<{ bits?: number; exponent?: number }> = {},
): Signer {
  const { publicKey, privateKey } = generateKeys(algorithm, rsa)
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: algorithm, use: 'sig' }
  return { algorithm, publicKey, privateKey, jwk, keyId }
}

function generateKeys(algorithm: string, { bits = 2048, exponent = 65537 }: { bits?: number; exponent?: number }) {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' })
    case 'ES512':
      return generateKeyPairSync('ec', { namedCurve: 'P-521' })
    case 'EdDSA':
    case 'Ed25519':
      return generateKeyPairSync('ed25519')
    default:
      return generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: exponent })
  }
}

export function encodePart(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}

/** Header and claims as objects or, for what no object can say, as the text itself. `header` is added to the usual one. */
export function signToken(signer: Signer, claims: unknown, header: object | string = {}): string {
  const usual = { alg: signer.algorithm, kid: signer.keyId, typ: 'JWT' }
  const input = `${encodePart(typeof header === 'string' ? header : { ...usual, ...header })}.${encodePart(claims)}`
  return `${input}.${signBytes(signer, input).toString('base64url')}`
}

export function signBytes({ algorithm, privateKey }: Signer, input: string): Buffer {
  const data = Buffer.from(input)
  const digest = `sha${algorithm.slice(2)}`
  if (algorithm.startsWith('Ed')) return sign(null, data, privateKey)
  if (algorithm.startsWith('ES')) return sign(digest, data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const pss = { padding: 6, saltLength: Number(algorithm.slice(2)) / 8 }
  return sign(digest, data, algorithm.startsWith('PS') ? { key: privateKey, ...pss } : privateKey)
}

/** What somebody makes who has only the public key, or a guess. */
export function signWithSecret(
  algorithm: string,
  secret: string | Buffer,
  claims: unknown,
  header: object = {},
): string {
  const input = `${encodePart({ alg: algorithm, typ: 'JWT', ...header })}.${encodePart(claims)}`
  const digest = `sha${algorithm.slice(2)}`
  return `${input}.${createHmac(digest, secret).update(input).digest('base64url')}`
}

/** Claims that are good for an hour. */
export function goodClaims(issuer: string, extra: object = {}, nowMs = Date.now()): Record<string, unknown> {
  const seconds = Math.floor(nowMs / 1000)
  return { iss: issuer, sub: 'alice', aud: 'sluice', iat: seconds, exp: seconds + 3600, ...extra }
}

export type JwksServer = Readonly<{
  uri: string
  /** Paths that were asked for. */
  readonly requests: readonly string[]
  /** From now on: these keys. */
  serveKeys(jwks: readonly Jwk[]): void
  /** From now on: whatever this says; it may also say nothing. */
  serve(answer: (response: ServerResponse) => void): void
  stop(): Promise<void>
}>

export async function startJwksServer(jwks: readonly Jwk[]): Promise<JwksServer> {
  const requests: string[] = []
  const answerKeys = (keys: readonly Jwk[]) => (response: ServerResponse) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys }))
  }
  let answer = answerKeys(jwks)
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  const { port }: AddressInfo = address
  return {
    uri: `http://127.0.0.1:${port}/jwks.json`,
    requests,
    serveKeys: (keys) => {
      answer = answerKeys(keys)
    },
    serve: (next) => {
      answer = next
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
