// Limits by route, consumer and client address on one request, under parallel load through a trusted proxy: each holds
// exactly, and what one refuses counts on none of the others (E10).
import { expect, test } from 'vitest'
import { renderJsonResponse } from '../support/http-bytes.ts'
import { until } from '../support/until.ts'
import { type FaultGateway, renderChat, renderModel, sendRaw, startFaultGateway } from './fault-gateway.ts'

const policy = {
  apiKeys: [
    { consumer: 'a', secretRef: { name: 'own', key: 'a' } },
    { consumer: 'b', secretRef: { name: 'own', key: 'b' } },
  ],
  targetRefs: [{ kind: 'AIModel', name: 'shared' }],
  consumers: [
    {
      name: 'a',
      rateLimit: { requestsPerHour: 8, tokensPerDay: 1_000_000, concurrentRequests: 1_000 },
      budgets: [{ amount: '100', period: 'Month' }],
    },
  ],
}

function start(): Promise<FaultGateway> {
  const usage = { prompt_tokens: 3, completion_tokens: 4 }
  return startFaultGateway({
    settings: { trustedProxies: ['127.0.0.1/32'] },
    script: (_request, connection) => connection.write(renderJsonResponse(200, { choices: [], usage })),
    manifests: (url) =>
      [
        `${renderModel({ name: 'shared', endpoint: url })}  pricing: { input: "1", output: "1" }\n`,
        JSON.stringify({
          apiVersion: 'ai.example.com/v1',
          kind: 'AIGatewayRoute',
          metadata: { name: 'shared' },
          spec: {
            path: '/shared',
            modelName: 'shared',
            rateLimit: { requestsPerHour: 5, concurrentRequests: 1_000, per: 'ClientIP' },
          },
        }),
        JSON.stringify({
          apiVersion: 'ai.example.com/v1',
          kind: 'AIAuthPolicy',
          metadata: { name: 'teams' },
          spec: policy,
        }),
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'own' },
          stringData: { a: 'sk-a', b: 'sk-b' },
        }),
      ].join('\n---\n'),
  })
}

async function ask(gateway: FaultGateway, key: string, address: string) {
  const headers = { authorization: `Bearer ${key}`, 'x-forwarded-for': address }
  const client = await sendRaw(gateway.port, renderChat('shared', {}, headers))
  const response = await client.readResponse({ deadlineMs: 10_000 })
  client.socket.destroy()
  return response
}

/** How many of so many at once are admitted. */
async function burst(gateway: FaultGateway, key: string, address: string, requests: number): Promise<number> {
  const responses = await Promise.all(Array.from({ length: requests }, () => ask(gateway, key, address)))
  const statuses = responses.map(({ status }) => status)
  expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([])
  return statuses.filter((status) => status === 200).length
}

test('E10: an address of five and a consumer of eight, whoever comes first', async () => {
  const gateway = await start()
  expect(await burst(gateway, 'sk-a', '192.0.2.1', 60)).toBe(5)
  // The 55 that the address refused took nothing of the consumer's eight.
  expect(await burst(gateway, 'sk-a', '192.0.2.2', 60)).toBe(3)
  // The 57 that the consumer refused took nothing of the address's five.
  expect(await burst(gateway, 'sk-b', '192.0.2.2', 60)).toBe(2)
  expect(await burst(gateway, 'sk-b', '192.0.2.3', 60)).toBe(5)
  expect(gateway.backend.requests).toHaveLength(15)
  // What a flood's refusals say is up to a second old: with the reserves that were held then.
  const left = String(1_000_000 - 8 * 7)
  const refused = await until(async () => {
    const response = await ask(gateway, 'sk-a', '192.0.2.9')
    return response.header('x-ratelimit-remaining-tokens') === left ? response : undefined
  }, 'tokens are those of the eight that were answered')
  expect(refused.status).toBe(429)
  expect(refused.header('x-ratelimit-limit-requests')).toBe('8')
})

test('E10: by two addresses at the same time, eight in all and five of each at most', async () => {
  const gateway = await start()
  const admitted = await Promise.all([burst(gateway, 'sk-a', '192.0.2.1', 40), burst(gateway, 'sk-a', '192.0.2.2', 40)])
  expect(admitted[0] + admitted[1]).toBe(8)
  expect(Math.max(...admitted)).toBeLessThanOrEqual(5)
})
