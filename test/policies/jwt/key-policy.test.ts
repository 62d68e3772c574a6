// C2: which published keys may check a token. What is weak, odd, private or for something else is left out, by name.
import { expect, test } from 'vitest'
import { findKeys, parseJwks } from '../../../src/policies/jwt/parse-jwks.ts'
import { createSigner } from '../../support/token-issuer.ts'

const rsa = createSigner('RS256', 'rsa')
const ec = createSigner('ES256', 'ec')
const ed = createSigner('EdDSA', 'ed')
const p521 = createSigner('ES512', 'p521')
const parse = (...keys: readonly unknown[]) => parseJwks(JSON.stringify({ keys }))

test('good keys are usable, with and without what is optional', () => {
  const bare = { ...rsa.jwk, use: undefined, alg: undefined, kid: undefined }
  const verify = { ...ec.jwk, use: undefined, key_ops: ['verify'], x5c: ['ignored'], unknown: 1 }
  expect(parse(rsa.jwk, bare, verify, ed.jwk, p521.jwk)).toMatchObject({ problems: [], hasPrivateKey: false })
  expect(parse({ ...ed.jwk, alg: 'Ed25519' }).problems).toEqual([])
})

const longer = (text: unknown) => Buffer.concat([Buffer.alloc(1), Buffer.from(String(text), 'base64url')])
test.each([
  ['RSA of 1024 bits', createSigner('RS256', 'a', { bits: 1024 }).jwk],
  ['RSA with e = 3', createSigner('RS256', 'a', { exponent: 3 }).jwk],
  ['RSA with e = 1', { ...rsa.jwk, e: 'AQ' }],
  ['RSA with e = 0', { ...rsa.jwk, e: 'AA' }],
  ['RSA with an even e', { ...rsa.jwk, e: 'AQAC' }],
  ['RSA with an e over 32 bits', { ...rsa.jwk, e: 'AQAAAAAB' }],
  ['RSA without e', { ...rsa.jwk, e: undefined }],
  ['RSA of 16,384 bits', { ...rsa.jwk, n: Buffer.alloc(2048, 0xff).toString('base64url') }],
  ['RSA with n of zeros', { ...rsa.jwk, n: Buffer.alloc(256).toString('base64url') }],
  ['RSA with padding in n', { ...rsa.jwk, n: `${rsa.jwk.n}==` }],
  ['RSA with a space in n', { ...rsa.jwk, n: ` ${rsa.jwk.n}` }],
  ['RSA with a number for n', { ...rsa.jwk, n: 5 }],
  ['a point that is not on the curve', { ...ec.jwk, x: ec.jwk.y, y: ec.jwk.x }],
  ['the point at nothing', { ...ec.jwk, x: 'A'.repeat(43), y: 'A'.repeat(43) }],
  ['a coordinate with a zero byte more', { ...ec.jwk, x: longer(ec.jwk.x).toString('base64url') }],
  ['P-256 called P-384', { ...ec.jwk, crv: 'P-384' }],
  ['P-256 for ES384', { ...ec.jwk, alg: 'ES384' }],
  ['secp256k1', { ...ec.jwk, crv: 'secp256k1', alg: undefined }],
  ['RSA for ES256', { ...rsa.jwk, alg: 'ES256' }],
  ['RSA for encryption (alg)', { ...rsa.jwk, alg: 'RSA-OAEP' }],
  ['RSA for encryption (use)', { ...rsa.jwk, use: 'enc' }],
  ['use in another case', { ...rsa.jwk, use: 'SIG' }],
  ['only for signing', { ...rsa.jwk, key_ops: ['sign'] }],
  ['key_ops a string', { ...rsa.jwk, key_ops: 'verify' }],
  ['kid a number', { ...rsa.jwk, kid: 1 }],
  ['alg none', { ...rsa.jwk, alg: 'none' }],
  ['Ed25519 of 31 bytes', { ...ed.jwk, x: Buffer.alloc(31, 1).toString('base64url') }],
  ['X25519', { ...ed.jwk, crv: 'X25519', alg: undefined }],
  ['no kty', { ...rsa.jwk, kty: undefined }],
  ['kty in another case', { ...rsa.jwk, kty: 'rsa' }],
  ['a string', 'key'],
  ['null', null],
  ['a list', [rsa.jwk]],
])('C2 left out, and the others stay: %s', (_flaw, jwk) => {
  const { keySet, problems } = parse(jwk, p521.jwk)
  expect(keySet?.keys.map(({ keyId }) => keyId)).toEqual(['p521'])
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(/^key 1 /)
})

test.each([
  ['a private RSA key', rsa.privateKey.export({ format: 'jwk' })],
  ['a private EC key', ec.privateKey.export({ format: 'jwk' })],
  ['a private Ed25519 key', ed.privateKey.export({ format: 'jwk' })],
  ['a secret', { kty: 'oct', k: 'AAAA', alg: 'HS256' }],
  ['a public key with d', { ...rsa.jwk, d: 'AQ' }],
])('C2 %s is never used, and is told of without a byte of it', (_name, jwk) => {
  const { keySet, problems, hasPrivateKey } = parse(jwk, p521.jwk)
  expect(hasPrivateKey).toBe(true)
  expect(keySet?.keys).toHaveLength(1)
  expect(problems).toEqual(['key 1 has private members'])
})

test.each([
  '',
  'x',
  '[]',
  'null',
  '{}',
  '{"keys":{}}',
  '{"keys":null}',
  '{"keys":[]}',
  '{"keys":[1]}',
  '{"__proto__":{"keys":[]}}',
  '<html>',
  JSON.stringify({ keys: Array.from({ length: 101 }, () => p521.jwk) }),
  `{"keys":${'['.repeat(100_000)}`,
])('C5 no key set: %.40s', (text) => {
  const { keySet, problems } = parseJwks(text)
  expect(keySet).toBeNull()
  expect(problems.length).toBeGreaterThan(0)
})

test('a key is found by its id, its kind and its own alg', () => {
  const { keySet } = parse(rsa.jwk, ec.jwk, { ...rsa.jwk, kid: 'any', alg: undefined }, p521.jwk)
  if (keySet === null) throw new Error('no keys')
  const find = (keyId: string | null, algorithm: 'RS256' | 'PS256' | 'ES256' | 'ES384' | 'ES512') =>
    findKeys(keySet, { keyId, algorithm }).map((key) => key.keyId)
  expect(find('rsa', 'RS256')).toEqual(['rsa'])
  expect(find('rsa', 'PS256')).toEqual([])
  expect(find('any', 'PS256')).toEqual(['any'])
  expect(find('rsa', 'ES256')).toEqual([])
  expect(find(null, 'RS256')).toEqual(['rsa', 'any'])
  expect(find(null, 'ES256')).toEqual(['ec'])
  expect(find(null, 'ES384')).toEqual([])
  expect(find('nobody', 'RS256')).toEqual([])
})
