// C2, C3, C4: of several hundred hostile tokens none is accepted, neither by the verifier nor by a gateway; every token
// they were made from is. Keys are real, the issuer's key set is fetched over HTTP.
import { hash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GatewayError } from '../../../src/errors/gateway-error.ts'
import { createInlineKeySource } from '../../../src/policies/jwt/key-source.ts'
import { TokenBinder } from '../../../src/policies/jwt/token-index.ts'
import { gatewayManifests, startGateway, type TestGateway } from '../../support/gateway.ts'
import { createHttpBackend, type HttpBackend } from '../../support/http-backend.ts'
import {
  createSigner,
  goodClaims,
  type JwksServer,
  type Signer,
  signToken,
  startJwksServer,
} from '../../support/token-issuer.ts'
import { until } from '../../support/until.ts'
import { type HostileToken, listHostileTokens } from './list-hostile-tokens.ts'

const issuer = 'https://issuer.example.com'
const foreignIssuer = 'https://other.example.com'
const signers = ['RS256', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA'].map((alg) => createSigner(alg, `key-${alg}`))
const foreign = createSigner('RS256', 'key-foreign')
const attacker = createSigner('RS256', 'key-attacker')
const small = createSigner('RS256', 'rsa-1024', { bits: 1024 })
const cubic = createSigner('RS256', 'rsa-e3', { exponent: 3 })
const identity: Signer = { ...attacker, keyId: 'rsa-e1', jwk: { ...attacker.jwk, kid: 'rsa-e1', e: 'AQ' } }
const encrypting: Signer = { ...createSigner('RS256', 'rsa-enc'), keyId: 'rsa-enc' }
const weak = [small, cubic, identity, encrypting]

let jwks: JwksServer
let foreignJwks: JwksServer
let attackerServer: JwksServer
let backend: HttpBackend
let gateway: TestGateway
let hostile: readonly HostileToken[] = []
beforeAll(async () => {
  const published = [...signers, small, cubic, identity].map(({ jwk }) => jwk)
  jwks = await startJwksServer([...published, { ...encrypting.jwk, use: 'enc' }])
  foreignJwks = await startJwksServer([foreign.jwk])
  attackerServer = await startJwksServer([attacker.jwk])
  backend = await createHttpBackend()
  const claims = goodClaims(issuer)
  hostile = listHostileTokens({
    claims,
    signers,
    weak,
    foreign,
    foreignIssuer,
    attacker,
    attackerUri: attackerServer.uri,
  })
  const policy = `
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: tokens }
spec:
  jwt:
    - { issuer: "${issuer}", audiences: [sluice, second], jwks: { uri: "${jwks.uri}" } }
    - { issuer: "${foreignIssuer}", jwks: { uri: "${foreignJwks.uri}" } }
`
  gateway = await startGateway({ manifests: gatewayManifests(backend.url, policy) })
  await until(() => jwks.requests.length === 1 && foreignJwks.requests.length === 1, 'the keys are fetched')
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([backend.close(), jwks.stop(), foreignJwks.stop(), attackerServer.stop()])
})

const ask = (token: string) => fetch(`${gateway.url}/svc/x`, { headers: { authorization: `Bearer ${token}` } })

test('C2 the tokens that the hostile ones were made from are accepted', async () => {
  for (const signer of signers) {
    for (const [claims, header] of [
      [{}, {}],
      [{ aud: ['x', 'second'] }, { typ: 'at+jwt' }],
      [
        { nbf: 1, sub: 'ünï', x: { y: [1] } },
        { typ: 'application/JWT', jku: attackerServer.uri, cty: 'x' },
      ],
    ]) {
      const answer = await ask(signToken(signer, goodClaims(issuer, claims), header))
      expect(answer.status, `${signer.algorithm} ${await answer.text()}`).toBe(200)
    }
  }
  expect((await ask(signToken(foreign, goodClaims(foreignIssuer, { aud: 'whatever' })))).status).toBe(200)
})

test('C2 C3 C4 of hundreds of hostile tokens none gets in, and their answers are those of an unknown key', async () => {
  const before = backend.requests.length
  const unknown = await ask('an-unknown-key')
  const expected = JSON.stringify([401, unknown.headers.get('www-authenticate'), await unknown.text()])
  // Others can't be in a header, or are the good token there: white space around a value is no part of it.
  const sendable = hostile.filter(([, token]) =>
    /^[\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/.test(token),
  )
  expect(sendable.length).toBeGreaterThan(500)
  const wrong: string[] = []
  for (const [flaw, token] of sendable) {
    const answer = await ask(token)
    const got = [answer.status, answer.headers.get('www-authenticate'), await answer.text()]
    if (JSON.stringify(got) !== expected) wrong.push(`${flaw}: ${answer.status}`)
  }
  expect(wrong).toEqual([])
  expect(backend.requests.length).toBe(before)
  // Nothing was fetched from where a token pointed, nor more often than allowed for all the unknown kids.
  expect(attackerServer.requests).toEqual([])
  expect(jwks.requests.length).toBe(1)
})

test('C2 C3 C4 the verifier itself refuses every one, the unsendable too, and remembers none', async () => {
  const json = JSON.stringify({ keys: signers.map(({ jwk }) => jwk) })
  const tokens = new TokenBinder({ openKeys: () => createInlineKeySource(json), now: Date.now }).bind([
    {
      id: 'default/tokens',
      consumers: [],
      defaults: { models: null, limits: [] },
      keys: [],
      issuers: [
        { issuer, audiences: ['sluice'], jwks: { kind: 'uri', uri: '' }, consumerClaim: 'sub', modelsClaim: null },
      ],
    },
  ])
  if (tokens === null) throw new Error('no tokens')
  const verify = (token: string) => tokens.verify(token, hash('sha256', token))
  for (const signer of signers) expect(await verify(signToken(signer, goodClaims(issuer)))).toHaveLength(1)
  const accepted: string[] = []
  for (const [flaw, token] of hostile) {
    const outcome = await verify(token).catch((error: unknown) => error)
    if (!(outcome instanceof GatewayError) || outcome.code !== 'invalid_api_key') accepted.push(flaw)
    else if (outcome.message.includes(token.slice(0, 12))) accepted.push(`${flaw}: repeats the token`)
    if (tokens.findSeen(hash('sha256', token)) !== undefined) accepted.push(`${flaw}: remembered`)
  }
  expect(accepted).toEqual([])
})
