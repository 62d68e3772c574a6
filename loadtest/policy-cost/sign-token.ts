// A token (JWT) for the benchmark and the key set that knows it: a key pair of this run, written nowhere.
import { generateKeyPairSync, sign } from 'node:crypto'
import { benchAudience, benchIssuer } from './render-manifests.ts'

const lifetimeSeconds = 24 * 3_600

/** `token`: ES256, of consumer `bench`, good for a day. `jwks`: JSON text (RFC 7517). */
export function signBenchToken(): Readonly<{ token: string; jwks: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const render = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const issuedAt = Math.floor(Date.now() / 1000)
  const claims = { iss: benchIssuer, aud: benchAudience, sub: 'bench', iat: issuedAt, exp: issuedAt + lifetimeSeconds }
  const text = `${render({ alg: 'ES256', kid: 'bench', typ: 'JWT' })}.${render(claims)}`
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256', use: 'sig' }
  return { token: `${text}.${signature.toString('base64url')}`, jwks: JSON.stringify({ keys: [key] }) }
}
