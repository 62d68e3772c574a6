// C2's other half: every algorithm that is allowed works, with a key that says so and with one that leaves it open.
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createInlineKeySource } from '../../../src/policies/jwt/key-source.ts'
import { TokenBinder } from '../../../src/policies/jwt/token-index.ts'
import { createSigner, goodClaims, type Signer, signToken } from '../../support/token-issuer.ts'

const issuer = 'https://issuer.example.com'
const rsa = createSigner('RS256', 'rsa')
const signers: readonly Signer[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((algorithm) => ({ ...rsa, algorithm })),
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'].map((algorithm) => createSigner(algorithm, algorithm)),
]

test.each(signers.map((signer) => [signer.algorithm, signer] as const))('%s', async (algorithm, signer) => {
  for (const alg of [algorithm, undefined]) {
    const json = JSON.stringify({ keys: [{ ...signer.jwk, alg }] })
    const tokens = new TokenBinder({ openKeys: () => createInlineKeySource(json), now: Date.now }).bind([
      {
        id: 'default/tokens',
        consumers: [],
        defaults: { models: null, limits: [] },
        keys: [],
        issuers: [{ issuer, audiences: null, jwks: { kind: 'inline', json }, consumerClaim: 'sub', modelsClaim: null }],
      },
    ])
    const token = signToken(signer, goodClaims(issuer))
    expect(await tokens?.verify(token, hash('sha256', token))).toHaveLength(1)
  }
})
