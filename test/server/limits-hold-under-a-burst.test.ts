// A limit of 1,000 lets 1,000 through, however many clients ask at once: no more and no less, every time (E1). Twenty
// runs, and several processes on one Redis: loadtest/limits-hold.ts.
import { Agent } from 'undici'
import { expect, test } from 'vitest'
import { renderJsonResponse } from '../support/http-bytes.ts'
import { startFaultGateway } from './fault-gateway.ts'

const clients = 500
const requestsOfAClient = 4
const admittedOfARun = 1_000

const routes = [1, 2, 3].map(
  (run) => `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: run-${run} }
spec:
  path: /run-${run}
  targetService: 'BACKEND'
  authentication: false
  rateLimit: { requestsPerDay: ${admittedOfARun} }
`,
)

test('E1: exactly 1,000 of 2,000 by 500 clients at once, three times', async () => {
  const gateway = await startFaultGateway({
    script: (_request, connection) => connection.write(renderJsonResponse(200, { ok: 1 })),
    manifests: (url) => routes.join('---').replaceAll('BACKEND', url),
  })
  const agent = new Agent({ connections: clients, pipelining: 1 })
  for (const run of [1, 2, 3]) {
    const statuses: number[] = []
    const remaining = new Set<string>()
    await Promise.all(
      Array.from({ length: clients }, async () => {
        for (let at = 0; at < requestsOfAClient; at++) {
          const { statusCode, headers, body } = await agent.request({
            origin: gateway.url,
            path: `/run-${run}/x`,
            method: 'GET',
          })
          await body.dump()
          statuses.push(statusCode)
          if (statusCode === 200) remaining.add(String(headers['x-ratelimit-remaining-requests']))
        }
      }),
    )
    const count = (wanted: number) => statuses.filter((status) => status === wanted).length
    expect({ run, admitted: count(200), refused: count(429) }).toEqual({
      run,
      admitted: admittedOfARun,
      refused: clients * requestsOfAClient - admittedOfARun,
    })
    // Each number of the countdown was told to one of them.
    expect(remaining.size).toBe(admittedOfARun)
  }
  expect(gateway.backend.requests).toHaveLength(3 * admittedOfARun)
  await agent.close()
}, 30_000)
