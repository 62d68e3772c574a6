// C10: another namespace's model is used only while a ReferenceGrant there says so: refused without, served with, cut
// off at once when it goes, refused when it is for something else. A stream under way ends by itself. Secrets are never
// found across namespaces.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import {
  lastChunk,
  renderChunk,
  renderEvent,
  renderJsonResponse,
  renderRequest,
  renderStreamHead,
} from '../support/http-bytes.ts'
import { connectRaw, exchangeRaw } from '../support/raw-client.ts'
import { createScriptedBackend } from '../support/scripted-backend.ts'
import { until } from '../support/until.ts'

const grant = (to: string, from = 'namespace: team') => `
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: grant, namespace: models }
spec:
  from: [{ group: ai.example.com, kind: AIGatewayRoute, ${from} }]
  to: [${to}]
`

async function start(extra = '') {
  const backend = await createScriptedBackend((_request, connection) =>
    connection.write(renderJsonResponse(200, { choices: [] })),
  )
  const gateway = await startGateway({
    manifests: `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: gpt, namespace: models }
spec: { modelName: gpt, modelProvider: Custom, modelType: LLM, endpoint: '${backend.url}/v1' }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: r, namespace: team }
spec: { path: /r, authentication: false, backends: [{ modelRef: { name: gpt, namespace: models } }] }
${extra}`,
  })
  onTestFinished(async () => {
    await gateway.stop()
    await backend.close()
  })
  const ask = async () => {
    const body = '{"messages":[]}'
    const headers = { 'content-type': 'application/json' }
    return exchangeRaw(gateway.port, renderRequest('POST', '/r/chat/completions', headers, body))
  }
  const readConfig = async () => (await fetch(`${gateway.adminUrl}/config`)).text()
  return { gateway, backend, ask, readConfig }
}

test('C10: no grant, a grant, the grant taken back', async () => {
  const { gateway, backend, ask, readConfig } = await start()
  expect((await ask()).status).toBeGreaterThanOrEqual(500)
  expect(backend.requests).toHaveLength(0)
  expect(await readConfig()).toContain('RefNotPermitted')

  await gateway.writeManifest('grant.yaml', grant('{ group: ai.example.com, kind: AIModel, name: gpt }'))
  expect((await ask()).status).toBe(200)
  expect(await readConfig()).not.toContain('RefNotPermitted')

  // A stream that began with the grant ends as it began.
  backend.setScript(() => {})
  const client = await connectRaw(gateway.port)
  onTestFinished(() => void client.socket.destroy())
  const body = '{"messages":[],"stream":true}'
  await client.write(renderRequest('POST', '/r/chat/completions', { 'content-type': 'application/json' }, body))
  const running = await until(() => backend.requests.find(({ text }) => text.includes('"stream":true')), 'the stream')
  await running.connection.write(renderStreamHead())
  await running.connection.write(renderChunk(renderEvent({ choices: [{ index: 0, delta: { content: 'a' } }] })))
  await client.whenReceived('"a"')

  backend.setScript((_request, connection) => connection.write(renderJsonResponse(200, { choices: [] })))
  const startedAt = performance.now()
  await rm(join(gateway.folder, 'grant.yaml'))
  await until(async () => (await ask()).status !== 200, 'cut off')
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  expect(await readConfig()).toContain('RefNotPermitted')
  const before = backend.requests.length
  expect((await ask()).status).toBeGreaterThanOrEqual(500)
  expect(backend.requests.length).toBe(before)

  await running.connection.write(renderChunk(renderEvent('[DONE]')))
  await running.connection.write(lastChunk)
  const response = await client.readResponse()
  expect([response.isComplete, response.text]).toEqual([true, expect.stringMatching(/\[DONE\]\n\n$/)])
})

test.each([
  ['of another kind', grant('{ group: llm.example.com, kind: LLMModelConfig }')],
  ['of another group', grant('{ group: other.example.com, kind: AIModel }')],
  ['of another name', grant('{ group: ai.example.com, kind: AIModel, name: other }')],
  ['for a Secret', grant('{ group: "", kind: Secret }')],
  ['from another namespace', grant('{ group: ai.example.com, kind: AIModel }', 'namespace: models')],
  [
    'in the route’s own namespace',
    grant('{ group: ai.example.com, kind: AIModel }').replace('namespace: models', 'namespace: team'),
  ],
])('C10: a grant %s opens nothing', async (_, manifest) => {
  const { backend, ask } = await start(`---\n${manifest}`)
  expect((await ask()).status).toBeGreaterThanOrEqual(500)
  expect(backend.requests).toHaveLength(0)
})

test('C10: a Secret of another namespace is nobody’s, grant or not', async () => {
  const { gateway, backend, readConfig } = await start(`---
${grant('{ group: "", kind: Secret }', 'namespace: thief')}---
apiVersion: v1
kind: Secret
metadata: { name: upstream, namespace: models }
stringData: { token: canary-of-models }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: mine, namespace: thief }
spec:
  modelName: mine
  modelProvider: Custom
  modelType: LLM
  endpoint: http://127.0.0.1:1/v1
  credentials: { type: APIKey, secretRef: { name: upstream, key: token } }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: policy, namespace: thief }
spec: { apiKeys: [{ consumer: c, secretRef: { name: upstream, key: token } }] }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: own, namespace: thief }
spec: { path: /thief, targetService: '127.0.0.1:1' }
`)
  expect(await readConfig()).toContain('Secret thief/upstream does not exist')
  const headers = { authorization: 'Bearer canary-of-models' }
  expect((await exchangeRaw(gateway.port, renderRequest('GET', '/thief', headers))).status).toBe(401)
  expect(backend.requests).toHaveLength(0)
})
