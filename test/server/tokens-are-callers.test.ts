// Signed tokens as callers, through a whole gateway: whose they are, which models, which limits; and C6: no byte of one
// in the log, the metrics, the configuration, an explanation or upstream.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'
import { createSigner, goodClaims, signToken } from '../support/token-issuer.ts'

const issuer = 'https://issuer.example.com'
const signer = createSigner('RS256', 'k1')
const keys = JSON.stringify({ keys: [signer.jwk] })

let backend: HttpBackend
let gateway: TestGateway

const model = (name: string, namespace = 'default') => `
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name}, namespace: ${namespace} }
spec: { modelName: ${name}, modelProvider: Custom, modelType: LLM, endpoint: ${backend.url}/${name} }
`

beforeAll(async () => {
  backend = await createHttpBackend(json(200, { ok: true }))
  gateway = await startGateway({
    manifests: `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { counted: sk-counted }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: team }
spec:
  apiKeys: [{ consumer: counted, secretRef: { name: keys, key: counted } }]
  jwt:
    - issuer: ${issuer}
      audiences: [sluice]
      jwks: { inline: '${keys}' }
      consumerClaim: client_id
      modelsClaim: models
  consumers:
    - { name: alice, models: ["chat-*"] }
    - { name: free }
    - { name: counted, rateLimit: { requestsPerHour: 3 } }
  defaults: { models: [chat-small], rateLimit: { requestsPerHour: 2 } }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: other, namespace: elsewhere }
spec:
  jwt: [{ issuer: "${issuer}", audiences: [elsewhere], jwks: { inline: '${keys}' } }]
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: mixed }
spec: { path: /mixed, backends: [{ modelRef: { name: chat-small } }, { modelRef: { name: secret-large } }] }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: svc }
spec: { path: /svc, targetService: "${backend.url}" }
${['chat-small', 'chat-large', 'secret-large'].map((name) => model(name)).join('')}${model('far', 'elsewhere')}`,
  })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

let consumers = 0
/** A name that no other test uses: `defaults` count. */
let fresh = ''
beforeEach(() => {
  fresh = `fresh-${consumers++}`
})

const mint = (client_id: string, extra: object = {}) => signToken(signer, goodClaims(issuer, { client_id, ...extra }))

async function call(path: string, modelName: string, token: string, header = 'authorization') {
  const answer = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { [header]: header === 'authorization' ? `bearer ${token}` : token, 'content-type': 'application/json' },
    body: JSON.stringify({ model: modelName, messages: [] }),
  })
  await answer.arrayBuffer()
  return answer.status
}

async function listModels(token: string): Promise<readonly string[]> {
  const answer = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } })
  expect(answer.status).toBe(200)
  const { data } = (await answer.json()) as { data: readonly { id: string }[] }
  return data.map(({ id }) => id).sort()
}

const chat = '/v1/chat/completions'

test.each<[string, object, readonly string[]]>([
  ['alice', {}, ['chat-large', 'chat-small']],
  ['alice', { models: ['chat-large', 'secret-large'] }, ['chat-large']],
  ['alice', { models: 'chat-small  other' }, ['chat-small']],
  ['alice', { models: '*' }, ['chat-large', 'chat-small']],
  ['alice', { models: [] }, []],
  ['alice', { models: { 'chat-small': true } }, []],
  ['nobody-knows', {}, ['chat-small']],
  ['nobody-knows', { models: ['chat-large'] }, []],
])('D1 D2 %s with %j may use %j, in the list and by name', async (consumer, extra, allowed) => {
  const token = mint(consumer === 'alice' ? consumer : fresh, extra)
  expect(await listModels(token)).toEqual(allowed)
  const limit = consumer === 'alice' ? 3 : 2
  const names = consumer === 'alice' ? ['chat-small', 'chat-large', 'secret-large'] : ['chat-small', 'chat-large']
  for (const name of names.slice(0, limit)) {
    expect(await call(chat, name, token), name).toBe(allowed.includes(name) ? 200 : 403)
  }
})

test('D1 by path and through a route of several models, both lists hold', async () => {
  const token = mint('alice', { models: ['chat-small', 'secret-large'] })
  const narrowed = mint('free', { models: ['chat-small'] })
  expect(await call('/v1/chat-small/chat/completions', '', token)).toBe(200)
  expect(await call('/v1/chat-large/chat/completions', '', token)).toBe(403)
  expect(await call('/v1/secret-large/chat/completions', '', token)).toBe(403)
  for (let asked = 0; asked < 6; asked++) {
    for (const narrow of [token, narrowed]) {
      expect(await call('/mixed/chat/completions', '', narrow)).toBe(200)
      expect(backend.requests.at(-1)?.url).toMatch(/^\/chat-small\//)
    }
  }
  expect(await call('/mixed/chat/completions', '', mint('alice', { models: ['chat-large'] }))).toBe(403)
})

test('C1 a token arrives as a key does', async () => {
  for (const header of ['authorization', 'x-api-key', 'api-key']) {
    expect(await call(chat, 'chat-small', mint('alice'), header)).toBe(200)
    expect(await call(chat, 'chat-small', `${mint('alice')}x`, header)).toBe(401)
  }
})

test('D1 what is for one namespace is nothing in another', async () => {
  const [here, there] = [mint('alice'), mint('alice', { sub: 'alice', aud: 'elsewhere' })]
  expect(await call('/v1/far/chat/completions', '', there)).toBe(200)
  expect(await call('/v1/far/chat/completions', '', here)).toBe(401)
  expect(await call('/svc', '', there)).toBe(401)
  expect(await listModels(there)).toEqual(['far'])
  expect(await call(chat, 'chat-small', there)).toBe(403)
  // Of both audiences: a caller in each.
  const both = mint('alice', { sub: 'alice', aud: ['elsewhere', 'sluice'] })
  expect(await listModels(both)).toEqual(['chat-large', 'chat-small', 'far'])
  expect(await call('/v1/far/chat/completions', '', both)).toBe(200)
})

test('E7 a token and a key of one consumer count together, those of others each for themselves', async () => {
  const token = mint('counted')
  expect(await call(chat, 'chat-small', token)).toBe(200)
  expect(await call(chat, 'chat-small', 'sk-counted')).toBe(200)
  expect(await call(chat, 'chat-small', mint('counted', { jti: 'another' }))).toBe(200)
  expect(await call(chat, 'chat-small', token)).toBe(429)
  expect(await call(chat, 'chat-small', 'sk-counted')).toBe(429)
  for (const name of [fresh, `${fresh}-2`]) {
    expect(await call(chat, 'chat-small', mint(name))).toBe(200)
    expect(await call(chat, 'chat-small', mint(name))).toBe(200)
    expect(await call(chat, 'chat-small', mint(name))).toBe(429)
  }
})

test('C6 a token is in no log, metric, dump or explanation, and goes to no backend', async () => {
  const good = mint('alice')
  const bad = [
    `${good.slice(0, -4)}AAAA`,
    mint('alice', { exp: 1 }),
    mint('alice', { iss: 'x' }),
    mint('alice', { aud: 'x' }),
  ]
  for (const token of [good, ...bad]) {
    const isGood = token === good
    expect(await call('/svc/a', '', token)).toBe(isGood ? 200 : 401)
    expect(await call(chat, 'chat-small', token)).toBe(isGood ? 200 : 401)
    const answer = await fetch(`${gateway.adminUrl}/explain?path=/svc/a&key=${token}`)
    const text = await answer.text()
    expect(JSON.parse(text)).toMatchObject({ outcome: { status: isGood ? 200 : 401 } })
    if (isGood) expect(text).toContain("the key is alice's, of default/team")
  }
  const config = await (await fetch(`${gateway.adminUrl}/config`)).text()
  const backendSaw = backend.requests.map(({ rawHeaders, text }) => `${rawHeaders.join('\n')}${text}`).join('\n')
  const all = [gateway.readLogText(), await gateway.readMetrics(), config, backendSaw].join('\n')
  for (const token of [good, ...bad]) {
    const [, claims = '', signature = ''] = token.split('.')
    for (const part of [claims, signature.slice(0, 40)]) expect(all.includes(part)).toBe(false)
    expect(all).not.toContain(encodeURIComponent(token))
  }
  const details = gateway.log.flatMap(({ detail }) => (typeof detail === 'string' ? [detail] : []))
  const reasons = ['the signature is not the key’s', 'expired', 'of no issuer in reach', 'for another audience']
  expect(details).toEqual(expect.arrayContaining(reasons.map((reason) => `token: ${reason}`)))
  expect(gateway.log.some(({ consumer, status }) => consumer === 'alice' && status === 200)).toBe(true)
})
