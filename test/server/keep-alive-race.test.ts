// G9: a backend that closes its idle connections just as they are used again fails no request, and sees each one once.
import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { expect, test } from 'vitest'
import { json } from '../support/http-backend.ts'
import { renderJsonResponse } from '../support/http-bytes.ts'
import { authorization, type FaultGateway, startFaultGateway } from './fault-gateway.ts'
import { answerAs, startRetryGateway } from './retry-gateway.ts'

/** How long the backend keeps an idle connection, and how far around that the next request comes. Milliseconds. */
const idleMs = 120
const spreadMs = 2
const lanesEach = 20
const requestsEach = 40

type Call = Readonly<{ method: string; path: string; body: string | null }>

const calls: Readonly<Record<string, Call>> = {
  'a model call': { method: 'POST', path: '/v1/chat/completions', body: '{"model":"m1","messages":[]}' },
  'a read of a plain service': { method: 'GET', path: '/open/read', body: null },
  'a write to a plain service': { method: 'POST', path: '/open/write', body: 'once and only once' },
}

/** One request on the agent's connection; resolves to the status and the body. */
function send(gateway: FaultGateway, agent: Agent, { method, path, body }: Call, id: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const outgoing = request(`${gateway.url}${path}`, {
    method,
    agent,
    headers: {
      authorization,
      'x-request-id': id,
      ...(body !== null && { 'content-type': 'application/json', 'content-length': `${body.length}` }),
    },
  })
  outgoing.on('error', reject)
  outgoing.on('response', (response) => {
    let text = `${response.statusCode} `
    response.setEncoding('utf8')
    response.on('data', (part: string) => {
      text += part
    })
    response.on('end', () => resolve(text))
    response.on('error', reject)
  })
  outgoing.end(body ?? undefined)
  return promise
}

test('a few thousand requests at the moment of closing: none fails, none is sent twice (G9)', async () => {
  const gateway = await startFaultGateway({
    script: async (seen, connection) => {
      await connection.write(renderJsonResponse(200, { id: seen.header('x-request-id') }))
      const count = connection.requests.length
      setTimeout(() => {
        // A full close, as servers do it: what comes afterwards is answered by a reset, and never read.
        if (connection.requests.length === count) connection.socket.destroy()
      }, idleMs)
    },
  })
  const failures: string[] = []
  const runLane = async (call: Call, lane: number) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let at = 0; at < requestsEach; at++) {
      const id = randomUUID()
      const answer = await send(gateway, agent, call, id).catch((error: unknown) => String(error))
      if (answer !== `200 {"id":"${id}"}`) failures.push(`${call.method} ${call.path}: ${answer}`)
      // Not a sleep for something to happen: the moment of the next request is what is under test.
      const pauseMs = idleMs - spreadMs + ((at * 7 + lane * 3) % (spreadMs * 20 + 1)) / 10
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
    agent.destroy()
  }
  await Promise.all(
    Object.values(calls).flatMap((call) => Array.from({ length: lanesEach }, (_, lane) => runLane(call, lane))),
  )
  expect(failures).toEqual([])
  const ids = gateway.backend.requests.map((seen) => seen.header('x-request-id'))
  expect(ids).toHaveLength(3 * lanesEach * requestsEach)
  expect(new Set(ids).size).toBe(ids.length)
  // The race did take place, or the test has shown nothing.
  expect(gateway.log.filter((line) => line.attempts === 2).length).toBeGreaterThan(0)
})

test('a backend that was at work on it for longer is not asked a second time behind the policy', async () => {
  const { ask, backends } = await startRetryGateway({
    targets: [
      (seen, response) => {
        if (!seen.text.includes('die')) return json(200, answerAs('good'))(seen, response)
        setTimeout(() => response.socket?.resetAndDestroy(), 1_100)
      },
    ],
    retry: { attempts: 0 },
  })
  expect((await ask()).status).toBe(200)
  expect((await ask({ user: 'die' })).status).toBe(502)
  expect(backends[0]?.requests).toHaveLength(2)
})
