// D1, D6: a tenant's key opens nothing of another tenant's: routes, models by name, by path, by id, or by guessing; what
// it is told is what it would be told of something that does not exist, as far as the contract has it. Nothing is cached:
// the same prompt of two tenants is two questions with two answers, however they run into each other.
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend } from '../support/http-backend.ts'
import { renderEvent, renderRequest } from '../support/http-bytes.ts'
import { connectRaw, exchangeRaw } from '../support/raw-client.ts'
import { until } from '../support/until.ts'

let backend: HttpBackend
let gateway: TestGateway

const tenant = (name: string, url: string) => `
apiVersion: v1
kind: Secret
metadata: { name: key, namespace: ${name} }
stringData: { key: sk-${name} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: callers, namespace: ${name} }
spec: { apiKeys: [{ consumer: same-name, secretRef: { name: key, key: key } }] }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: model, namespace: ${name} }
spec: { modelName: ${name}-model, modelProvider: Custom, modelType: LLM, endpoint: '${url}/${name}', aliases: ['${name}-alias-*'] }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: internal, namespace: ${name} }
spec: { modelName: ${name}-internal, modelProvider: Custom, modelType: LLM, endpoint: '${url}/${name}', visibility: Internal }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: service, namespace: ${name} }
spec: { path: /${name}/service, targetService: '${url}' }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: model, namespace: ${name} }
spec: { path: /${name}/model, backends: [{ modelRef: { name: internal } }] }
`

let answers = 0
beforeAll(async () => {
  backend = await createHttpBackend((seen, response) => {
    answers += 1
    const { headers, text } = seen
    const content = `answer ${answers} for ${headers['x-request-id']}`
    const delta = { id: `a${answers}`, choices: [{ index: 0, delta: { content }, finish_reason: null }] }
    if (!text.includes('"stream":true')) {
      const body = JSON.stringify({ id: `a${answers}`, choices: [{ index: 0, message: { content } }] })
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'cache-control': 'public, max-age=3600',
        etag: '"same"',
      })
      response.end(body)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(renderEvent(delta))
    setImmediate(() => {
      response.write(renderEvent(delta))
      response.end(renderEvent('[DONE]'))
    })
  })
  gateway = await startGateway({ manifests: `${tenant('red', backend.url)}---\n${tenant('blue', backend.url)}` })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

async function ask(method: 'GET' | 'POST', path: string, key: string, model = 'x') {
  const { statusCode, body, headers } = await request(`${gateway.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-request-id': 'same' },
    ...(method === 'POST' ? { body: JSON.stringify({ model, messages: [] }) } : {}),
  })
  const text = await body.text()
  delete headers.date
  return { status: statusCode, text, headers: JSON.stringify(headers) }
}

/** The answer with the name that was asked for taken out, so that two can be compared. */
async function shape(method: 'GET' | 'POST', path: string, key: string, name: string) {
  const answer = await ask(method, path.replaceAll('NAME', name), key, name)
  const strip = (text: string) => text.replaceAll(name, 'NAME').replace(/"content-length":"\d+"/, '')
  return { status: answer.status, text: strip(answer.text), headers: strip(answer.headers) }
}

describe('D1: with the key of another tenant', () => {
  test('its routes refuse it as they refuse a key that nobody has', async () => {
    const before = backend.requests.length
    for (const path of [
      '/blue/service',
      '/blue/service/x',
      '/blue/model/chat/completions',
      '/blue/model',
      '/blue/model/models',
      '/v1/blue-model/chat/completions',
      '/v1/blue-model/models',
    ]) {
      for (const method of ['GET', 'POST'] as const) {
        const other = await ask(method, path, 'sk-red')
        expect([path, other.status]).toEqual([path, 401])
        expect(other).toEqual(await ask(method, path, 'sk-nobody'))
      }
    }
    expect(backend.requests.length).toBe(before)
  })

  test.each([
    ['its Internal models by name', 'POST', '/v1/chat/completions', 'blue-internal'],
    ['its Internal models by path', 'POST', '/v1/NAME/chat/completions', 'blue-internal'],
    ['its models by id', 'GET', '/v1/models/NAME', 'blue-model'],
    ['its Internal models by id', 'GET', '/v1/models/NAME', 'blue-internal'],
    ['its aliases by id', 'GET', '/v1/models/NAME', 'blue-alias-1'],
    ['its models below a route of one’s own', 'GET', '/red/model/models/NAME', 'blue-model'],
  ] as const)('%s are what does not exist', async (_, method, path, name) => {
    const before = backend.requests.length
    const found = await shape(method, path, 'sk-red', name)
    expect(found).toEqual(await shape(method, path, 'sk-red', 'no-such-thing'))
    expect(found.status).toBe(404)
    expect(backend.requests.length).toBe(before)
  })

  test('its public models by name are 403, as documented: a known caller without a right to this model', async () => {
    const before = backend.requests.length
    for (const name of ['blue-model', 'blue-alias-7']) {
      const answer = await ask('POST', '/v1/chat/completions', 'sk-red', name)
      expect([answer.status, JSON.parse(answer.text)]).toMatchObject([403, { error: { code: 'model_not_allowed' } }])
      expect(answer.text).not.toMatch(/blue|red/)
    }
    expect(backend.requests.length).toBe(before)
  })

  test('guessed ids find nothing', async () => {
    const guesses = [
      '0',
      '1',
      '2',
      'model',
      'internal',
      'blue',
      'blue/model',
      'blue%2Fmodel',
      'default/model',
      'callers',
      'key',
      'blue-mode',
      'blue-model2',
      'BLUE-MODEL',
      'blue-alias-*',
      '*',
      'service',
    ]
    for (const id of guesses) expect([id, (await ask('GET', `/v1/models/${id}`, 'sk-red')).status]).toEqual([id, 404])
    for (const kind of [
      'files',
      'batches',
      'threads',
      'assistants',
      'responses',
      'fine_tuning/jobs',
      'vector_stores',
    ]) {
      for (const id of ['', '/1', '/file-1', '/blue']) {
        expect([400, 404, 405]).toContain((await ask('GET', `/v1/${kind}${id}`, 'sk-red')).status)
      }
    }
  })

  test('its list of models has one’s own only, and the same consumer name joins nothing', async () => {
    for (const name of ['red', 'blue']) {
      const { text } = await ask('GET', '/v1/models', `sk-${name}`)
      expect(JSON.parse(text)).toMatchObject({ data: [{ id: `${name}-model` }] })
      expect(JSON.parse(text).data).toHaveLength(1)
    }
  })
})

describe('D6: the same prompt of two tenants', () => {
  /** A joined pool would be the only thing that both may use: each asks its own, with the same bytes. */
  const body = (isStream: boolean) =>
    JSON.stringify({ model: 'x', stream: isStream, messages: [{ role: 'user', content: 'the same' }] })

  test('is asked as often as it is sent, and each answer goes to its own request, aborted streams between them', async () => {
    const before = backend.requests.length
    const rounds = 40
    const ids: string[] = []
    const tasks = Array.from({ length: rounds * 2 }, async (_, at) => {
      const name = at % 2 === 0 ? 'red' : 'blue'
      const isStream = at % 3 !== 0
      const id = `${name}-${at}`
      ids.push(id)
      const headers = { authorization: `Bearer sk-${name}`, 'content-type': 'application/json', 'x-request-id': id }
      const bytes = renderRequest('POST', `/${name}/model/chat/completions`, headers, body(isStream))
      if (at % 5 === 4) {
        const client = await connectRaw(gateway.port)
        await client.write(bytes)
        await until(() => backend.requests.some(({ headers: seen }) => seen['x-request-id'] === id), 'it was asked')
        client.reset()
        return
      }
      const answer = await exchangeRaw(gateway.port, bytes)
      const owners = [...answer.text.matchAll(/answer \d+ for (\S+?)"/g)].map(([, owner]) => owner)
      expect([answer.status, new Set(owners)]).toEqual([200, new Set([id])])
    })
    await Promise.all(tasks)
    const seen = backend.requests.slice(before)
    expect(seen.map(({ headers }) => headers['x-request-id']).toSorted()).toEqual(ids.toSorted())
  })

  test('one after the other, whatever the backend says of caching and whatever the client asks for', async () => {
    const seenIds = new Set<string>()
    for (const [name, extra] of [
      ['red', {}],
      ['blue', {}],
      ['blue', { 'if-none-match': '"same"' }],
      ['red', { 'cache-control': 'only-if-cached' }],
      ['blue', { 'cache-control': 'max-stale=9999', vary: '*' }],
    ] as const) {
      const headers = { authorization: `Bearer sk-${name}`, 'content-type': 'application/json', ...extra }
      const text = renderRequest('POST', `/${name}/model/chat/completions`, headers, body(false))
      const answer = await exchangeRaw(gateway.port, text)
      expect(answer.status).toBe(200)
      seenIds.add(answer.text)
    }
    expect(seenIds.size).toBe(5)
  })
})
