// What a caller is told of its limits: a 429 of each kind with its code, when to come back, and how much is left, on
// every answer of a limited route (E11). Waiting in earnest: request-rate-limit.test.ts.
import { describe, expect, test } from 'vitest'
import { renderJsonResponse, renderRequest } from '../support/http-bytes.ts'
import type { RawResponse } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import {
  authorization,
  type FaultGateway,
  renderChat,
  renderModel,
  sendRaw,
  startFaultGateway,
} from './fault-gateway.ts'

const usage = { prompt_tokens: 30, completion_tokens: 20, total_tokens: 50 }
const answer = renderJsonResponse(200, { choices: [], usage })

/** The policy of `gatewayManifests`, with limits for its one consumer. */
function renderPolicy(consumer: object): string {
  return `
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: limits }
spec:
  targetRefs: [{ kind: AIGatewayRoute, name: limited }, { kind: AIModel, name: priced }]
  apiKeys: [{ consumer: tester, secretRef: { name: own, key: key } }]
  consumers: [${JSON.stringify({ name: 'tester', ...consumer })}]
---
apiVersion: v1
kind: Secret
metadata: { name: own }
stringData: { key: sk-own }
`
}

type World = Readonly<{ rateLimit?: object; consumer?: object; respond?: string }>

/** A route `/limited` of the model `priced`, at one unit of money a token. */
function start({ rateLimit, consumer = {}, respond = answer }: World): Promise<FaultGateway> {
  const route = {
    apiVersion: 'ai.example.com/v1',
    kind: 'AIGatewayRoute',
    metadata: { name: 'limited' },
    spec: {
      path: '/limited',
      modelName: 'priced',
      backends: [{ modelRef: { name: 'priced', kind: 'AIModel' } }],
      retry: { attempts: 0 },
      ...(rateLimit && { rateLimit }),
    },
  }
  return startFaultGateway({
    script: async (_request, connection) => {
      if (respond === '') connection.socket.destroy()
      else await connection.write(respond)
    },
    manifests: (url) =>
      [
        JSON.stringify(route),
        `${renderModel({ name: 'priced', endpoint: url })}  pricing: { input: "1000000", output: "1000000" }\n`,
        renderPolicy(consumer),
      ].join('\n---\n'),
  })
}

const asConsumer = { authorization: 'Bearer sk-own' }

async function ask(gateway: FaultGateway, bytes = renderChat('priced', {}, asConsumer)): Promise<RawResponse> {
  const client = await sendRaw(gateway.port, bytes)
  const response = await client.readResponse({ deadlineMs: 10_000 })
  client.socket.destroy()
  return response
}

function readLimitHeaders(response: RawResponse, unit: 'requests' | 'tokens') {
  const read = (name: string) => response.header(`x-ratelimit-${name}-${unit}`)
  return { limit: read('limit'), remaining: read('remaining'), reset: read('reset') }
}

type Kind = Readonly<{ name: string; world: World; code: string; type: string; seconds: readonly [number, number] }>

const day = 86_400
const kinds: readonly Kind[] = [
  ...(
    [
      ['requestsPerSecond', 1],
      ['requestsPerMinute', 60],
      ['requestsPerHour', 3_600],
      ['requestsPerDay', day],
    ] as const
  ).flatMap(([field, seconds]): readonly Kind[] => [
    {
      name: `a route's ${field}`,
      world: { rateLimit: { [field]: 1 } },
      code: 'rate_limit_exceeded',
      type: 'requests',
      seconds: [Math.max(1, seconds - 5), seconds],
    },
  ]),
  {
    name: "a consumer's requestsPerMinute",
    world: { consumer: { rateLimit: { requestsPerMinute: 1 } } },
    code: 'rate_limit_exceeded',
    type: 'requests',
    seconds: [55, 60],
  },
  {
    name: "a route's tokensPerMinute",
    world: { rateLimit: { tokensPerMinute: 50 } },
    code: 'token_limit_exceeded',
    type: 'tokens',
    seconds: [55, 60],
  },
  {
    name: "a consumer's tokensPerDay for each model",
    world: { consumer: { rateLimit: { tokensPerDay: 50, per: 'Model' } } },
    code: 'token_limit_exceeded',
    type: 'tokens',
    seconds: [day - 5, day],
  },
  {
    name: "a consumer's budget of a day",
    world: { consumer: { budgets: [{ amount: '50', period: 'Day' }] } },
    code: 'budget_exceeded',
    type: '',
    seconds: [1, day],
  },
  {
    name: "a consumer's budget of a month, for each model",
    world: { consumer: { budgets: [{ amount: '49.999999999', period: 'Month', per: 'Model' }] } },
    code: 'budget_exceeded',
    type: '',
    seconds: [1, 31 * day],
  },
]

describe.each(kinds)('E11: $name used up', ({ world, code, type, seconds: [least, most] }) => {
  test.each([
    ['on the shared surface', () => renderChat('priced', {}, asConsumer)],
    [
      'on the path of a route',
      () => renderRequest('POST', '/limited', { ...asConsumer, 'content-type': 'application/json' }, '{"messages":[]}'),
    ],
  ])('%s', async (_, render) => {
    const gateway = await start(world)
    expect((await ask(gateway, render())).status).toBe(200)
    const refused = await until(async () => {
      // What was used is known when the answer has been sent.
      const response = await ask(gateway, render())
      const isReserved = response.text.includes('reserved')
      return response.status !== 200 && !isReserved && response
    }, 'a refusal')
    expect(refused.status).toBe(429)
    expect(refused.json()).toMatchObject({ error: { code, ...(type !== '' && { type }) } })
    expect(refused.header('retry-after')).toMatch(/^[1-9]\d*$/)
    expect(Number(refused.header('retry-after'))).toBeGreaterThanOrEqual(least)
    expect(Number(refused.header('retry-after'))).toBeLessThanOrEqual(most)
    if (type === 'requests' || type === 'tokens') {
      const told = readLimitHeaders(refused, type)
      expect(told.remaining).toBe('0')
      expect(told.reset).toMatch(/^(\d+h)?(\d+m)?\d+m?s$/)
    }
  })
})

test('E11: concurrentRequests: a permit comes back with the end of an answer', async () => {
  const gateway = await start({ rateLimit: { concurrentRequests: 1 }, respond: answer })
  gateway.backend.setScript(() => {})
  const held = await sendRaw(gateway.port, renderChat('priced', {}, asConsumer))
  const request = await gateway.backend.nextRequest()
  const refused = await ask(gateway)
  expect(refused.status).toBe(429)
  expect(refused.json()).toMatchObject({ error: { code: 'concurrency_limit_exceeded' } })
  expect(refused.header('retry-after')).toBe('1')
  gateway.backend.setScript((_request, connection) => connection.write(answer))
  await request.connection.write(answer)
  expect((await held.readResponse({ deadlineMs: 5_000 })).status).toBe(200)
  await until(async () => (await ask(gateway)).status === 200, 'the permit is back')
})

test.each([
  [{ rateLimit: { tokensPerDay: 100 } }, 'token_limit_exceeded'],
  [{ consumer: { budgets: [{ amount: '100', period: 'Month' }] } }, 'budget_exceeded'],
])('E11: what others have reserved comes back soon, what was used does not: %j', async (world, code) => {
  const gateway = await start(world)
  gateway.backend.setScript(() => {})
  const held = await sendRaw(gateway.port, renderChat('priced', { max_tokens: 90 }, asConsumer))
  const request = await gateway.backend.nextRequest()
  const refused = await ask(gateway)
  expect(refused.status).toBe(429)
  expect(refused.json()).toMatchObject({ error: { code, message: expect.stringContaining('reserved') } })
  expect(refused.header('retry-after')).toBe('1')
  gateway.backend.setScript((_request, connection) => connection.write(answer))
  await request.connection.write(answer)
  expect((await held.readResponse({ deadlineMs: 5_000 })).status).toBe(200)
  // 50 of 100 were used: the next two use the rest.
  await until(async () => {
    const response = await ask(gateway)
    return Number(response.header('retry-after')) > 1
  }, 'a refusal that lasts')
})

describe('E11: what is left is told', () => {
  const limits = { requestsPerHour: 10, tokensPerDay: 100_000 }
  const expectTold = (response: RawResponse, left: string) => {
    const requests = readLimitHeaders(response, 'requests')
    expect(requests).toMatchObject({ limit: '10', remaining: left })
    expect(requests.reset).toMatch(/^(1h0m0s|59m\d+s)$/)
    const tokens = readLimitHeaders(response, 'tokens')
    expect(tokens.limit).toBe('100000')
    expect(Number(tokens.remaining)).toBeGreaterThan(0)
    expect(tokens.reset).toMatch(/^(24h0m0s|23h59m\d+s)$/)
  }

  test.each([
    ['an answer', answer, 200],
    ["a backend's refusal", renderJsonResponse(400, { error: { message: 'no' } }), 400],
    ["a backend's own 429", renderJsonResponse(429, { error: { message: 'slow down' } }), 429],
    ["a backend's failure", renderJsonResponse(503, { error: { message: 'busy' } }), 503],
    ['an answer that is none', renderJsonResponse(302, {}), 502],
    ['a backend that is gone', '', 502],
  ])('on %s', async (_, respond, status) => {
    const gateway = await start({ rateLimit: limits, respond })
    const response = await ask(gateway)
    expect(response.status).toBe(status)
    expectTold(response, '9')
    const second = await ask(gateway)
    expectTold(second, '8')
  })

  test("not by the backend's numbers of its own", async () => {
    const respond = renderJsonResponse(200, { usage }, { 'x-ratelimit-remaining-requests': '4711' })
    const gateway = await start({ rateLimit: { requestsPerHour: 10 }, respond })
    expect(readLimitHeaders(await ask(gateway), 'requests').remaining).toBe('9')
  })

  test('by the tightest of several', async () => {
    const gateway = await start({
      rateLimit: { requestsPerHour: 5, requestsPerDay: 4 },
      consumer: { rateLimit: { requestsPerMinute: 3 } },
    })
    expect(readLimitHeaders(await ask(gateway), 'requests')).toMatchObject({ limit: '3', remaining: '2' })
  })

  test('not at all where nothing is limited', async () => {
    const gateway = await start({})
    const response = await ask(gateway)
    for (const unit of ['requests', 'tokens'] as const) {
      expect(readLimitHeaders(response, unit)).toEqual({ limit: null, remaining: null, reset: null })
    }
  })

  test('a failure before the limits are asked counts nothing', async () => {
    const gateway = await start({ rateLimit: { requestsPerHour: 1 } })
    const body = { ...asConsumer, 'content-type': 'application/json' }
    expect((await ask(gateway, renderRequest('POST', '/v1/chat/completions', body, '{'))).status).toBe(400)
    expect((await ask(gateway, renderChat('priced', {}, { authorization }))).status).toBe(200)
    expect((await ask(gateway)).status).toBe(429)
  })
})
