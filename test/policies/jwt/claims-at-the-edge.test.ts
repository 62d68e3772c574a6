// C4: exp, nbf and iat hold to the millisecond, 60 s of leeway included; a token that was seen before ends on time too.
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createInlineKeySource } from '../../../src/policies/jwt/key-source.ts'
import { TokenBinder } from '../../../src/policies/jwt/token-index.ts'
import type { KeySet } from '../../../src/routing/key-set.ts'
import { createSigner, signToken } from '../../support/token-issuer.ts'

const issuer = 'https://issuer.example.com'
const signer = createSigner('EdDSA', 'k')
const keySet: KeySet = {
  id: 'default/tokens',
  consumers: [{ name: 'alice', isNamed: true, models: ['m1'], limits: [] }],
  defaults: { models: ['m2'], limits: [] },
  keys: [],
  issuers: [
    { issuer, audiences: ['sluice'], jwks: { kind: 'uri', uri: 'k' }, consumerClaim: 'sub', modelsClaim: 'models' },
  ],
}
const keys = createInlineKeySource(JSON.stringify({ keys: [signer.jwk] }))

/** Ten digits: seconds of today. */
const at = 1_800_000_000
const clock = { ms: at * 1000 }
const tokens = new TokenBinder({ openKeys: () => keys, now: () => clock.ms }).bind([keySet])

async function isAccepted(claims: object, nowMs = at * 1000): Promise<boolean> {
  clock.ms = nowMs
  const whole = { iss: issuer, sub: 'alice', aud: 'sluice', exp: at + 3600, ...claims }
  const token = signToken(signer, JSON.stringify(whole))
  return tokens === null
    ? false
    : await tokens.verify(token, hash('sha256', token)).then(
        (callers) => callers.length === 1,
        () => false,
      )
}

test.each([
  ['exp', -59, true],
  ['exp', -59.999, true],
  ['exp', -60, false],
  ['exp', -61, false],
  ['nbf', 59, true],
  ['nbf', 60, true],
  ['nbf', 60.001, false],
  ['nbf', 61, false],
  ['iat', 59, true],
  ['iat', 60, true],
  ['iat', 60.001, false],
  ['iat', 61, false],
  ['exp', 0.5, true],
  ['iat', -1e9, true],
  ['nbf', -1e9, true],
])('C4 %s %d s from now: %s', async (claim, offset, isGood) => {
  expect(await isAccepted({ [claim]: at + offset })).toBe(isGood)
})

test('C4 a token that was seen before is refused from the same moment on', async () => {
  if (tokens === null) throw new Error('no tokens')
  clock.ms = at * 1000
  const token = signToken(signer, { iss: issuer, sub: 'alice', aud: ['x', 'sluice'], exp: at + 10 })
  const digest = hash('sha256', token)
  expect(tokens.findSeen(digest)).toBeUndefined()
  const callers = await tokens.verify(token, digest)
  expect(tokens.findSeen(digest)).toEqual(callers)
  clock.ms = (at + 70) * 1000 - 1
  expect(tokens.findSeen(digest)).toEqual(callers)
  clock.ms = (at + 70) * 1000
  expect(tokens.findSeen(digest)).toBeUndefined()
  await expect(tokens.verify(token, digest)).rejects.toMatchObject({
    code: 'invalid_api_key',
    message: 'token: expired',
  })
})

test.each([
  [undefined, null],
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
  ['a b', ['a', 'b']],
  ['  a  ', ['a']],
  [[], []],
  ['', []],
  [['a', 1], []],
  [[['a']], []],
  [{ a: true }, []],
  [null, []],
  [true, []],
  [1, []],
])('the models claim %j allows %j', async (claim, models) => {
  if (tokens === null) throw new Error('no tokens')
  clock.ms = at * 1000
  const token = signToken(signer, { iss: issuer, sub: 'alice', aud: 'sluice', exp: at + 9, models: claim })
  const [caller] = await tokens.verify(token, hash('sha256', token))
  expect(caller).toMatchObject({
    consumer: 'alice',
    models: ['m1'],
    tokenModels: models,
    group: 'default/tokens/alice',
  })
})

test('C1 a token of 16,382 characters is taken, one of 16,384 is not', async () => {
  if (tokens === null) throw new Error('no tokens')
  clock.ms = at * 1000
  const mint = (padding: number) =>
    signToken(signer, { iss: issuer, sub: 'alice', aud: 'sluice', exp: at + 9, x: 'x'.repeat(padding) })
  const paddings = Array.from({ length: 300 }, (_, more) => 12_000 + more)
  const find = (length: number) => mint(paddings.find((padding) => mint(padding).length === length) ?? 0)
  const [longest, tooLong] = [find(16_382), find(16_384)]
  expect([longest.length, tooLong.length]).toEqual([16_382, 16_384])
  expect(await tokens.verify(longest, hash('sha256', longest))).toHaveLength(1)
  await expect(tokens.verify(tooLong, hash('sha256', tooLong))).rejects.toMatchObject({ code: 'invalid_api_key' })
})

test('a consumer that the policy does not name gets what its defaults say', async () => {
  if (tokens === null) throw new Error('no tokens')
  clock.ms = at * 1000
  const token = signToken(signer, { iss: issuer, sub: 'bob/é', aud: 'sluice', exp: at + 9 })
  const [caller] = await tokens.verify(token, hash('sha256', token))
  expect(caller).toMatchObject({ consumer: 'bob/é', models: ['m2'], group: 'default/tokens/defaults' })
})
