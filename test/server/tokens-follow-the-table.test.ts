// C5, F: what a change of policies or of an issuer's keys does to tokens: at once to the next request, never to one under
// way; and what is answered while there are no keys yet.
import type { ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { gatewayManifests, startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend } from '../support/http-backend.ts'
import {
  createSigner,
  goodClaims,
  type Jwk,
  type JwksServer,
  signToken,
  startJwksServer,
} from '../support/token-issuer.ts'
import { until } from '../support/until.ts'

const issuer = 'https://issuer.example.com'
const first = createSigner('EdDSA', 'first')
const second = createSigner('ES256', 'second')

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const policy = (jwks: string, rest = '') => `
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: tokens }
spec:
  jwt: [{ issuer: "${issuer}", jwks: ${jwks} }]${rest}
`
const inline = (...keys: readonly Jwk[]) => `{ inline: '${JSON.stringify({ keys })}' }`

async function start(jwks: string, rest = ''): Promise<{ gateway: TestGateway; backend: HttpBackend }> {
  const backend = await createHttpBackend()
  closers.push(() => backend.close())
  const gateway = await startGateway({ manifests: gatewayManifests(backend.url, policy(jwks, rest)) })
  closers.push(() => gateway.stop())
  return { gateway, backend }
}

async function startIssuer(): Promise<{ issuerServer: JwksServer; held: ServerResponse[] }> {
  const issuerServer = await startJwksServer([])
  closers.push(() => issuerServer.stop())
  const held: ServerResponse[] = []
  issuerServer.serve((response) => void held.push(response))
  return { issuerServer, held }
}

const ask = ({ url }: TestGateway, key: string, signal?: AbortSignal) =>
  fetch(`${url}/svc/x`, { headers: { authorization: `Bearer ${key}` }, ...(signal === undefined ? {} : { signal }) })
const askStatus = async (gateway: TestGateway, key: string) => (await ask(gateway, key)).status
const rewrite = (gateway: TestGateway, backend: HttpBackend, extra: string) =>
  gateway.writeManifest('manifests.yaml', gatewayManifests(backend.url, extra))

test('F a policy that goes takes its tokens along at once, seen ones too; one that comes back brings them back', async () => {
  const { gateway, backend } = await start(inline(first.jwk))
  const token = signToken(first, goodClaims(issuer))
  for (let asked = 0; asked < 3; asked++) expect(await askStatus(gateway, token)).toBe(200)
  await rewrite(gateway, backend, '')
  expect(await askStatus(gateway, token)).toBe(401)
  expect(await askStatus(gateway, testKey)).toBe(200)
  await rewrite(gateway, backend, policy(inline(first.jwk)))
  expect(await askStatus(gateway, token)).toBe(200)
})

test('C5 a key that is taken out takes its tokens along at once, and leaves those of others', async () => {
  const { gateway, backend } = await start(inline(first.jwk, second.jwk))
  const [gone, stays] = [first, second].map((signer) => signToken(signer, goodClaims(issuer)))
  if (gone === undefined || stays === undefined) throw new Error('no tokens')
  expect([await askStatus(gateway, gone), await askStatus(gateway, stays)]).toEqual([200, 200])
  await rewrite(gateway, backend, policy(inline(second.jwk)))
  expect([await askStatus(gateway, gone), await askStatus(gateway, stays)]).toEqual([401, 200])
})

test('F a change of audiences holds for a token that was seen before', async () => {
  const { gateway, backend } = await start(inline(first.jwk))
  const token = signToken(first, goodClaims(issuer))
  expect(await askStatus(gateway, token)).toBe(200)
  await rewrite(gateway, backend, policy(`${inline(first.jwk)}, audiences: [other]`))
  expect(await askStatus(gateway, token)).toBe(401)
})

test('F a request under way ends as it began when its policy goes', async () => {
  const { gateway, backend } = await start(inline(first.jwk))
  const held: ServerResponse[] = []
  backend.setHandler((_request, response) => void held.push(response))
  const answer = ask(gateway, signToken(first, goodClaims(issuer)))
  const response = await until(() => held[0], 'the backend has the request')
  await rewrite(gateway, backend, '')
  response.end('late')
  expect(await (await answer).text()).toBe('late')
})

test('C5 a token that comes before the keys waits for them, and a new table in between changes nothing for it', async () => {
  const { issuerServer, held } = await startIssuer()
  const { gateway, backend } = await start(`{ uri: "${issuerServer.uri}" }`)
  const token = signToken(first, goodClaims(issuer))
  const answers = [ask(gateway, token), ask(gateway, token), ask(gateway, signToken(second, goodClaims(issuer)))]
  const fetching = await until(() => held[0], 'the keys are being fetched')
  expect(await askStatus(gateway, testKey)).toBe(200)
  await rewrite(gateway, backend, '')
  expect(await askStatus(gateway, token)).toBe(401)
  fetching.end(JSON.stringify({ keys: [first.jwk] }))
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  expect(statuses).toEqual([200, 200, 401])
  expect(issuerServer.requests).toHaveLength(1)
})

test('C5 while no keys were ever had: 503 with a code of its own, keys of ours still good', async () => {
  const { issuerServer } = await startIssuer()
  issuerServer.serve((response) => void response.writeHead(500).end())
  const { gateway } = await start(`{ uri: "${issuerServer.uri}?secret=canary" }`)
  const answer = await ask(gateway, signToken(first, goodClaims(issuer)))
  expect(answer.status).toBe(503)
  expect(await answer.json()).toMatchObject({ error: { code: 'token_keys_unavailable' } })
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(await askStatus(gateway, testKey)).toBe(200)
  // What is wrong without any key is the caller's all the same.
  expect(await askStatus(gateway, signToken(first, goodClaims('https://other.example.com')))).toBe(401)
  expect(await askStatus(gateway, signToken(first, goodClaims(issuer, { exp: 1 })))).toBe(401)
  expect(await gateway.readMetrics()).toMatch(/sluice_jwks_fetches_total\{result="failed"\} [1-9]/)
  expect(gateway.readLogText()).toContain('could not be fetched: status 500')
  expect(gateway.readLogText()).not.toContain('canary')
  // By itself, within a second or two: no request asks for it.
  issuerServer.serveKeys([first.jwk])
  await until(
    async () => (await askStatus(gateway, signToken(first, goodClaims(issuer)))) === 200,
    'the keys are there',
  )
  expect(gateway.readLogText()).toContain('are there again')
})

test('B6 a client that leaves while the keys are awaited leaves nothing behind, and a drain waits for nobody', async () => {
  const { issuerServer, held } = await startIssuer()
  const { gateway, backend } = await start(`{ uri: "${issuerServer.uri}" }`)
  await until(() => held[0], 'the keys are being fetched')
  const token = signToken(first, goodClaims(issuer))
  const leaving = new AbortController()
  const left = ask(gateway, token, leaving.signal)
  const waiting = ask(gateway, token)
  // What was asked after them has been answered: they have been read.
  for (let asked = 0; asked < 2; asked++) expect(await askStatus(gateway, testKey)).toBe(200)
  const before = backend.requests.length
  leaving.abort()
  await expect(left).rejects.toThrow()
  await until(() => gateway.log.some(({ code }) => code === 'client_closed'), 'it is settled')
  const drained = gateway.gateway.drain({ isHurried: true })
  expect(await (await waiting).json()).toMatchObject({ error: { code: 'draining' } })
  await drained
  expect(backend.requests.length).toBe(before)
})

test('B6 whoever left before the keys came is not counted when they do', async () => {
  const { issuerServer, held } = await startIssuer()
  const { gateway, backend } = await start(
    `{ uri: "${issuerServer.uri}" }`,
    '\n  defaults: { rateLimit: { requestsPerHour: 9 } }',
  )
  const fetching = await until(() => held[0], 'the keys are being fetched')
  const leaving = new AbortController()
  const left = ask(gateway, signToken(first, goodClaims(issuer)), leaving.signal)
  for (let asked = 0; asked < 2; asked++) expect(await askStatus(gateway, testKey)).toBe(200)
  leaving.abort()
  await expect(left).rejects.toThrow()
  await until(() => gateway.log.some(({ code }) => code === 'client_closed'), 'it is settled')
  const before = backend.requests.length
  fetching.end(JSON.stringify({ keys: [first.jwk] }))
  const answer = await ask(gateway, signToken(first, goodClaims(issuer)))
  expect(answer.status).toBe(200)
  expect(answer.headers.get('x-ratelimit-remaining-requests')).toBe('8')
  expect(backend.requests.length).toBe(before + 1)
})
