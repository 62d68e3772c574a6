// An issuer that gives its keys no `kid` changes them all the same: while two fit, either may have signed.
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createInlineKeySource } from '../../../src/policies/jwt/key-source.ts'
import { TokenBinder } from '../../../src/policies/jwt/token-index.ts'
import { createSigner, goodClaims, type Signer, signToken } from '../../support/token-issuer.ts'

const issuer = 'https://issuer.example.com'
const signers = Array.from({ length: 5 }, () => createSigner('ES256', 'unused'))

/** Whether a token of this signer is accepted where so many of the signers' keys are published, none with a name. */
async function isAccepted(signer: Signer | undefined, published: number): Promise<boolean> {
  if (signer === undefined) throw new Error('no signer')
  const jwks = signers.slice(0, published).map(({ jwk }) => ({ ...jwk, kid: undefined }))
  const keys = createInlineKeySource(JSON.stringify({ keys: jwks }))
  const tokens = new TokenBinder({ openKeys: () => keys, now: Date.now }).bind([
    {
      id: 'default/tokens',
      consumers: [],
      defaults: { models: null, limits: [] },
      keys: [],
      issuers: [{ issuer, audiences: null, jwks: { kind: 'uri', uri: 'k' }, consumerClaim: 'sub', modelsClaim: null }],
    },
  ])
  const token = signToken(signer, goodClaims(issuer), { kid: undefined })
  const verified = tokens?.verify(token, hash('sha256', token)).then(
    ([caller]) => caller?.keySetId === 'default/tokens',
    () => false,
  )
  return (await verified) ?? false
}

test.each([0, 1, 2, 3])('the key at %i of four', async (at) => {
  expect(await isAccepted(signers[at], 4)).toBe(true)
})

test('a key that is not published is not accepted', async () => {
  expect(await isAccepted(signers[4], 4)).toBe(false)
})

test('more keys than are tried: nobody is let in by chance', async () => {
  expect(await isAccepted(signers[0], 5)).toBe(false)
})
