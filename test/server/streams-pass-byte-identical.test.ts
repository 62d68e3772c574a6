// B1, B2: however a backend's packets cut a stream, inside an event or a code point, the client gets the same bytes
// and the log the same usage.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lastChunk, renderChunk, renderRequest, renderStreamHead } from '../support/http-bytes.ts'
import { connectRaw, type RawClient } from '../support/raw-client.ts'
import { authorization, createFaultGateway, type FaultGateway, readLogLine } from './fault-gateway.ts'
import { goldenStreams } from './golden-streams.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway()
})
afterAll(() => gateway.stop())

/** One byte after the other, each in a write and a chunk of its own. */
function cutEverywhere(bytes: Buffer): readonly Buffer[] {
  return [...bytes.keys()].map((at) => bytes.subarray(at, at + 1))
}

function cutOnce(bytes: Buffer, at: number): readonly Buffer[] {
  return [bytes.subarray(0, at), bytes.subarray(at)]
}

async function replay(client: RawClient, path: string, pieces: readonly Buffer[], requestId: string): Promise<Buffer> {
  gateway.backend.setScript(async (_request, connection) => {
    await connection.writePieces([renderStreamHead(), ...pieces.map((piece) => renderChunk(piece)), lastChunk])
  })
  const headers = { authorization, 'content-type': 'application/json', 'x-request-id': requestId }
  await client.write(renderRequest('POST', path, headers, '{"model":"m1","stream":true}'))
  const response = await client.readResponse({ deadlineMs: 20_000 })
  expect(response.status).toBe(200)
  expect(response.header('content-type')).toBe('text/event-stream')
  expect(response.isComplete).toBe(true)
  return response.body
}

describe.each(Object.entries(goldenStreams))('a %s stream', (name, { path, events }) => {
  const whole = Buffer.from(events.join(''))
  const usage = { inputTokens: 11, outputTokens: 8, stream: 'complete', status: 200 }

  test('one byte a write', async () => {
    const client = await connectRaw(gateway.port)
    const body = await replay(client, path, cutEverywhere(whole), `${name}-bytewise`)
    expect(body.equals(whole)).toBe(true)
    expect(await readLogLine(gateway, `${name}-bytewise`)).toMatchObject(usage)
    client.socket.destroy()
  })

  test('cut in two, at offsets all over it', async () => {
    const client = await connectRaw(gateway.port)
    // The framer's own test does every offset; here every one that lies in or beside a code point of many bytes
    // or a line end, and some of the rest.
    const offsets = [...whole.keys()].filter((at) => {
      const [before = 0, after = 0] = [whole[at - 1], whole[at]]
      return at > 0 && ((after & 0xc0) === 0x80 || before === 0x0a || after === 0x0a || at % 37 === 0)
    })
    expect(offsets.length).toBeGreaterThan(60)
    for (const at of offsets) {
      const body = await replay(client, path, cutOnce(whole, at), `${name}-${at}`)
      if (!body.equals(whole)) throw new Error(`other bytes when cut at ${at}`)
      expect(await readLogLine(gateway, `${name}-${at}`)).toMatchObject(usage)
    }
    client.socket.destroy()
  })
})

test('bytes that are no UTF-8 pass as they are', async () => {
  const client = await connectRaw(gateway.port)
  const bad = Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf0, 0x9f])
  const whole = Buffer.concat([Buffer.from('data: {"x":"'), bad, Buffer.from('"}\n\ndata: [DONE]\n\n')])
  const body = await replay(client, '/v1/chat/completions', cutEverywhere(whole), 'invalid')
  expect(body.equals(whole)).toBe(true)
  client.socket.destroy()
})
