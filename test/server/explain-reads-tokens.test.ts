// /explain and `sluice explain` take a token where they take a key: they verify it, say whose it is or why it is nobody's,
// and never repeat it.
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayManifests, startGateway, type TestGateway } from '../support/gateway.ts'
import { createSigner, goodClaims, type JwksServer, signToken, startJwksServer } from '../support/token-issuer.ts'

const signer = createSigner('ES256', 'k')
const fetched = 'https://fetched.example.com'
const inline = 'https://inline.example.com'
let jwks: JwksServer
let gateway: TestGateway
beforeAll(async () => {
  jwks = await startJwksServer([signer.jwk])
  const policy = `
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: tokens }
spec:
  jwt:
    - { issuer: "${fetched}", jwks: { uri: "${jwks.uri}" } }
    - { issuer: "${inline}", modelsClaim: m, jwks: { inline: '${JSON.stringify({ keys: [signer.jwk] })}' } }
  defaults: { models: [m1, m2] }
`
  gateway = await startGateway({ manifests: gatewayManifests('http://127.0.0.1:1', policy) })
})
afterAll(async () => {
  await gateway.stop()
  await jwks.stop()
})

type Ask = (query: Readonly<Record<string, string>>) => Promise<string>

const askAdmin: Ask = async (query) => (await fetch(`${gateway.adminUrl}/explain?${new URLSearchParams(query)}`)).text()

const askCommand: Ask = async ({ key = '', ...query }) => {
  const flags = Object.entries(query).flatMap(([name, value]) => [`--${name}`, value])
  const args = [resolve('src/main.ts'), 'explain', '--config', gateway.folder, ...flags]
  const env = { ...process.env, SLUICE_EXPLAIN_KEY: key }
  const run = promisify(execFile)(process.execPath, args, { env })
  return run.then(
    ({ stdout }) => stdout,
    (error: unknown) => (typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : ''),
  )
}

const good = signToken(signer, goodClaims(inline, { m: 'm1' }))
const cases: readonly (readonly [string, Record<string, string>, number, RegExp])[] = [
  ['a good one', { model: 'm1', key: good }, 200, /the key is alice's, of default\/tokens/],
  ['by path', { path: '/svc/x', key: good }, 200, /the key is alice's, of default\/tokens/],
  [
    'of another model',
    { model: 'm1', key: signToken(signer, goodClaims(inline, { m: 'm2' })) },
    403,
    /model_not_allowed/,
  ],
  ['expired', { model: 'm1', key: signToken(signer, goodClaims(inline, { exp: 1 })) }, 401, /token: expired/],
  ['of nobody', { path: '/svc/x', key: signToken(signer, goodClaims('x')) }, 401, /token: of no issuer in reach/],
  ['the list of models', { path: '/v1/models', key: good }, 200, /may use 1 of 1 models/],
]

test.each(cases)('%s: /explain', async (_name, query, status, said) => {
  const text = await askAdmin(query)
  expect(JSON.parse(text)).toMatchObject({ outcome: { status } })
  expect(text).toMatch(said)
  expect(text).not.toContain(query.key?.slice(0, 20))
})

test.each(cases.filter(([name]) => ['a good one', 'expired'].includes(name)))(
  '%s: sluice explain',
  async (_name, query, status, said) => {
    const text = await askCommand(query)
    expect(JSON.parse(text)).toMatchObject({ outcome: { status } })
    expect(text).toMatch(said)
    expect(text).not.toContain(query.key?.slice(0, 20))
  },
)

test('keys by URI are those of the gateway; offline nobody is asked, and that is said', async () => {
  const query = { model: 'm1', key: signToken(signer, goodClaims(fetched)) }
  expect(await askAdmin(query)).toContain("the key is alice's")
  const asked = jwks.requests.length
  expect(JSON.parse(await askCommand(query))).toMatchObject({
    outcome: { status: 503, code: 'token_keys_unavailable', reason: expect.stringContaining('explain asks nobody') },
  })
  expect(jwks.requests.length).toBe(asked)
})
