// What is sent to an issuer, and what is made of what it answers: nothing but a token that a header can carry is one, and
// what goes wrong is told without a byte of the credential or of the answer.
import { gzipSync } from 'node:zlib'
import { decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkCredential } from '../../src/providers/check-credential.ts'
import { parseEntraClient } from '../../src/providers/parse-entra-client.ts'
import { parseServiceAccount } from '../../src/providers/parse-service-account.ts'
import { createAddressGuard } from '../../src/upstream/address-guard.ts'
import type { ConnectorOptions } from '../../src/upstream/connector.ts'
import { fetchEntraToken } from '../../src/upstream/credentials/fetch-entra-token.ts'
import { fetchGoogleToken } from '../../src/upstream/credentials/fetch-google-token.ts'
import { type HttpBackendHandler, json } from '../support/http-backend.ts'
import {
  createKeyFile,
  createTokenEndpoint,
  serviceAccountPem,
  serviceAccountPublicKey,
  type TokenEndpoint,
} from '../support/token-endpoint.ts'

const open: ConnectorOptions = { isAddressAllowed: () => true, resolve: [], simulator: null }
const { signal } = new AbortController()
const canary = 'canary-5a17'

let endpoint: TokenEndpoint
beforeAll(async () => {
  endpoint = await createTokenEndpoint()
})
afterAll(() => endpoint.close())

function fetchGoogle(dialling = open, tokenUrl = endpoint.tokenUrl) {
  const { account, problem } = parseServiceAccount(createKeyFile(tokenUrl))
  if (account === null) throw new Error(problem)
  return fetchGoogleToken(account, dialling, signal)
}

function fetchEntra(fields: Readonly<Record<string, unknown>> = {}) {
  const text = JSON.stringify({
    tenantId: 't-1',
    clientId: 'c-1',
    clientSecret: canary,
    authority: endpoint.url,
    ...fields,
  })
  const { client, problem } = parseEntraClient(text)
  if (client === null) throw new Error(problem)
  return fetchEntraToken(client, open, signal)
}

test('Google is asked with an assertion that the account has signed', async () => {
  endpoint.restore()
  const { value, lifetimeMs } = await fetchGoogle()
  expect(value).toMatch(/^token-\d+$/)
  expect(lifetimeMs).toBe(3_600_000)
  const request = endpoint.requests.at(-1)
  expect(request).toMatchObject({ method: 'POST', url: '/token' })
  expect(request?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/)
  const form = new URLSearchParams(request?.text)
  expect([...form.keys()].sort()).toEqual(['assertion', 'grant_type'])
  expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
  const assertion = form.get('assertion') ?? ''
  expect(decodeProtectedHeader(assertion)).toEqual({
    alg: 'RS256',
    typ: 'JWT',
    kid: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b',
  })
  const { payload } = await jwtVerify(assertion, serviceAccountPublicKey, { audience: endpoint.tokenUrl })
  expect(payload).toMatchObject({
    iss: 'sluice@acme-models-42.iam.gserviceaccount.com',
    scope: 'https://www.googleapis.com/auth/cloud-platform',
  })
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600)
})

test('Entra is asked as its application, below its tenant', async () => {
  endpoint.restore()
  await fetchEntra()
  const request = endpoint.requests.at(-1)
  expect(request).toMatchObject({ method: 'POST', url: '/t-1/oauth2/v2.0/token' })
  expect(Object.fromEntries(new URLSearchParams(request?.text))).toEqual({
    grant_type: 'client_credentials',
    client_id: 'c-1',
    client_secret: canary,
    scope: 'https://cognitiveservices.azure.com/.default',
  })
})

const good = { access_token: 'abc', token_type: 'Bearer', expires_in: 60 }
const raw =
  (status: number, type: string, body: string | Buffer, headers = {}): HttpBackendHandler =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': type, ...headers })
    response.end(body)
  }

describe('what is no token', () => {
  const answers: readonly (readonly [string, HttpBackendHandler, RegExp])[] = [
    ['no token', json(200, { token_type: 'Bearer', note: canary }), /no token/],
    ['an empty one', json(200, { ...good, access_token: '' }), /no token/],
    ['one with a line end', json(200, { ...good, access_token: `a\r\n${canary}` }), /none that a header could carry/],
    ['one of 20 KB', json(200, { ...good, access_token: 'a'.repeat(20_000) }), /none that a header could carry/],
    ['of a kind that is not spoken', json(200, { ...good, token_type: canary }), /no token/],
    ['expired', json(200, { ...good, expires_in: 0 }), /expired|no token/],
    ['an odd lifetime', json(200, { ...good, expires_in: canary }), /no token/],
    ['not JSON', raw(200, 'text/html', `<html>${canary}</html>`), /no token/],
    ['a list', json(200, [good]), /no token/],
    ['refused', json(400, { error: 'invalid_grant', error_description: canary }), /answered 400 invalid_grant/],
    ['refused oddly', json(401, { error: `<${canary}>` }), /answered 401/],
    [
      'refused with a challenge',
      raw(401, 'text/plain', canary, { 'www-authenticate': 'Bearer realm="x"' }),
      /no token|401/,
    ],
    ['failed', raw(500, 'text/plain', canary), /answered 500/],
    ['a redirect', raw(302, 'text/plain', '', { location: 'http://169.254.169.254/' }), /redirect \(302\)/],
    ['encoded', raw(200, 'application/json', gzipSync('{}'), { 'content-encoding': 'gzip' }), /encoded/],
    ['too long', raw(200, 'application/json', `"${'a'.repeat(70_000)}"`), /longer than 65536 bytes/],
    ['cut', (_request, response) => void response.socket?.destroy(), /UND_ERR_SOCKET|ECONNRESET/],
  ]
  test.each(answers)('%s', async (_name, handler, reason) => {
    endpoint.setHandler(handler)
    for (const fetch of [fetchGoogle, fetchEntra]) {
      const error: unknown = await fetch().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(Error)
      expect(String(error)).toMatch(reason)
      expect(String(error)).not.toMatch(/canary|PRIVATE|acme|eyJ/)
    }
  })
})

test('without a lifetime it is taken for five minutes, and never for more than a day', async () => {
  endpoint.setHandler(json(200, { access_token: 'abc', token_type: 'bearer' }))
  expect((await fetchGoogle()).lifetimeMs).toBe(300_000)
  endpoint.setHandler(json(200, { ...good, expires_in: 10 ** 9 }))
  expect((await fetchGoogle()).lifetimeMs).toBe(86_400_000)
})

describe('D5 the issuer is dialled as any upstream is', () => {
  test('an address that is refused is not asked', async () => {
    const asked = endpoint.requests.length
    const isAddressAllowed = createAddressGuard({ allow: [], deny: [], isLoopbackAllowed: false })
    await expect(fetchGoogle({ ...open, isAddressAllowed })).rejects.toThrow('SLUICE_ADDRESS_REFUSED')
    expect(endpoint.requests).toHaveLength(asked)
  })

  test('--resolve leads elsewhere', async () => {
    endpoint.restore()
    const resolve = [{ hostname: 'localhost', port: 1, address: '127.0.0.1', addressPort: endpoint.port }]
    expect((await fetchGoogle({ ...open, resolve }, 'http://localhost:1/token')).value).toMatch(/^token-/)
  })
})

describe('a Secret that is no credential is told without a byte of it', () => {
  const entra = { tenantId: 't', clientId: 'c', clientSecret: 's' }
  const file = JSON.parse(createKeyFile('https://oauth2.googleapis.com/token'))
  test.each([
    ['GCP', canary, 'it is no JSON object'],
    ['GCP', JSON.stringify({ ...file, type: 'authorized_user' }), 'its type is not service_account'],
    ['GCP', JSON.stringify({ ...file, client_email: canary }), 'client_email is missing'],
    ['GCP', JSON.stringify({ ...file, private_key: canary }), 'private_key is no RSA key in PEM'],
    [
      'GCP',
      JSON.stringify({ ...file, private_key: serviceAccountPem.slice(0, 400) }),
      'private_key is no RSA key in PEM',
    ],
    ['GCP', JSON.stringify({ ...file, token_uri: `http://${canary}/token` }), 'token_uri is not https'],
    ['GCP', JSON.stringify({ ...file, token_uri: `https://${canary}@a/token` }), 'token_uri has a password in it'],
    ['GCP', JSON.stringify({ ...file, project_id: `../${canary}` }), 'project_id is not what Google calls one'],
    ['Azure', `"${canary}"`, 'it is no JSON object'],
    ['Azure', JSON.stringify({ ...entra, tenantId: `../${canary}` }), 'tenantId is missing'],
    ['Azure', JSON.stringify({ ...entra, clientSecret: '' }), 'clientSecret is missing'],
    ['Azure', JSON.stringify({ ...entra, authority: `ftp://${canary}` }), 'authority is not https'],
    ['Azure', JSON.stringify({ ...entra, [canary]: 1 }), 'it has fields besides'],
  ] as const)('%s %#', (type, text, problem) => {
    const said = checkCredential(type, text, 'example.com')
    expect(said).toContain(problem)
    expect(said).not.toContain('canary')
  })

  test.each([
    ['GCP', JSON.stringify(file)],
    ['GCP', JSON.stringify({ ...file, token_uri: undefined })],
    ['Azure', JSON.stringify(entra)],
    [
      'Azure',
      JSON.stringify({ ...entra, authority: 'https://login.microsoftonline.us/', scope: 'https://x.us/.default' }),
    ],
  ] as const)('a good one of %s', (type, text) => {
    expect(checkCredential(type, text, 'example.com')).toBeNull()
  })
})
