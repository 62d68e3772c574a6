// Targets with an Entra application's token: fetched in time, renewed when it is refused, and its issuer's troubles are
// failures like any other: they fail over, and say nothing secret.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayManifests, startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json, sse } from '../support/http-backend.ts'
import { createTokenEndpoint, type TokenEndpoint } from '../support/token-endpoint.ts'

const completion = {
  id: 'c-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-5',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}
const secret = 'entra-canary-90d3'

let azure: HttpBackend
let other: HttpBackend
let issuer: TokenEndpoint
let gateway: TestGateway

beforeAll(async () => {
  azure = await createHttpBackend(json(200, completion))
  other = await createHttpBackend(json(200, { ...completion, id: 'c-other' }))
  issuer = await createTokenEndpoint()
  const client = (clientId: string) =>
    JSON.stringify({ tenantId: 'tenant-1', clientId, clientSecret: secret, authority: issuer.url })
  const model = (name: string, modelName: string, key: string) => `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${modelName}
  upstreamModel: gpt-5
  modelProvider: AzureOpenAI
  modelType: LLM
  endpoint: ${azure.url}/openai/v1
  credentials: { type: Azure, secretRef: { name: entra, key: ${key} } }
`
  const extra = [
    `
apiVersion: v1
kind: Secret
metadata: { name: entra }
stringData:
  one: '${client('client-1')}'
  two: '${client('client-2')}'
`,
    model('own', 'own', 'one'),
    model('first', 'pair-first', 'two'),
    `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: second }
spec: { modelName: pair-second, modelProvider: Custom, modelType: LLM, endpoint: '${other.url}/v1' }
`,
    `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: pair }
spec:
  path: /pair
  backends:
    - { modelRef: { name: first }, priority: 0 }
    - { modelRef: { name: second }, priority: 1 }
`,
  ]
  gateway = await startGateway({ manifests: gatewayManifests(azure.url, extra.join('\n---')) })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([azure.close(), other.close(), issuer.close()])
})

async function ask(path: string, body: Readonly<Record<string, unknown>> = {}) {
  const response = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], ...body }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

test('the issuer is away: another target answers, and without one it is a 502 that says nothing secret', async () => {
  issuer.setHandler(json(400, { error: 'invalid_client', error_description: `AADSTS7000215: ${secret}` }))
  const pair = await ask('/pair/chat/completions')
  expect(pair).toMatchObject({ status: 200 })
  expect(JSON.parse(pair.text)).toMatchObject({ id: 'c-other' })
  const own = await ask('/v1/chat/completions', { model: 'own' })
  expect(own.status).toBe(502)
  expect(JSON.parse(own.text)).toMatchObject({ error: { code: 'upstream_error' } })
  expect(own.text).not.toMatch(/AADSTS|canary|issuer/)
  expect(azure.requests).toHaveLength(0)
  expect(gateway.readLogText()).toContain('the issuer answered 400 invalid_client')
})

test('a token once, for requests and streams; refused once, it is renewed once', async () => {
  issuer.restore()
  // The pause after the failure is a second or less.
  await expect
    .poll(async () => (await ask('/v1/chat/completions', { model: 'own' })).status, { timeout: 5_000 })
    .toBe(200)
  const asked = issuer.requests.length
  const token = azure.requests.at(-1)?.headers.authorization
  expect(token).toMatch(/^Bearer token-\d+$/)
  expect(azure.requests.at(-1)?.headers).not.toHaveProperty('api-key')
  azure.setHandler(
    sse([
      {
        ...completion,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content: 'Hi.' }, finish_reason: 'stop' }],
      },
    ]),
  )
  const streams = await Promise.all(
    Array.from({ length: 10 }, () => ask('/v1/chat/completions', { model: 'own', stream: true })),
  )
  expect(streams.every(({ text }) => text.endsWith('data: [DONE]\n\n'))).toBe(true)
  expect(issuer.requests).toHaveLength(asked)
  azure.setHandler((request, response) =>
    json(request.headers.authorization === token ? 401 : 200, completion)(request, response),
  )
  const answer = await ask('/v1/chat/completions', { model: 'own' })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('x-sluice-attempts')).toBe('2')
  expect(issuer.requests).toHaveLength(asked + 1)
})

test('a changed Secret is used from then on; a deleted one ends it', async () => {
  azure.setHandler(json(200, completion))
  const renderSecret = (tenantId: string) => `
apiVersion: v1
kind: Secret
metadata: { name: changed }
stringData: { client: '${JSON.stringify({ tenantId, clientId: 'c', clientSecret: secret, authority: issuer.url })}' }
---`
  const model = `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: changed }
spec:
  modelName: changed
  upstreamModel: gpt-5
  modelProvider: AzureOpenAI
  modelType: LLM
  endpoint: ${azure.url}/openai/v1
  credentials: { type: Azure, secretRef: { name: changed, key: client } }
`
  for (const tenant of ['tenant-2', 'tenant-3']) {
    await gateway.writeManifest('model.yaml', renderSecret(tenant) + model)
    const asked = issuer.requests.length
    expect((await ask('/v1/chat/completions', { model: 'changed' })).status).toBe(200)
    expect(issuer.requests).toHaveLength(asked + 1)
    expect(issuer.requests.at(-1)?.url).toBe(`/${tenant}/oauth2/v2.0/token`)
  }
  const sent = azure.requests.length
  await gateway.writeManifest('model.yaml', model)
  expect((await ask('/v1/chat/completions', { model: 'changed' })).status).toBe(503)
  expect(azure.requests).toHaveLength(sent)
})

test('no log line, metric or dump has anything of a credential in it', async () => {
  const config = await (await fetch(`${gateway.adminUrl}/config`)).text()
  expect(gateway.readLogText() + (await gateway.readMetrics()) + config).not.toMatch(/entra-canary|token-\d|AADSTS/)
})
