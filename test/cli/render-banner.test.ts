// What `serve` prints for a person is true: each place it names is answered, each line it offers works as pasted.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { renderBanner } from '../../src/cli/render-banner.ts'
import { createGateway, type Gateway } from '../../src/gateway.ts'
import { createFolder, type WatchedFolder } from '../config/file/watched-folder.ts'
import { testSettings } from '../support/gateway.ts'

const key = 'sk-public'
const manifests = `
apiVersion: v1
kind: Secret
metadata: { name: key, annotations: { ai.example.com/demo-key: "true" } }
stringData: { k: ${key} }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: all }
spec: { apiKeys: [{ consumer: me, secretRef: { name: key, key: k } }] }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: a-hosted }
spec: { path: /, hostnames: [shop.example], targetService: s.default.svc.cluster.local, authentication: false }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: b-open }
spec: { path: /v1/sentiment, targetService: s.default.svc.cluster.local, authentication: false }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: chat }
spec:
  modelName: chat
  modelProvider: VLLM
  modelVersion: "1"
  modelType: LLM
  endpoint: http://chat.default.svc.cluster.local:8000/v1
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: slash }
spec:
  modelName: org/small
  modelProvider: VLLM
  modelVersion: "1"
  modelType: LLM
  endpoint: http://chat.default.svc.cluster.local:8000/v1
`

let folder: WatchedFolder
let gateway: Gateway
let url = ''
let banner = ''
beforeAll(async () => {
  folder = await createFolder({ 'a.yaml': manifests })
  const settings = { ...testSettings, configPaths: [folder.path], simulate: true }
  gateway = await createGateway(settings, pino({ level: 'silent' }), process.env)
  const { bound, data, admin, demoKey } = await gateway.start()
  url = `http://127.0.0.1:${data.port}`
  banner = renderBanner(bound, { data: `127.0.0.1:${data.port}`, admin: `127.0.0.1:${admin.port}`, demoKey })
})
afterAll(async () => {
  await gateway.drain({ isHurried: true, delayMs: 0 })
  await folder.remove()
})

test('places are named as they are reached', () => {
  expect(banner).toContain(`${url}/, host shop.example  →  service (default/a-hosted)`)
  expect(banner).toContain(`${url}/v1/org/small  →  model org/small`)
  expect(banner).toContain(`${url}/v1  →  model chat, by its name in the body`)
  expect(banner).not.toContain(`${url}/v1/chat  `)
})

test('the lines to paste work', async () => {
  const lines = banner.split('\n').filter((line) => line.startsWith('  curl '))
  expect(lines).toHaveLength(2)
  for (const line of lines) {
    const { stdout } = await promisify(execFile)('sh', ['-c', `${line} -sS --fail-with-body`])
    expect(stdout).toMatch(/\[DONE\]|"label"/)
  }
  expect(lines[0]).toContain(key)
  expect(lines[1], 'an open route asks for no key').not.toContain('authorization')
})
