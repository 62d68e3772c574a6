// /explain and `sluice explain` name the limits that would apply, of the route and of the caller, and whose counts.
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isRecord } from '../../src/is-record.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { mainPath } from '../support/serve-process.ts'

const manifests = `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { a: sk-a, b: sk-b }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: teams }
spec:
  apiKeys:
    - { consumer: a, secretRef: { name: keys, key: a } }
    - { consumer: b, secretRef: { name: keys, key: b } }
  consumers:
    - name: a
      rateLimit: { tokensPerDay: 1000, per: Model, onStoreFailure: Deny }
      budgets: [{ amount: "12.50", period: Month, softPercent: 80 }]
  defaults: { rateLimit: { requestsPerMinute: 5 } }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: talk }
spec:
  modelName: talk
  modelProvider: VLLM
  modelType: LLM
  endpoint: http://talk.default.svc.cluster.local:8000/v1
  pricing: { input: "1" }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: chat }
spec: { path: /chat, modelName: talk, rateLimit: { concurrentRequests: 7, per: ClientIP } }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: service }
spec: { path: /service, targetService: x.default.svc.cluster.local, rateLimit: { requestsPerHour: 9 } }
`

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ manifests, settings: { simulate: true } })
})
afterAll(() => gateway.stop())

const permits = {
  id: 'default/chat/concurrentRequests',
  of: 'route default/chat',
  unit: 'concurrency',
  amount: '7 requests at once',
  window: null,
  per: ['clientAddress'],
  count: "the client's address",
  onStoreFailure: 'Allow',
  softPercent: null,
}
const ofA = [
  permits,
  {
    id: 'default/teams/a/tokensPerDay',
    of: 'consumer a of default/teams',
    unit: 'tokens',
    amount: '1000 tokens',
    window: '86400 s, from the first request',
    per: ['consumer', 'model'],
    count: 'consumer default/teams/a, model talk',
    onStoreFailure: 'Deny',
    softPercent: null,
  },
  {
    id: 'default/teams/a/budget/Month/USD',
    of: 'consumer a of default/teams',
    unit: 'cost',
    amount: '12.5 USD',
    window: 'calendar Month, UTC',
    per: ['consumer'],
    count: 'consumer default/teams/a',
    onStoreFailure: 'Deny',
    softPercent: 80,
  },
]
const ofB = {
  id: 'default/teams/defaults/requestsPerMinute',
  of: 'consumer b of default/teams',
  amount: '5 requests',
  count: 'consumer default/teams/b',
}

test.each([
  ['by the model', { model: 'talk', key: 'sk-a' }, ofA],
  ['by the path', { path: '/chat', key: 'sk-a' }, ofA],
  ['of who is named nowhere, from the defaults', { model: 'talk', key: 'sk-b' }, [permits, ofB]],
  ['of the route alone, when the key is not known', { path: '/chat', key: 'sk-c' }, [permits]],
  [
    'but for tokens and money of a plain service',
    { path: '/service', key: 'sk-a' },
    [{ id: 'default/service/requestsPerHour', amount: '9 requests', count: 'everybody' }],
  ],
])('%s', async (_, query, expected) => {
  const answer: unknown = await (await fetch(`${gateway.adminUrl}/explain?${new URLSearchParams(query)}`)).json()
  expect(answer).toMatchObject({ limits: expected })
})

test('on the command line too', () => {
  const args = [mainPath, 'explain', '--config', gateway.folder, '--model', 'talk']
  const { stdout } = spawnSync(process.execPath, args, { env: { ...process.env, SLUICE_EXPLAIN_KEY: 'sk-a' } })
  const answer: unknown = JSON.parse(stdout.toString())
  expect(isRecord(answer) && answer.limits).toEqual(ofA)
})
