// A key that several policies hold may use what any of them lets it use, and what can't be a key never is one.
import { expect, test } from 'vitest'
import { renderJsonResponse, renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { authorization, type FaultGateway, renderChat, startFaultGateway } from './fault-gateway.ts'

/** Before `policy`, which lets the same key use everything, in the order of names. */
const narrow = `
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: a-narrow }
spec:
  apiKeys: [{ consumer: narrow, secretRef: { name: keys, key: key } }]
  consumers: [{ name: narrow, models: [other] }]
`

/** What an unset variable makes in \`printf "$KEY" | sha256sum\`. */
const hashOfNothing = `
apiVersion: v1
kind: Secret
metadata: { name: nothing }
stringData: { key: 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: nothing }
spec:
  apiKeys: [{ consumer: nobody, secretRef: { name: nothing, key: key } }]
`

function start(manifest: string): Promise<FaultGateway> {
  return startFaultGateway({
    manifests: () => manifest,
    script: (_request, connection) => connection.write(renderJsonResponse(200, {})),
  })
}

async function explain(gateway: FaultGateway, query: string): Promise<unknown> {
  return (await fetch(`${gateway.adminUrl}/explain?${query}`)).json()
}

test('the wider policy counts: in a list, in a call, on a path of its own and in an explanation', async () => {
  const gateway = await start(narrow)
  const list = await exchangeRaw(gateway.port, renderRequest('GET', '/v1/models', { authorization }))
  expect(list.json()).toMatchObject({ data: [{ id: 'm1' }] })
  expect((await exchangeRaw(gateway.port, renderChat())).status).toBe(200)
  const ownPath = renderChat().replace('/v1/chat/completions', '/v1/m1/chat/completions')
  expect((await exchangeRaw(gateway.port, ownPath)).status).toBe(200)
  const key = authorization.slice('Bearer '.length)
  for (const path of ['/v1/chat/completions', '/v1/m1']) {
    expect(await explain(gateway, `path=${path}&model=m1&key=${key}`)).toMatchObject({ outcome: { status: 200 } })
  }
})

test('a key that no policy lets use a model is refused, and an explanation says so', async () => {
  const key = 'sk-team-1'
  const gateway = await start(`${narrow.replace('keys', 'team')}---
apiVersion: v1
kind: Secret
metadata: { name: team }
stringData: { key: ${key} }
`)
  const shared = renderChat('m1', {}, { authorization: `Bearer ${key}` })
  const ownPath = shared.replace('/v1/chat/completions', '/v1/m1/chat/completions')
  for (const request of [shared, ownPath]) {
    expect((await exchangeRaw(gateway.port, request)).json()).toMatchObject({ error: { code: 'model_not_allowed' } })
  }
  expect(await explain(gateway, `path=/v1/m1&key=${key}`)).toMatchObject({ outcome: { code: 'model_not_allowed' } })
})

test('the digest of nothing lets nobody in', async () => {
  const gateway = await start(hashOfNothing)
  for (const value of ['Basic eA==', 'Bearer ', 'Bearer a b', 'x']) {
    const response = await exchangeRaw(gateway.port, renderChat('m1', {}, { authorization: value }))
    expect(response.status).toBe(401)
  }
  expect(gateway.backend.requests).toHaveLength(0)
})

test('a parameter of an explanation that is given twice is refused', async () => {
  const gateway = await start(narrow)
  expect((await fetch(`${gateway.adminUrl}/explain?path=/a&path=/b`)).status).toBe(400)
})
