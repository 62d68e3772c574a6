// /explain for a route's targets: who is in service, who rests and why, who is passed over and why, and how picks would
// fall. The gauge says the same.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isRecord } from '../../src/is-record.ts'
import { startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'
import { until } from '../support/until.ts'

let good: HttpBackend
let bad: HttpBackend
let gateway: TestGateway

beforeAll(async () => {
  good = await createHttpBackend(json(200, { choices: [] }))
  bad = await createHttpBackend(json(500, { error: { message: 'no' } }))
  const model = (name: string, url: string, more = '') => `
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec: { modelName: ${name}, modelProvider: VLLM, modelType: LLM, endpoint: "${url}/v1"${more} }`
  gateway = await startGateway({
    manifests: `
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
  consumers: [{ name: tester, models: [good, bad, off, spare, small] }]
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: r }
spec:
  path: /r
  strategy: { type: RoundRobin }
  retry: { attempts: 2, conditions: [5xx], backoff: 1ms }
  backends:
    - { modelRef: { name: good }, weight: 3 }
    - { modelRef: { name: bad }, weight: 1 }
    - { modelRef: { name: small }, weight: 1 }
    - { modelRef: { name: theirs } }
    - { modelRef: { name: off }, weight: 0 }
    - { modelRef: { name: spare }, priority: 1 }
${model('good', good.url)}${model('bad', bad.url)}${model('theirs', good.url)}${model('off', good.url)}
${model('spare', good.url)}${model('small', good.url, ', limits: { contextWindowTokens: 4000 }')}`,
  })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([good.close(), bad.close()])
})

const explain = async (query = '') => {
  const answer: unknown = await (
    await fetch(`${gateway.adminUrl}/explain?path=/r/chat/completions&key=${testKey}${query}`)
  ).json()
  const targets = isRecord(answer) && Array.isArray(answer.targets) ? answer.targets : []
  return new Map<string, Record<string, unknown>>(targets.map((target) => [target.id, target]))
}
const readGauge = async (target: string) => {
  const line = (await gateway.readMetrics())
    .split('\n')
    .find((text) => text.startsWith(`sluice_target_healthy{target="${target}"}`))
  return line?.split(' ')[1]
}
const ask = async () => {
  const response = await fetch(`${gateway.url}/r/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${testKey}` },
    body: '{"messages":[]}',
  })
  await response.arrayBuffer()
  return response.status
}

test('all is well: shares as the strategy has them, a reason for everybody else', async () => {
  const targets = await explain()
  const shares = [...targets].map(([id, { pickShare }]) => [id, pickShare])
  expect(shares).toEqual([
    ['default/good', 0.6],
    ['default/bad', 0.2],
    ['default/small', 0.2],
    ['default/theirs', 0],
    ['default/off', 0],
    ['default/spare', 0],
  ])
  const reasons = [...targets.values()].map(({ passedOver }) => passedOver)
  expect(reasons).toEqual([
    null,
    null,
    null,
    'this caller may not use it',
    'its weight is 0',
    'one of a better priority, or the strategy, comes first',
  ])
  expect(await readGauge('default/bad')).toBe('1')
})

test('asking changes nothing: turns go on where they were', async () => {
  await explain()
  const before = good.requests.length
  for (let at = 0; at < 5; at++) expect(await ask()).toBe(200)
  // Three of good's own turns, one of small's, and one that bad's failure brought.
  expect(good.requests.length - before).toBe(5)
})

test('tokens=: the small window is passed over', async () => {
  const targets = await explain('&tokens=5000')
  expect(targets.get('default/small')).toMatchObject({
    contextWindowTokens: 4_000,
    pickShare: 0,
    passedOver: 'its context window of 4000 tokens is too small',
  })
  expect(targets.get('default/good')?.pickShare).toBe(0.75)
})

test('one that fails rests: until when, why, and that it gets nothing', async () => {
  await until(async () => {
    expect(await ask()).toBe(200)
    return (await explain()).get('default/bad')?.isInService === false
  }, 'it is put out of service')
  const resting = (await explain()).get('default/bad')
  expect(resting).toMatchObject({ isInService: false, pickShare: 0, passedOver: 'it rests, and another is in service' })
  expect(resting?.restReason).toMatch(/failures in a row/)
  const restMs = Date.parse(String(resting?.restsUntil)) - Date.now()
  expect(restMs).toBeGreaterThan(1_000)
  expect(restMs).toBeLessThan(6_000)
  expect(await readGauge('default/bad')).toBe('0')
  expect(await readGauge('default/good')).toBe('1')
  expect((await explain()).get('default/good')?.pickShare).toBe(0.75)
})
