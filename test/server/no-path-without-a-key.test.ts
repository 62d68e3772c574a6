// D4: every path that the router serves, of the served table itself and not of a list by hand, asked without a key by
// every method and in every spelling: 401, or an answer that is the same for everybody, and not a byte goes upstream.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedOperations } from '../../src/server/surfaces/operations.ts'
import { servedMethods } from '../../src/wire/request-head.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { renderJsonResponse, renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { createScriptedBackend, type ScriptedBackend } from '../support/scripted-backend.ts'

let backend: ScriptedBackend
let gateway: TestGateway

type DumpedRoute = Readonly<{
  id: string
  match: Readonly<{ path: string; pathType: string; hostnames: readonly string[] }>
  authentication: Readonly<{ required: boolean }>
}>
let routes: readonly DumpedRoute[]

beforeAll(async () => {
  backend = await createScriptedBackend((_request, connection) => connection.write(renderJsonResponse(200, {})))
  const { url } = backend
  const types = ['LLM', 'ImageGen', 'Embedding', 'Rerank', 'Moderation', 'TextToSpeech', 'SpeechToText', 'Sentiment']
  const models = types.map((type) => {
    const name = type.toLowerCase()
    return `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec: { modelName: ${name}, modelProvider: Custom, modelType: ${type}, endpoint: '${url}/v1' }
`
  })
  const route = (name: string, spec: string) => `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: ${name} }
spec: { ${spec} }
`
  gateway = await startGateway({
    manifests: [
      ...models,
      route('service', `path: /svc, targetService: '${url}'`),
      route('exact', `path: /exact, pathType: Exact, targetService: '${url}'`),
      route('hosted', `path: /hosted, hostnames: [a.test, '*.b.test'], targetService: '${url}'`),
      route('below', `path: /svc/below, targetService: '${url}'`),
      route('joined', `path: /joined, modelName: llm`),
      route('backends', `path: /backends, backends: [{ modelRef: { name: llm } }, { modelRef: { name: embedding } }]`),
      route('broken', `path: /broken, backends: [{ modelRef: { name: absent } }]`),
      route('open', `path: /svc/open, targetService: '${url}', authentication: false`),
      `
apiVersion: v1
kind: Secret
metadata: { name: key }
stringData: { key: sk-key }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: callers }
spec: { apiKeys: [{ consumer: c, secretRef: { name: key, key: key } }] }
`,
    ].join('---\n'),
  })
  const config: { table: { routes: readonly DumpedRoute[] } } = JSON.parse(
    await (await fetch(`${gateway.adminUrl}/config`)).text(),
  )
  routes = config.table.routes
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

const methods = [...servedMethods.split(', '), 'TRACE', 'QUERY', 'PROPFIND']
const rests = [
  '',
  '/',
  '/x',
  '/models',
  '/models/llm',
  '/admin',
  ...sharedOperations.map((operation) => `/${operation}`),
]

function spell(path: string): readonly string[] {
  const last = path.at(-1) ?? ''
  return [
    path,
    `${path}/`,
    `${path}?key=x`,
    `${path.slice(0, -1)}%${last.charCodeAt(0).toString(16)}`,
    path.toUpperCase(),
    `/.${path}`,
    `/x/..${path}`,
  ]
}

async function ask(method: string, target: string, host: string) {
  const body = method === 'POST' || method === 'PUT' ? '{"model":"llm","messages":[]}' : ''
  const type: Record<string, string> = body === '' ? {} : { 'content-type': 'application/json' }
  const text = renderRequest(method, target, { host, ...type }, body)
  return (await exchangeRaw(gateway.port, text, { requestMethod: method })).status
}

test('D4: the table has what it was given', () => {
  expect(routes.length).toBeGreaterThanOrEqual(16)
  expect(routes.filter(({ authentication }) => !authentication.required).map(({ id }) => id)).toEqual(['default/open'])
})

test('D4: no closed route of the table answers without a key', async () => {
  let asked = 0
  const answers = new Set<string>()
  for (const { match, authentication } of routes) {
    if (match.path === '' || !authentication.required) continue
    const host = (match.hostnames[0] ?? 'any.test').replace('*', 'x')
    const rounds = match.pathType === 'Exact' ? [''] : rests
    await Promise.all(
      rounds.flatMap((rest) =>
        methods.map(async (method) => {
          const status = await ask(method, match.path + rest, host)
          asked += 1
          // 405 and 501: methods that nothing here has, whoever asks.
          const allowed = servedMethods.includes(method) ? [401] : [405, 501]
          if (!allowed.includes(status)) answers.add(`${method} ${match.path}${rest}: ${status}`)
        }),
      ),
    )
    for (const target of spell(match.path)) {
      const status = await ask('POST', target, host)
      if (![400, 401, 404].includes(status)) answers.add(`POST ${target}: ${status}`)
    }
  }
  expect([...answers]).toEqual([])
  expect(asked).toBeGreaterThan(1_000)
  expect(backend.requests).toHaveLength(0)
})

test('D4: nothing of the API’s own does', async () => {
  const answers = new Set<string>()
  for (const path of [
    ...sharedOperations.map((operation) => `/v1/${operation}`),
    '/v1/models',
    '/v1/models/llm',
    '/v1/models/absent',
  ]) {
    const isRead = path.startsWith('/v1/models')
    for (const method of methods) {
      const status = await ask(method, path, 'any.test')
      const isServed = isRead ? ['GET', 'HEAD'].includes(method) : method === 'POST'
      const allowed = isServed ? [401] : [405, 501]
      if (!allowed.includes(status)) answers.add(`${method} ${path}: ${status}`)
    }
    for (const target of spell(path)) {
      const status = await ask(isRead ? 'GET' : 'POST', target, 'any.test')
      if (![400, 401, 404].includes(status)) answers.add(`${target}: ${status}`)
    }
  }
  expect([...answers]).toEqual([])
  expect(backend.requests).toHaveLength(0)
})

test('D4: what the admin port serves is not on the data port', async () => {
  for (const path of [
    '/healthz',
    '/readyz',
    '/metrics',
    '/config',
    '/explain',
    '/openapi.json',
    '/',
    '/v1',
    '/debug/pprof',
    '/.env',
    '/server-status',
    '/actuator/env',
  ]) {
    expect([path, await ask('GET', path, 'any.test')]).toEqual([path, 404])
  }
})

test('D4: an open route needs no key, and ignores a wrong one', async () => {
  expect(await ask('GET', '/svc/open', 'any.test')).toBe(200)
  const wrong = renderRequest('GET', '/svc/open/x', { authorization: 'Bearer sk-wrong', 'x-api-key': 'sk-other' })
  expect((await exchangeRaw(gateway.port, wrong)).status).toBe(200)
  expect(backend.requests.map((request) => request.header('authorization') ?? request.header('x-api-key'))).toEqual([
    null,
    null,
  ])
  // Nor does a spelling of its path lead to its closed neighbour, or the other way round.
  for (const target of ['/svc/open/../below', '/svc/open/%2e%2e/below', '/svc/openx', '/svc/OPEN', '/svc//open/../x']) {
    expect([400, 401]).toContain(await ask('GET', target, 'any.test'))
  }
  expect(backend.requests).toHaveLength(2)
})
