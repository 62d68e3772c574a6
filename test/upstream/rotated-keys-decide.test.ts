// C5: what a rotation at the issuer means for tokens, those seen before among them. A real key server; short times.
import { hash } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { TokenBinder } from '../../src/policies/jwt/token-index.ts'
import { fetchJwks } from '../../src/upstream/fetch-jwks.ts'
import { JwksSource, type JwksTiming } from '../../src/upstream/jwks-source.ts'
import { createSigner, goodClaims, signToken, startJwksServer } from '../support/token-issuer.ts'
import { until } from '../support/until.ts'

const issuer = 'https://issuer.example.com'
const first = createSigner('EdDSA', 'first')
const second = createSigner('ES256', 'second')

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function start(timing: Partial<JwksTiming>) {
  const server = await startJwksServer([first.jwk])
  const source = new JwksSource({
    fetchText: (signal) =>
      fetchJwks(
        server.uri,
        { isAddressAllowed: () => true, resolve: [], simulator: null },
        { timeoutMs: 2_000, maxBytes: 65_536 },
        signal,
      ),
    report: () => {},
    timing: { refreshMs: 3_600_000, coolDownMs: 3_600_000, firstRetryMs: 3_600_000, ...timing },
  })
  closers.push(
    () => source.close(),
    () => server.stop(),
  )
  const tokens = new TokenBinder({ openKeys: () => source, now: Date.now }).bind([
    {
      id: 'default/tokens',
      consumers: [],
      defaults: { models: null, limits: [] },
      keys: [],
      issuers: [{ issuer, audiences: null, jwks: { kind: 'uri', uri: '' }, consumerClaim: 'sub', modelsClaim: null }],
    },
  ])
  if (tokens === null) throw new Error('no tokens')
  const isAccepted = (token: string) =>
    tokens.findSeen(hash('sha256', token)) !== undefined ||
    tokens.verify(token, hash('sha256', token)).then(
      () => true,
      () => false,
    )
  return { server, tokens, isAccepted }
}

test('C5 a token that was seen is refused once its key is gone, one of the new key is accepted', async () => {
  const { server, tokens, isAccepted } = await start({ refreshMs: 20 })
  const old = signToken(first, goodClaims(issuer))
  expect(await isAccepted(old)).toBe(true)
  expect(tokens.findSeen(hash('sha256', old))).toHaveLength(1)
  server.serveKeys([second.jwk])
  await until(() => tokens.findSeen(hash('sha256', old)) === undefined, 'the keys are others')
  expect(await isAccepted(old)).toBe(false)
  expect(await isAccepted(signToken(second, goodClaims(issuer)))).toBe(true)
  // The failures of a server that is gone keep what is good.
  server.serve((response) => void response.destroy())
  const asked = server.requests.length
  await until(() => server.requests.length > asked, 'another fetch')
  expect(await isAccepted(signToken(second, goodClaims(issuer)))).toBe(true)
})

test('C5 a new key is usable with the first token that it signed, when the last fetch is a cool-down ago', async () => {
  const { server, isAccepted } = await start({ coolDownMs: 30 })
  expect(await isAccepted(signToken(first, goodClaims(issuer)))).toBe(true)
  server.serveKeys([first.jwk, second.jwk])
  const began = performance.now()
  await until(() => performance.now() - began > 40, 'the cool-down is over')
  expect(await isAccepted(signToken(second, goodClaims(issuer)))).toBe(true)
  expect(server.requests).toHaveLength(2)
})

test('C5 a thousand tokens of a thousand unknown keys cause no fetch within the cool-down', async () => {
  const { server, isAccepted } = await start({})
  const good = signToken(first, goodClaims(issuer))
  expect(await isAccepted(good)).toBe(true)
  const flood = Array.from({ length: 1_000 }, (_, at) => signToken(second, goodClaims(issuer), { kid: `kid-${at}` }))
  const outcomes = await Promise.all(flood.map((token) => isAccepted(token)))
  expect(outcomes.filter(Boolean)).toEqual([])
  expect(server.requests).toHaveLength(1)
  expect(await isAccepted(good)).toBe(true)
})

test('a token without a kid is accepted while one of the keys that fit is its own', async () => {
  const { server, isAccepted } = await start({ refreshMs: 20 })
  const token = signToken(first, goodClaims(issuer), { kid: undefined })
  expect(await isAccepted(token)).toBe(true)
  const other = createSigner('EdDSA', 'another')
  const next = signToken(other, goodClaims(issuer), { kid: undefined })
  server.serveKeys([first.jwk, other.jwk])
  await until(() => isAccepted(next), 'two keys fit')
  expect(await isAccepted(token)).toBe(true)
  server.serveKeys([other.jwk])
  await until(async () => !(await isAccepted(token)), 'its own is gone')
  expect(await isAccepted(next)).toBe(true)
})
