// A limit of N requests admits N of however many come at once; the others learn when to come back, and coming back then
// works. Nothing refused reaches a backend. (E1 and E11 for one replica.)
import { describe, expect, test } from 'vitest'
import { renderJsonResponse, renderRequest } from '../support/http-bytes.ts'
import type { RawResponse } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import {
  authorization,
  type FaultGateway,
  readMetric,
  renderChat,
  sendRaw,
  startFaultGateway,
} from './fault-gateway.ts'

function start(rateLimit: string): Promise<FaultGateway> {
  return startFaultGateway({
    script: (_request, connection) => connection.write(renderJsonResponse(200, { ok: 1 })),
    manifests: (url) => `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: limited }
spec: { path: /limited, targetService: '${url}', authentication: false, rateLimit: ${rateLimit} }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: limited-model }
spec:
  path: /limited-model
  modelName: m1
  rateLimit: ${rateLimit}
  backends: [{ modelRef: { name: m1, kind: AIModel } }]
`,
  })
}

async function ask(gateway: FaultGateway, bytes = renderRequest('GET', '/limited/x')): Promise<RawResponse> {
  const client = await sendRaw(gateway.port, bytes)
  const response = await client.readResponse({ deadlineMs: 20_000 })
  client.socket.destroy()
  return response
}

describe.each([
  ['a plain service', () => renderRequest('GET', '/limited/x')],
  ['a model on the shared surface', () => renderChat()],
  [
    'a model on its own path',
    () =>
      renderRequest('POST', '/limited-model', { authorization, 'content-type': 'application/json' }, '{"messages":[]}'),
  ],
])('%s', (_, render) => {
  test('exactly 50 of 250 at once are admitted', async () => {
    const gateway = await start('{ requestsPerHour: 50 }')
    const responses = await Promise.all(Array.from({ length: 250 }, () => ask(gateway, render())))
    const admitted = responses.filter((response) => response.status === 200)
    const refused = responses.filter((response) => response.status === 429)
    expect([admitted.length, refused.length]).toEqual([50, 200])
    expect(gateway.backend.requests).toHaveLength(50)
    // Each number of the countdown was told once.
    const remaining = admitted.map((response) => Number(response.header('x-ratelimit-remaining-requests')))
    expect(remaining.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_unused, at) => at))
    for (const response of refused) {
      expect(response.json()).toMatchObject({ error: { type: 'requests', code: 'rate_limit_exceeded' } })
      expect(response.header('x-ratelimit-limit-requests')).toBe('50')
      expect(response.header('x-ratelimit-remaining-requests')).toBe('0')
      expect(response.header('x-ratelimit-reset-requests')).toMatch(/^(1h0m0s|59m\d+s)$/)
      const retryAfter = Number(response.header('retry-after'))
      expect(retryAfter).toBeGreaterThan(3_500)
      expect(retryAfter).toBeLessThanOrEqual(3_600)
    }
    expect(await readMetric(gateway, 'sluice_limit_decisions_total', { decision: 'refused' })).toBe(200)
    expect(await readMetric(gateway, 'sluice_limit_decisions_total', { decision: 'admitted' })).toBe(50)
  })
})

test('who waits as long as retry-after says is admitted', async () => {
  const gateway = await start('{ requestsPerSecond: 1 }')
  for (let round = 0; round < 3; round++) {
    let refusedAt = 0
    let retryAfter = 0
    await until(async () => {
      const response = await ask(gateway)
      if (response.status === 200) return false
      refusedAt = performance.now()
      retryAfter = Number(response.header('retry-after'))
      return true
    }, 'a refusal')
    expect(retryAfter).toBe(1)
    await until(() => performance.now() >= refusedAt + retryAfter * 1000, 'the time has passed')
    expect((await ask(gateway)).status).toBe(200)
  }
})

test('a refusal by one limit takes nothing from another', async () => {
  const gateway = await start('{ requestsPerSecond: 1, requestsPerHour: 3 }')
  let admitted = 0
  let refusals = 0
  await until(
    async () => {
      const response = await ask(gateway)
      if (response.status === 200) admitted++
      else refusals++
      return admitted === 3
    },
    'three are admitted, one a second',
    10_000,
  )
  // Had refusals counted, the hour's three would have been gone at the third request.
  expect(refusals).toBeGreaterThan(3)
  expect((await ask(gateway)).status).toBe(429)
})

test('a refusal says nothing of keys: without one it is a 401, and counts nothing', async () => {
  const gateway = await start('{ requestsPerHour: 1 }')
  for (let at = 0; at < 3; at++) {
    expect((await ask(gateway, renderChat('m1', {}, { authorization: 'Bearer wrong' }))).status).toBe(401)
  }
  expect((await ask(gateway, renderChat())).status).toBe(200)
  expect((await ask(gateway, renderChat())).status).toBe(429)
})
