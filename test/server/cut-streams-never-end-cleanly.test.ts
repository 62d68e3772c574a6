// B4, B5: a stream that its backend cuts, wherever and however, ends with an error event in OpenAI's shape and an
// aborted body: no last chunk, never [DONE], and the metric says incomplete.
import { randomUUID } from 'node:crypto'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testKey } from '../support/gateway.ts'
import { type Headers, lastChunk, renderChunk, renderHead, renderRequest } from '../support/http-bytes.ts'
import type { RawClient } from '../support/raw-client.ts'
import type { BackendConnection } from '../support/scripted-backend.ts'
import { until } from '../support/until.ts'
import {
  authorization,
  createFaultGateway,
  type FaultGateway,
  readLogLine,
  readMetric,
  renderChat,
  sendRaw,
} from './fault-gateway.ts'
import { goldenStreams, manyBytes } from './golden-streams.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway()
})
afterAll(() => gateway.stop())

const { events } = goldenStreams.chat
const opening = events.slice(0, 3).join('')
const withoutMarker = events.slice(0, -1).join('')
const whole = events.join('')

const framings = ['chunked', 'length', 'close'] as const
type Framing = (typeof framings)[number]

const places: Readonly<Record<string, string>> = {
  'between events': opening,
  'in the middle of an event': `${opening}data: {"choices":[{"del`,
  'inside the blank line': `${opening}data: {"choices":[]}\n`,
  'before the end marker': withoutMarker,
}

function renderHeadOf(framing: Framing, length = Buffer.byteLength(whole)): string {
  const headers: Record<Framing, Headers> = {
    chunked: { 'transfer-encoding': 'chunked' },
    length: { 'content-length': `${length}` },
    close: { connection: 'close' },
  }
  return renderHead('HTTP/1.1 200 OK', { 'content-type': 'text/event-stream', ...headers[framing] })
}

type Cut = (connection: BackendConnection, client: RawClient) => Promise<void>

/** The client reads what came before, then one error event, and an end that is none. */
async function expectCut(before: string, cut: Cut): Promise<void> {
  const id = randomUUID()
  const requestCount = gateway.backend.requests.length
  const outcomesBefore = await readOutcomes()
  const client = await sendRaw(gateway.port, renderChat('m1', { stream: true }, { 'x-request-id': id }))
  const { connection } = await gateway.backend.nextRequest()
  await cut(connection, client)
  const response = await client.readResponse()
  expect(response.status).toBe(200)
  expect(response.isComplete).toBe(false)
  expect(response.text.startsWith(before)).toBe(true)
  const match = /^data: (\{"error":.*\})\n\n$/.exec(response.text.slice(before.length))
  expect(JSON.parse(match?.[1] ?? 'null')).toEqual({
    error: { message: expect.any(String), type: 'server_error', param: null, code: 'upstream_incomplete' },
  })
  expect(response.text).not.toContain('[DONE]')
  expect(await readLogLine(gateway, id)).toMatchObject({ stream: 'incomplete', code: 'upstream_incomplete' })
  const { all, incomplete } = outcomesBefore
  expect(await readOutcomes()).toEqual({ all: all + 1, incomplete: incomplete + 1, open: 0 })
  expect(gateway.backend.requests).toHaveLength(requestCount + 1)
}

async function readOutcomes(): Promise<Readonly<{ all: number; incomplete: number; open: number }>> {
  return {
    all: await readMetric(gateway, 'sluice_stream_outcomes_total'),
    incomplete: await readMetric(gateway, 'sluice_stream_outcomes_total', { outcome: 'incomplete' }),
    open: await readMetric(gateway, 'sluice_streams_open'),
  }
}

describe.each(framings)('framed by %s (B4)', (framing) => {
  const frame = (text: string) => (framing === 'chunked' ? renderChunk(text) : text)

  describe.each(Object.entries(places))('cut %s', (_, sent) => {
    const before = sent.slice(0, sent.lastIndexOf('\n\n') + 2)

    test.each(['FIN', 'RST'] as const)('by %s', async (kind) => {
      await expectCut(before, async (connection, client) => {
        await connection.write(renderHeadOf(framing))
        await connection.writePieces(sent.split(/(?<=\n\n)/).map(frame))
        // A reset throws away what the peer has not read: what is whole must be through by then.
        await until(
          () => client.text.includes(Buffer.from(before.slice(-40)).toString('latin1')),
          'the whole events were relayed',
        )
        if (kind === 'RST') connection.reset()
        else connection.end()
      })
    })
  })

  test('ended as its framing says, but without the end marker', async () => {
    await expectCut(withoutMarker, async (connection) => {
      await connection.write(renderHeadOf(framing, Buffer.byteLength(withoutMarker)))
      await connection.write(frame(withoutMarker))
      if (framing === 'chunked') await connection.write(lastChunk)
      if (framing === 'close') connection.end()
    })
  })

  test.each(['FIN', 'RST'] as const)('cut before its first event by %s: a 502 in JSON', async (kind) => {
    const client = await sendRaw(gateway.port, renderChat('m1', { stream: true }))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(renderHeadOf(framing))
    await connection.write(frame('data: {"cho'))
    if (kind === 'RST') connection.reset()
    else connection.end()
    const response = await client.readResponse()
    expect(response.status).toBe(502)
    expect(response.isComplete).toBe(true)
    expect(response.json()).toMatchObject({
      error: { type: 'server_error', code: expect.stringMatching(/^upstream_/) },
    })
  })

  test('cut after the end marker: the answer was whole', async () => {
    const id = randomUUID()
    const client = await sendRaw(gateway.port, renderChat('m1', { stream: true }, { 'x-request-id': id }))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(renderHeadOf(framing, Buffer.byteLength(whole) + 100))
    await connection.write(frame(whole))
    await client.whenReceived('[DONE]')
    connection.reset()
    const response = await client.readResponse()
    expect(response.isComplete).toBe(true)
    expect(response.text).toBe(whole)
    expect(await readLogLine(gateway, id)).toMatchObject({ stream: 'complete', outputTokens: 8 })
  })
})

test('a Responses API stream without its terminal event', async () => {
  const { path, events: all } = goldenStreams.responses
  const headers = { authorization, 'content-type': 'application/json' }
  const client = await sendRaw(gateway.port, renderRequest('POST', path, headers, '{"model":"m1","stream":true}'))
  const { connection } = await gateway.backend.nextRequest()
  const pieces = all.slice(0, -1).map((event) => renderChunk(event))
  await connection.writePieces([renderHeadOf('chunked'), ...pieces, lastChunk])
  const response = await client.readResponse()
  expect(response.isComplete).toBe(false)
  expect(response.text).toMatch(/\n\nevent: error\ndata: \{"type":"error","code":"upstream_incomplete",.*\}\n\n$/)
  // It goes on counting where the backend stopped.
  expect(response.text.endsWith(`"sequence_number":${all.length - 1}}\n\n`)).toBe(true)
})

describe('the official client throws', () => {
  test.each(framings)('framed by %s', async (framing) => {
    const client = new OpenAI({ apiKey: testKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
    const messages = [{ role: 'user' as const, content: 'hi' }]
    const asking = client.chat.completions.create({ model: 'm1', messages, stream: true })
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(renderHeadOf(framing))
    await connection.write(framing === 'chunked' ? renderChunk(opening) : opening)
    connection.end()
    const stream = await asking
    let text = ''
    const reading = (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    })()
    const error = await reading.then(
      () => null,
      (cause: unknown) => cause,
    )
    expect(error).toBeInstanceOf(OpenAI.APIError)
    expect(error).toMatchObject({ code: 'upstream_incomplete' })
    expect(text).toBe(manyBytes.slice(0, 2).join(''))
  })
})
