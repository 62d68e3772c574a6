// A25: a client that goes at any byte of its request leaves nothing behind: no whole request upstream, no exchange.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectRaw } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import { type AbuseGateway, authorization, startAbuseGateway } from './abuse-gateway.ts'

let gateway: AbuseGateway
beforeAll(async () => {
  gateway = await startAbuseGateway()
})
afterAll(() => gateway.stop())

const body = '{"model":"m1","messages":[]}'

test.each([
  ['a model request with a length', '/v1/chat/completions', `Content-Length: ${body.length}`, body],
  ['a service request with a length', '/cut', `Content-Length: ${body.length}`, body],
  [
    'a service request in chunks',
    '/cut-chunks',
    'Transfer-Encoding: chunked',
    `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  ],
])('%s, cut at every byte by FIN and by RST', async (_, target, framing, bytes) => {
  const text = `POST ${target} HTTP/1.1\r\nHost: ${gateway.host}\r\n${authorization}\r\nContent-Type: application/json\r\n${framing}\r\n\r\n${bytes}`
  const cutAt = async (length: number, isReset: boolean): Promise<void> => {
    const client = await connectRaw(gateway.port)
    await client.write(text.slice(0, length))
    if (isReset) client.reset()
    else client.end()
    await client.whenClosed()
  }
  let next = 0
  const work = async (): Promise<void> => {
    while (next < text.length) {
      const length = next++
      await cutAt(length, false)
      await cutAt(length, true)
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))

  const { requests, malformed } = gateway.backend
  await until(
    () => requests.every((request) => request.target !== target || request.connection.isClosed),
    'every upstream request of a cut one was aborted',
  )
  expect(requests.filter((request) => request.target === target && request.message.isComplete).length).toBe(0)
  expect(malformed).toEqual([])
  // And it goes on serving.
  const client = await connectRaw(gateway.port)
  await client.write(text)
  expect((await client.readResponse()).status).toBe(200)
  client.socket.destroy()
  expect(requests.at(-1)?.text).toBe(body)
  await requests.at(-1)?.connection.end()
  await until(() => requests.at(-1)?.connection.isClosed, 'the last connection closed')
})
