// G1, G2, C7: what could not be sent to one target goes to another, each target once, and each sees its own credential
// and the whole body.
import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testKey } from '../support/gateway.ts'
import { renderJsonResponse } from '../support/http-bytes.ts'
import { type Blackhole, createBlackhole } from './blackhole.ts'
import {
  createFaultGateway,
  type FaultGateway,
  readLogLine,
  renderChat,
  renderModel,
  sendRaw,
  startFaultGateway,
} from './fault-gateway.ts'

let gateway: FaultGateway
let blackhole: Blackhole
let closedUrl: string
beforeAll(async () => {
  blackhole = await createBlackhole()
  closedUrl = `http://127.0.0.1:${await findClosedPort()}`
  gateway = await createFaultGateway({
    script: (_request, connection) => connection.write(renderJsonResponse(200, { id: 'x', choices: [] })),
    manifests: (url) => {
      const pools = Object.entries(renderDead()).map(
        ([name, endpoint]) =>
          `${renderModel({ name: `${name}-a`, modelName: name, endpoint, timeouts: { connect: '200ms' } })}
  credentials: { type: APIKey, secretRef: { name: dead, key: token } }
---
${renderModel({ name: `${name}-b`, modelName: name, endpoint: url })}
  credentials: { type: APIKey, secretRef: { name: upstream, key: token } }
  parameters: { temperature: 0.5 }
`,
      )
      const dead = Object.entries(renderDead()).map(
        ([name, endpoint]) => `${renderModel({ name: `only-${name}`, endpoint, timeouts: { connect: '200ms' } })}`,
      )
      const many = [1, 2, 3, 4, 5].map((at) =>
        renderModel({ name: `many-${at}`, modelName: 'many', endpoint: closedUrl }),
      )
      return [
        `
apiVersion: v1
kind: Secret
metadata: { name: dead }
stringData: { token: dead-canary-19c0 }
`,
        ...pools,
        ...dead,
        ...many,
      ].join('---\n')
    },
  })
})
afterAll(async () => {
  await gateway.stop()
  await blackhole.close()
})

const kinds = ['refused', 'blackholed', 'unresolvable'] as const

function renderDead(): Readonly<Record<(typeof kinds)[number], string>> {
  return { refused: closedUrl, blackholed: blackhole.url, unresolvable: 'http://no-such-host.invalid' }
}

describe.each(kinds)('a target that is %s', (kind) => {
  test('is passed over, and the other answers', async () => {
    // The first target is drawn by lot: often enough it is the dead one.
    let fellOver = 0
    for (let round = 0; round < 40 && fellOver < 3; round++) {
      const id = randomUUID()
      const client = await sendRaw(gateway.port, renderChat(kind, { user: id }, { 'x-request-id': id }))
      const response = await client.readResponse()
      const request = await gateway.backend.nextRequest()
      expect([response.status, response.header('x-sluice-target')]).toEqual([200, `default/${kind}-b`])
      const attempts = response.header('x-sluice-attempts')
      expect(attempts).toMatch(/^[12]$/)
      expect(await readLogLine(gateway, id)).toMatchObject({ status: 200, attempts: Number(attempts) })
      if (attempts === '2') fellOver++
      expect(request.json()).toMatchObject({
        model: kind,
        user: id,
        messages: [{ role: 'user', content: 'hi' }],
        temperature: 0.5,
      })
      expect(request.header('authorization')).toBe('Bearer upstream-canary-77b1')
      const sent = request.message.head.toString('latin1')
      expect(sent).not.toContain(testKey)
      expect(sent).not.toContain('dead-canary')
      client.socket.destroy()
    }
    expect(fellOver).toBe(3)
  })

  // It is asked again, if it is quick to fail; but nobody is made to wait for a timeout twice.
  test('alone in its pool is an error that names no address', async () => {
    const id = randomUUID()
    const client = await sendRaw(gateway.port, renderChat(`only-${kind}`, {}, { 'x-request-id': id }))
    const startedAt = performance.now()
    const response = await client.readResponse()
    const isTimeout = kind === 'blackholed'
    expect(response.status).toBe(isTimeout ? 504 : 502)
    expect(response.json()).toMatchObject({ error: { code: isTimeout ? 'upstream_timeout' : 'upstream_error' } })
    expect(response.text).not.toMatch(/127\.0\.0\.1|invalid\b.*host|ECONN|ENOTFOUND/)
    if (isTimeout) {
      expect(performance.now() - startedAt).toBeGreaterThan(180)
      expect(performance.now() - startedAt).toBeLessThan(470)
    }
    expect(await readLogLine(gateway, id)).toMatchObject({ attempts: isTimeout ? 1 : 3, owner: 'upstream' })
  })
})

test('a target is tried once, and no more targets than the policy allows', async () => {
  const id = randomUUID()
  const client = await sendRaw(gateway.port, renderChat('many', {}, { 'x-request-id': id }))
  const response = await client.readResponse()
  expect(response.status).toBe(502)
  // A model's own pool: two retries (see compile-models.ts), five targets.
  expect(response.header('x-sluice-attempts')).toBe('3')
})

test('a kept-alive connection that dies with its backend costs no retry of the policy', async () => {
  const dying = createServer((socket) => {
    let count = 0
    socket.on('error', () => {})
    socket.on('data', () => {
      count++
      if (count === 1) socket.write(renderJsonResponse(200, { first: 1 }))
      else socket.resetAndDestroy()
    })
  })
  const port = await listen(dying)
  const one = await startFaultGateway({
    script: (_request, connection) => connection.write(renderJsonResponse(200, { second: 2 })),
    manifests: (endpoint) =>
      [
        renderModel({ name: 'dying', endpoint: `http://127.0.0.1:${port}` }),
        renderModel({ name: 'alive', endpoint }),
        `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: both }
spec:
  path: /both
  modelName: both
  backends:
    - { modelRef: { name: dying, kind: AIModel }, priority: 0 }
    - { modelRef: { name: alive, kind: AIModel }, priority: 1 }
  retry: { attempts: 1, conditions: [connect-failure] }
`,
      ].join('---\n'),
  })
  const first = await sendRaw(one.port, renderChat('both'))
  expect((await first.readResponse()).json()).toEqual({ first: 1 })
  // It listens no more, but its connection is still there.
  dying.close()
  const second = await sendRaw(one.port, renderChat('both'))
  const response = await second.readResponse()
  expect([response.status, response.text]).toEqual([200, '{"second":2}'])
  // On the old connection, on a new one, on the other target.
  expect(response.header('x-sluice-attempts')).toBe('3')
})

/** A port that was free a moment ago. */
async function findClosedPort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('no port'))
      else resolve(address.port)
    })
  })
}
