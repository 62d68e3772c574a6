// A route is edited again and again while clients call and streams run: no request fails, no stream is cut, and each
// exchange is wholly on one table (reliability.md F5, F13 in small).
import { request as undiciRequest } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend } from '../support/http-backend.ts'

const edits = 40
const callers = 64
const streams = 50
const header = 'x-config-version'

let backend: HttpBackend
let gateway: TestGateway
let finishStreams: () => void = () => {}
const streamsMayEnd = new Promise<void>((resolve) => {
  finishStreams = resolve
})

/** The version goes upstream in one header and back to the client in another: they must never differ. */
const manifests = (version: number) => `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { key: ${testKey} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: policy }
spec:
  apiKeys: [{ consumer: tester, secretRef: { name: keys, key: key } }]
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: m1 }
spec: { modelName: m1, modelProvider: Custom, modelType: LLM, endpoint: ${backend.url}/v1 }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: edited }
spec:
  path: /edited
  modelName: m1
  rateLimit: { requestsPerMinute: 1000000 }
  headers:
    request: { set: [{ name: ${header}, value: "${version}" }] }
    response: { set: [{ name: ${header}, value: "${version}" }] }
`

beforeAll(async () => {
  backend = await createHttpBackend(async (request, response) => {
    const version = request.headers[header]
    if (!request.text.includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ version }))
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`data: ${JSON.stringify({ version })}\n\n`)
    await streamsMayEnd
    response.end(`data: ${JSON.stringify({ version })}\n\ndata: [DONE]\n\n`)
  })
  gateway = await startGateway({ manifests: manifests(0), logLevel: 'warn' })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

async function call(isStream: boolean) {
  const answer = await undiciRequest(`${gateway.url}/edited/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm1', stream: isStream, messages: [] }),
  })
  return { status: answer.statusCode, version: answer.headers[header], text: await answer.body.text() }
}

test(`${edits} edits under ${callers} callers and ${streams} open streams`, { timeout: 60_000 }, async () => {
  const openStreams = Array.from({ length: streams }, () => call(true))
  let isOver = false
  const versions = new Set<string>()
  let calls = 0
  const callForever = async () => {
    while (!isOver) {
      const { status, version, text } = await call(false)
      expect(status, text).toBe(200)
      expect(JSON.parse(text)).toEqual({ version })
      versions.add(String(version))
      calls++
    }
  }
  const running = Array.from({ length: callers }, callForever)
  for (let version = 1; version <= edits; version++) await gateway.writeManifest('manifests.yaml', manifests(version))
  isOver = true
  await Promise.all(running)
  finishStreams()
  for (const { status, version, text } of await Promise.all(openStreams)) {
    expect(status).toBe(200)
    expect(text).toBe(`data: {"version":"${version}"}\n\ndata: {"version":"${version}"}\n\ndata: [DONE]\n\n`)
  }
  expect(calls).toBeGreaterThan(edits)
  expect(versions.size).toBeGreaterThan(edits / 2)
  const last = await call(false)
  expect(last.version).toBe(String(edits))
})
