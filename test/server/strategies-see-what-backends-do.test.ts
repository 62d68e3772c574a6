// LeastRequest and LowestLatency over HTTP: what attempts write down is what they choose by.
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'
import { until } from '../support/until.ts'

let one: HttpBackend
let two: HttpBackend
let gateway: TestGateway
const answer = json(200, { choices: [] })

const world = (strategy: string) => `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: one-${strategy.toLowerCase()} }
spec: { modelName: ${strategy}, modelProvider: VLLM, modelType: LLM, endpoint: "${one.url}/v1" }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: two-${strategy.toLowerCase()} }
spec: { modelName: ${strategy}, modelProvider: VLLM, modelType: LLM, endpoint: "${two.url}/v1" }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: ${strategy.toLowerCase()} }
spec: { path: /${strategy}, modelName: ${strategy}, authentication: false, strategy: { type: ${strategy} } }
`

beforeAll(async () => {
  one = await createHttpBackend(answer)
  two = await createHttpBackend(answer)
  gateway = await startGateway({ manifests: `${world('LeastRequest')}---\n${world('LowestLatency')}` })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([one.close(), two.close()])
})

const ask = async (strategy: string) => {
  const response = await fetch(`${gateway.url}/${strategy}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"messages":[]}',
  })
  expect(response.status).toBe(200)
  await response.arrayBuffer()
  return response.headers.get('x-sluice-target')?.replace(/^default\/|-.*$/g, '')
}

test('LeastRequest: what is under way is spread evenly, and an idle one gets what comes', async () => {
  const held: ServerResponse[][] = [[], []]
  for (const [at, backend] of [one, two].entries()) {
    backend.setHandler((_request, response) => {
      held[at]?.push(response)
    })
  }
  const asked: Promise<unknown>[] = []
  for (let count = 1; count <= 20; count++) {
    asked.push(ask('LeastRequest'))
    await until(() => held.flat().length === count, 'it has arrived')
  }
  expect(held.map(({ length }) => length)).toEqual([10, 10])
  // One of them is done with all of its own: what comes next is its.
  two.setHandler(answer)
  for (const response of held[1] ?? []) response.setHeader('content-type', 'application/json').end('{"choices":[]}')
  await until(async () => (await ask('LeastRequest')) === 'two', 'it is idle')
  for (let at = 0; at < 10; at++) expect(await ask('LeastRequest')).toBe('two')
  for (const response of held[0] ?? []) response.setHeader('content-type', 'application/json').end('{"choices":[]}')
  await Promise.all(asked)
})

test('LowestLatency: both are tried, then the faster one has nearly everything', async () => {
  one.setHandler((request, response) => {
    setTimeout(() => answer(request, response), 80)
  })
  two.setHandler(answer)
  const counts: Record<string, number> = { one: 0, two: 0 }
  for (let at = 0; at < 40; at++) {
    const target = (await ask('LowestLatency')) ?? ''
    counts[target] = (counts[target] ?? 0) + 1
  }
  expect(counts.one).toBeGreaterThanOrEqual(1)
  expect(counts.one).toBeLessThanOrEqual(3)
  expect((counts.one ?? 0) + (counts.two ?? 0)).toBe(40)
})
