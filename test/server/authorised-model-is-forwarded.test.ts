// D2: however a request spells or repeats its model, the one that was authorised is the one that is sent on; what could
// be read as another one is refused. The backend's reading is checked as servers of several languages would read it.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json, type SeenRequest } from '../support/http-backend.ts'
import { renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'

let backend: HttpBackend
let gateway: TestGateway

const model = (name: string, type = 'LLM', rest = '') => `
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec: { modelName: ${name}, modelProvider: Custom, modelType: ${type}, endpoint: ${backend.url}/${name}${rest} }
`

beforeAll(async () => {
  backend = await createHttpBackend(json(200, { ok: true }))
  gateway = await startGateway({
    manifests: `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { narrow: sk-narrow }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: policy }
spec:
  apiKeys: [{ consumer: narrow, secretRef: { name: keys, key: narrow } }]
  consumers: [{ name: narrow, models: [allowed, heard, "team/*"] }]
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: own }
spec: { path: /own, backends: [{ modelRef: { name: allowed } }] }
${model('allowed', 'LLM', ', aliases: ["fast*"]')}${model('forbidden', 'LLM', ', aliases: ["secret*"]')}${model('heard', 'SpeechToText')}`,
  })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

let taken = 0
/** What reached the backend since the last call. */
function takeSeen(): readonly SeenRequest[] {
  const seen = backend.requests.slice(taken)
  taken = backend.requests.length
  return seen
}
afterEach(() => {
  takeSeen()
})

const key = { authorization: 'Bearer sk-narrow' }

async function post(target: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  const head = renderRequest('POST', target, {
    ...key,
    'content-type': 'application/json',
    ...headers,
    'content-length': `${Buffer.byteLength(body)}`,
  })
  return exchangeRaw(gateway.port, Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]))
}

/** The model as a server would see it that takes the last of two names (most), the first (some), any case (Go). */
function readModels(text: string): readonly unknown[] {
  const parsed: Record<string, unknown> = JSON.parse(text)
  const anyCase = Object.entries(parsed).filter(([name]) => name.normalize('NFKC').trim().toLowerCase() === 'model')
  return [parsed.model, ...anyCase.map(([, value]) => value)]
}

/** Refused (with 403 or 404 where it names a model), or sent on as `allowed` and nothing else. */
function expectAllowedOnly(status: number, seen: readonly SeenRequest[]): void {
  expect([200, 400, 403, 404, 415]).toContain(status)
  expect(seen).toHaveLength(status === 200 ? 1 : 0)
  for (const { url, text } of seen) {
    expect(url).toMatch(/^\/allowed\//)
    expect(new Set(readModels(text))).toEqual(new Set(['allowed']))
    expect(text).not.toContain('forbidden')
  }
}

const bodies = [
  '{"model":"allowed","model":"forbidden"}',
  '{"model":"forbidden","model":"allowed"}',
  '{"model":"allowed","\\u006dodel":"forbidden"}',
  '{"\\u006d\\u006f\\u0064\\u0065\\u006c":"forbidden"}',
  '{"model":"\\u0066orbidden"}',
  '{"model":"allowed","Model":"forbidden"}',
  '{"model":"allowed","MODEL":"forbidden"}',
  '{"MODEL":"allowed","model":"forbidden"}',
  '{"Model":"forbidden"}',
  '{"model":"FORBIDDEN"}',
  '{"model":"Allowed"}',
  '{"model":"allowed\\u0000forbidden"}',
  '{"model":"forbidden "}',
  '{"model":" forbidden"}',
  '{"model":"\\tforbidden"}',
  '{"model":"allowed,forbidden"}',
  '{"model":"allowed/../forbidden"}',
  '{"model":"openai/forbidden"}',
  '{"model":"default/forbidden"}',
  '{"model":"team/../forbidden"}',
  '{"model":"team/x"}',
  '{"model":"*"}',
  '{"model":"allow*"}',
  '{"model":"ｆｏｒｂｉｄｄｅｎ"}',
  '{"model":"ａｌｌｏｗｅｄ"}',
  '{"model":"allowed\\u200b"}',
  '{"model":"f\\u043erbidden"}',
  '{"model":"%66orbidden"}',
  '{"model":"secret-1"}',
  '{"model":["allowed","forbidden"]}',
  '{"model":{"$ne":""}}',
  '{"model":1e400}',
  '{"model":null}',
  '{"model":true}',
  '{"model":""}',
  '{"model":"__proto__"}',
  '{"model":"constructor"}',
  '{"model":"toString"}',
  '[{"model":"forbidden"}]',
  '{"model":"allowed"}{"model":"forbidden"}',
  '{"model":"allowed"}\n{"model":"forbidden"}',
  '\ufeff{"model":"forbidden"}',
  '{"model":"allowed",/*"model":"x"*/"a":1}',
]

describe('D2: the body', () => {
  test.each(bodies)('%s', async (body) => {
    expectAllowedOnly((await post('/v1/chat/completions', body)).status, takeSeen())
    expectAllowedOnly((await post('/v1/allowed/chat/completions', body)).status, takeSeen())
    expectAllowedOnly((await post('/own/chat/completions', body)).status, takeSeen())
    expect((await post('/v1/forbidden/chat/completions', body)).status).toBe(403)
    expect(takeSeen()).toEqual([])
  })

  test.each([
    '"metadata":{"model":"forbidden"}',
    '"__proto__":{"model":"forbidden"}',
    '"constructor":{"prototype":{"model":"forbidden"}}',
  ])('a model inside another member is content, and passes: %s', async (member) => {
    const body = `{"model":"allowed",${member},"messages":[]}`
    expect((await post('/v1/chat/completions', body)).status).toBe(200)
    expect(takeSeen().map(({ text }) => text)).toEqual([body])
  })

  test('an alias is sent on as the name behind it, and allowed by that name', async () => {
    expect((await post('/v1/chat/completions', '{"model":"fast-1"}')).status).toBe(200)
    expect(takeSeen().map(({ text }) => text)).toEqual(['{"model":"allowed"}'])
    expect((await post('/v1/chat/completions', '{"model":"secret-1"}')).json()).toMatchObject({
      error: { code: 'model_not_allowed' },
    })
  })
})

describe('D2: elsewhere', () => {
  test.each(['?model=forbidden', '?MODEL=forbidden', '?%6dodel=forbidden', '?a=1&model=allowed', '?model[]=forbidden'])(
    'in the query: %s is refused',
    async (query) => {
      for (const path of ['/v1/chat/completions', '/own/chat/completions']) {
        const answer = await post(path + query, '{"model":"allowed","messages":[]}')
        expect([answer.status, answer.json()]).toMatchObject([
          400,
          { error: { code: 'invalid_request', param: 'model' } },
        ])
      }
      expect(takeSeen()).toEqual([])
    },
  )

  test.each([
    'x-model',
    'model',
    'openai-model',
    'x-sluice-model',
    'x-sluice-target',
    'x-litellm-model',
    'x-goog-model',
  ])('in the header %s: it goes nowhere', async (name) => {
    expectAllowedOnly(
      (await post('/v1/chat/completions', '{"model":"allowed","messages":[]}', { [name]: 'forbidden' })).status,
      takeSeen(),
    )
    await post('/v1/chat/completions', '{"model":"allowed","messages":[]}', { [name]: 'forbidden' })
    expect(JSON.stringify(takeSeen().map(({ headers }) => headers))).not.toContain('forbidden')
  })

  test.each([
    '/v1/forbidden',
    '/v1/%66orbidden',
    '/v1/forbidden/',
    '/v1/allowed/../forbidden',
    '/v1/allowed/%2e%2e/forbidden',
    '/v1/./forbidden',
    '/v1//forbidden',
    '/v1/allowed/..%2fforbidden',
    '/v1/FORBIDDEN',
    '/v1/forbidden;x',
    '/own/../v1/forbidden',
    '/own/%2e%2e/v1/forbidden',
  ])('in the path: %s', async (path) => {
    for (const target of [`${path}/chat/completions`, path]) {
      const { status } = await post(target, '{"model":"allowed","messages":[]}')
      expect([400, 403, 404]).toContain(status)
    }
    expect(takeSeen()).toEqual([])
  })

  const field = (name: string, value: string) =>
    `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const form = (...fields: readonly (readonly [string, string])[]) =>
    `${fields.map(([name, value]) => field(name, value)).join('')}--XX--\r\n`
  test.each<readonly (readonly [string, string])[]>([
    [['model', 'forbidden']],
    [
      ['model', 'heard'],
      ['model', 'forbidden'],
    ],
    [
      ['model', 'heard'],
      ['Model', 'forbidden'],
    ],
    [
      ['model', 'heard'],
      ['model[]', 'forbidden'],
    ],
    [
      ['model', 'heard'],
      ['mod\\el', 'forbidden'],
    ],
    [['model', 'forbidden\r\nx']],
    [['model', 'allowed']],
  ])('in a form: %j %j', async (...fields) => {
    const type = { 'content-type': 'multipart/form-data; boundary=XX' }
    for (const path of ['/v1/audio/transcriptions', '/v1/heard/audio/transcriptions']) {
      const { status } = await post(path, form(...fields), type)
      const seen = takeSeen()
      expect([200, 400, 403, 404]).toContain(status)
      for (const { url, text } of seen) {
        expect(url).toMatch(/^\/(heard|allowed)\//)
        expect(text).not.toContain('forbidden')
      }
      expect(seen).toHaveLength(status === 200 ? 1 : 0)
    }
  })
})
