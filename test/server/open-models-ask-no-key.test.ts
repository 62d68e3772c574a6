// A model that an open route joins asks for no key on the shared surface and ignores a wrong one; its closed neighbours
// are no more open for it (D4), and a list without a key has the open one alone (D1).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testKey } from '../support/gateway.ts'
import { renderJsonResponse, renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { createFaultGateway, type FaultGateway, renderModel } from './fault-gateway.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway({
    script: (_request, connection) => connection.write(renderJsonResponse(200, { choices: [] })),
    manifests: (url) => `${renderModel({ name: 'free', endpoint: url })}---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: free }
spec: { path: /free, modelName: free, authentication: false }
`,
  })
})
afterAll(() => gateway.stop())

const callers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no key': {},
  'a wrong key': { authorization: 'Bearer sk-wrong' },
  'what is no key': { authorization: 'Basic eA==' },
  'two keys': { authorization: `Bearer ${testKey}`, 'x-api-key': 'sk-wrong' },
}

async function ask(path: string, model: string, headers: Readonly<Record<string, string>>) {
  const body = JSON.stringify({ model, messages: [] })
  const type = { 'content-type': 'application/json' }
  return exchangeRaw(gateway.port, renderRequest('POST', path, { ...type, ...headers }, body))
}

test.each(Object.entries(callers))('with %s', async (_, headers) => {
  const before = gateway.backend.requests.length
  expect((await ask('/v1/chat/completions', 'free', headers)).status).toBe(200)
  expect((await ask('/free/chat/completions', 'free', headers)).status).toBe(200)
  expect((await ask('/free/chat/completions', 'm1', headers)).status).toBe(200)
  const seen = gateway.backend.requests.slice(before).map(({ text }) => JSON.parse(text).model)
  expect(seen).toEqual(['free', 'free', 'free'])

  for (const [path, model] of [
    ['/v1/chat/completions', 'm1'],
    ['/v1/m1/chat/completions', 'm1'],
    ['/v1/free/chat/completions', 'free'],
    ['/svc/x', 'm1'],
  ] as const) {
    expect([path, (await ask(path, model, headers)).status]).toEqual([path, 401])
  }
  // What does not exist is no more to be told from what is closed than with every door shut.
  expect((await ask('/v1/chat/completions', 'absent', headers)).json()).toEqual(
    (await ask('/v1/chat/completions', 'm1', headers)).json(),
  )
  expect(gateway.backend.requests.length - before).toBe(3)

  const list = await exchangeRaw(gateway.port, renderRequest('GET', '/v1/models', headers))
  expect([list.status, list.json()]).toMatchObject([200, { data: [{ id: 'free' }] }])
  expect(list.text).not.toContain('m1')
  expect((await exchangeRaw(gateway.port, renderRequest('GET', '/v1/models/free', headers))).status).toBe(200)
  expect((await exchangeRaw(gateway.port, renderRequest('GET', '/v1/models/m1', headers))).status).toBe(401)
})

test('with a good key, both', async () => {
  const headers = { authorization: `Bearer ${testKey}` }
  for (const model of ['free', 'm1']) expect((await ask('/v1/chat/completions', model, headers)).status).toBe(200)
  expect((await ask('/v1/chat/completions', 'absent', headers)).status).toBe(404)
})
