// D7: a tenant far beyond its limit, with slow streams and large bodies, fails none of its neighbour's requests: every
// one of B's is served, while A is held to its number. (How long B waits: loadtest/noisy-neighbour.ts.)
import { Pool } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { createHttpBackend } from '../support/http-backend.ts'
import { renderEvent, renderRequest } from '../support/http-bytes.ts'
import { connectRaw } from '../support/raw-client.ts'
import { until } from '../support/until.ts'

const limit = 50
const streams = 200
const steadyPerSecond = 50
const seconds = 3

test('D7: B at 50 requests a second is served whole beside A at twenty times its limit', async () => {
  const backend = await createHttpBackend((seen, response) => {
    if (!seen.text.includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"choices":[]}')
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const timer = setInterval(
      () => response.write(renderEvent({ choices: [{ index: 0, delta: { content: 'x' } }] })),
      200,
    )
    response.on('close', () => clearInterval(timer))
  })
  const model = (name: string) => `
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec: { modelName: ${name}, modelProvider: Custom, modelType: LLM, endpoint: '${backend.url}/v1' }
`
  const gateway = await startGateway({
    settings: { bodyLimitBytes: 16 * 1024 * 1024 },
    logLevel: 'warn',
    manifests: `
apiVersion: v1
kind: Secret
metadata: { name: keys }
stringData: { a: sk-a, b: sk-b, slow: sk-slow }
---
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: callers }
spec:
  apiKeys:
    - { consumer: a, secretRef: { name: keys, key: a } }
    - { consumer: a-slow, secretRef: { name: keys, key: slow } }
    - { consumer: b, secretRef: { name: keys, key: b } }
  consumers: [{ name: a, models: [of-a], rateLimit: { requestsPerMinute: ${limit} } }]
${model('of-a')}${model('of-b')}`,
  })
  onTestFinished(async () => {
    await gateway.stop()
    await backend.close()
  })
  const headers = (key: string) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' })
  const post = { method: 'POST', path: '/v1/chat/completions' } as const

  // Slow streams of A: half of them are not read.
  const slow = await Promise.all(
    Array.from({ length: streams }, async (_, at) => {
      const client = await connectRaw(gateway.port)
      onTestFinished(() => void client.socket.destroy())
      await client.write(
        renderRequest('POST', post.path, headers('sk-slow'), '{"model":"of-a","stream":true,"messages":[]}'),
      )
      await client.whenReceived('200 OK', 15_000)
      if (at % 2 === 0) client.socket.pause()
      return client
    }),
  )

  const noise = new Pool(gateway.url, { connections: 32 })
  const steady = new Pool(gateway.url, { connections: 8 })
  onTestFinished(async () => {
    await Promise.all([noise.destroy(), steady.destroy()])
  })
  const statusesOfA: number[] = []
  let isOver = false
  const big = `{"model":"of-a","messages":[{"role":"user","content":"${'x'.repeat(10 * 1024 * 1024)}"}]}`
  const flood = async (body: string) => {
    while (!isOver && statusesOfA.length < limit * 20) {
      const answer = await noise.request({ ...post, headers: headers('sk-a'), body })
      await answer.body.dump()
      statusesOfA.push(answer.statusCode)
    }
  }
  const flooding = [
    ...Array.from({ length: 16 }, () => flood('{"model":"of-a","messages":[]}')),
    flood(big),
    flood(big),
  ]

  const statusesOfB: number[] = []
  const callB = async () => {
    const answer = await steady.request({ ...post, headers: headers('sk-b'), body: '{"model":"of-b","messages":[]}' })
    await answer.body.dump()
    statusesOfB.push(answer.statusCode)
  }
  const startedAt = performance.now()
  const callsOfB: Promise<void>[] = []
  await until(
    () => {
      const due = Math.min(seconds * steadyPerSecond, ((performance.now() - startedAt) / 1000) * steadyPerSecond)
      while (callsOfB.length < due) callsOfB.push(callB())
      return callsOfB.length === seconds * steadyPerSecond
    },
    'all of B’s requests are sent',
    seconds * 3_000,
  )
  await Promise.all(callsOfB)
  isOver = true
  await Promise.all(flooding)

  expect(statusesOfB).toEqual(Array.from({ length: seconds * steadyPerSecond }, () => 200))
  expect(statusesOfA.filter((status) => status === 200)).toHaveLength(limit)
  expect(statusesOfA.filter((status) => status === 429)).toHaveLength(statusesOfA.length - limit)
  expect(statusesOfA.length).toBeGreaterThan(limit * 5)
  expect(slow.filter(({ isClosed }) => isClosed)).toEqual([])
})
