// G8: bytes that a backend writes on a connection while nobody waits for them are thrown away with the connection; the
// next answer is the right one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderJsonResponse, renderResponse } from '../support/http-bytes.ts'
import { until } from '../support/until.ts'
import { createFaultGateway, type FaultGateway, readMetric, renderChat, sendRaw } from './fault-gateway.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway()
})
afterAll(() => gateway.stop())

const poison: Readonly<Record<string, string>> = {
  'a whole answer': renderJsonResponse(200, { poisoned: true }),
  'the head of an answer': 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n',
  'half a head': 'HTTP/1.1 200 OK\r\n',
  'one byte': 'H',
  rubbish: '\0\0\0\0',
  'an informational answer': 'HTTP/1.1 103 Early Hints\r\n\r\n',
  'a timeout that came too late': renderResponse(408, 'idle for too long', { connection: 'close' }),
}

async function ask(answer: object) {
  const client = await sendRaw(gateway.port, renderChat())
  const { connection } = await gateway.backend.nextRequest()
  await connection.write(renderJsonResponse(200, answer))
  const response = await client.readResponse()
  expect([response.status, response.json()]).toEqual([200, answer])
  return connection
}

describe('on an idle connection (G8)', () => {
  test.each(Object.entries(poison))('%s', async (_, bytes) => {
    const idle = await ask({ first: 1 })
    expect(idle.isClosed).toBe(false)
    await idle.write(bytes)
    await idle.whenClosed(1_000)
    const fresh = await ask({ second: 2 })
    expect(fresh).not.toBe(idle)
    const before = fresh.requests.length
    expect(await ask({ third: 3 })).toBe(fresh)
    expect(fresh.requests).toHaveLength(before + 1)
    expect(await readMetric(gateway, 'sluice_upstream_connections')).toBe(1)
  })
})

test('a line end, which a parser would skip, is not the start of an answer either', async () => {
  const idle = await ask({ first: 1 })
  await idle.write('\r\n')
  // Read by the gateway: it has no other way to show.
  await until(() => ask({ second: 2 }).then((connection) => connection !== idle), 'another connection is used')
  await idle.whenClosed(1_000)
})
