// A19: slow heads, slow bodies and slow readers beside idle connections and a healthy client. With the limits set
// short, the same code runs as with the long ones; what the long ones are is asserted too.
import { connect, type Socket } from 'node:net'
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultHttpLimits } from '../../src/settings.ts'
import { gatewayManifests, startGateway, type TestGateway, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend, json } from '../support/http-backend.ts'
import { until } from '../support/until.ts'

const attackers = 300
const dripEveryMs = 100

let backend: HttpBackend
let gateway: TestGateway

beforeAll(async () => {
  backend = await createHttpBackend(json(200, { ok: true }))
  const http = { ...defaultHttpLimits, headersTimeoutMs: 1_000, bodyGraceMs: 1_000, checkingIntervalMs: 100 }
  gateway = await startGateway({ manifests: gatewayManifests(backend.url), settings: { http }, logLevel: 'warn' })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

type Attacker = { socket: Socket; received: string; isClosed: boolean; drip: NodeJS.Timeout }

/** Sends `head`, then a byte now and then for as long as the connection lives. */
function attack(head: string, drop: string): Attacker {
  const socket = connect(gateway.port, '127.0.0.1')
  const drip = setInterval(() => socket.writable && socket.write(drop), dripEveryMs)
  const attacker: Attacker = { socket, received: '', isClosed: false, drip }
  socket.write(head)
  socket.on('data', (bytes) => {
    attacker.received += bytes.toString()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    clearInterval(drip)
    attacker.isClosed = true
  })
  return attacker
}

const head = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${testKey}\r\n` +
  `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n`

test('the default limits are those of the catalogue', () => {
  const { headersTimeoutMs, bodyGraceMs, checkingIntervalMs } = defaultHttpLimits
  expect(headersTimeoutMs + checkingIntervalMs).toBeLessThanOrEqual(15_000)
  expect(bodyGraceMs + checkingIntervalMs).toBeLessThanOrEqual(60_000)
})

test('attackers are closed with 408 while a healthy client sees nothing of them', { timeout: 60_000 }, async () => {
  const idle = Array.from({ length: attackers }, () => connect(gateway.port, '127.0.0.1').on('error', () => {}))
  const heads = Array.from({ length: attackers }, () =>
    attack('POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n', 'x: y\r\n'),
  )
  const bodies = Array.from({ length: attackers }, () => attack(head('/v1/chat/completions', 10_000), ' '))
  const uploads = Array.from({ length: attackers / 10 }, () => attack(head('/svc/upload', 10_000), ' '))
  const all = [...heads, ...bodies, ...uploads]

  let healthy = 0
  const isOver = () => all.every(({ isClosed }) => isClosed)
  const callWhile = async () => {
    while (!isOver()) {
      const answer = await request(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' },
        body: '{"model":"m1","messages":[]}',
      })
      expect(answer.statusCode, await answer.body.text()).toBe(200)
      healthy++
    }
  }
  await Promise.all([until(isOver, 'every attacker is closed', 30_000), callWhile()])

  expect(healthy).toBeGreaterThan(0)
  for (const { received } of all) expect(received).toMatch(/^HTTP\/1\.1 408 /)
  for (const { received } of bodies) expect(received).toContain('"code":"request_timeout"')
  for (const socket of idle) socket.destroy()
  await until(() => backend.requests.every(({ body }) => body.length < 1_000), 'no attack became a request')
})

test('a long upload at a decent rate is let through', async () => {
  const bytes = 64 * 1024
  const socket = connect(gateway.port, '127.0.0.1')
  let received = ''
  socket.on('data', (data) => {
    received += data.toString()
  })
  socket.write(head('/svc/upload', bytes))
  let sent = 0
  // About 16 KB/s, for four times the grace.
  const timer = setInterval(() => {
    socket.write(Buffer.alloc(1_024, 'a'))
    sent += 1_024
    if (sent >= bytes) clearInterval(timer)
  }, 62)
  await until(() => received.includes('\r\n\r\n'), 'an answer', 20_000)
  clearInterval(timer)
  expect(received).toMatch(/^HTTP\/1\.1 200 /)
  socket.destroy()
})
