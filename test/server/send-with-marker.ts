// Sends exact bytes to the gateway and finds out whether anything in them was taken for a request of its own.
import { expect } from 'vitest'
import { connectRaw, type RawClient, type RawResponse } from '../support/raw-client.ts'
import type { AbuseGateway } from './abuse-gateway.ts'

export type MarkedOutcome = Readonly<{
  /** The answers before the marker's; none when the connection was just closed. */
  responses: readonly RawResponse[]
  /** The request behind the bytes got its own answer; false: the connection was closed. */
  isMarkerServed: boolean
}>

export type SendOptions = Readonly<{
  /** Ends our side behind the bytes: there is no rest to wait for. */
  isEnded?: boolean
  /** Whole head and body of what is read as the first response's request, for HEAD. */
  requestMethod?: string
}>

/**
 * Sends the bytes, reads an answer, then sends a marker request on the same connection and reads until the marker's
 * answer or the end. A connection that says `close` must really end without another answer.
 */
export async function sendWithMarker(
  gateway: AbuseGateway,
  bytes: string | Buffer,
  options: SendOptions = {},
): Promise<MarkedOutcome> {
  const client = await connectRaw(gateway.port)
  try {
    await client.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    if (options.isEnded === true) client.end()
    const first = await readNext(client, options.requestMethod ?? 'GET')
    if (first === null) return { responses: [], isMarkerServed: false }
    const responses = [first]
    if (first.header('connection') === 'close') {
      await client.whenPeerEnded()
      expect(await readNext(client, 'GET')).toBeNull()
      return { responses, isMarkerServed: false }
    }
    await client.write(`GET /marker HTTP/1.1\r\nHost: ${gateway.host}\r\n\r\n`)
    for (;;) {
      const next = await readNext(client, 'GET')
      if (next === null) return { responses, isMarkerServed: false }
      if (next.text.startsWith('GET /marker ')) return { responses, isMarkerServed: true }
      responses.push(next)
    }
  } finally {
    client.socket.destroy()
  }
}

/** The next response, or null when the connection ended without one. */
export async function readNext(client: RawClient, requestMethod: string): Promise<RawResponse | null> {
  try {
    return await client.readResponse({ requestMethod })
  } catch (error) {
    if (client.hasPeerEnded || client.isClosed) return null
    throw error
  }
}

/** Sends what must be refused: one answer of these statuses, the connection closed, and not a byte upstream. */
export async function expectRefused(
  gateway: AbuseGateway,
  bytes: string | Buffer,
  statuses: readonly number[] = [400],
): Promise<RawResponse> {
  const before = gateway.backend.readBytesReceived()
  const { responses, isMarkerServed } = await sendWithMarker(gateway, bytes)
  const [response] = responses
  if (response === undefined) throw new Error('closed without an answer')
  expect(statuses).toContain(response.status)
  expect(responses).toHaveLength(1)
  expect(isMarkerServed).toBe(false)
  expect(response.header('content-type')).toMatch(/^application\/json/)
  expect(response.json()).toMatchObject({ error: { message: expect.any(String), code: expect.any(String) } })
  if (response.status === 405) expect(response.header('allow')).toContain('POST')
  expect(gateway.backend.readBytesReceived()).toBe(before)
  return response
}
