// B3: every line ending and odd field of an event stream passes byte for byte; a comment between events goes at once.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lastChunk, renderChunk, renderStreamHead } from '../support/http-bytes.ts'
import { createFaultGateway, type FaultGateway, readLogLine, renderChat, sendRaw } from './fault-gateway.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway()
})
afterAll(() => gateway.stop())

const chunk = '{"choices":[{"delta":{"content":"é"}}],"usage":{"prompt_tokens":5,"completion_tokens":6}}'

const spellings: Readonly<Record<string, readonly string[]>> = {
  LF: [`data: ${chunk}\n\n`, 'data: [DONE]\n\n'],
  CRLF: [`data: ${chunk}\r\n\r\n`, 'data: [DONE]\r\n\r\n'],
  CR: [`data: ${chunk}\r\r`, 'data: [DONE]\r\r'],
  mixed: [`data: ${chunk}\r\n\n`, 'data: [DONE]\n\r\n'],
  'CRLF split over packets': [`data: ${chunk}\r`, '\n\r', '\ndata: [DONE]\r', '\n\r', '\n'],
  'a byte order mark': [`\uFEFFdata: ${chunk}\n\n`, 'data: [DONE]\n\n'],
  'data without a space': [`data:${chunk}\n\n`, 'data:[DONE]\n\n'],
  'data on several lines': [`data: ${chunk.slice(0, 12)}\ndata: ${chunk.slice(12)}\n\n`, 'data: [DONE]\n\n'],
  'comments, unknown fields, NUL in an id, a bogus retry': [
    `: hello\nfoo: bar\nid: a\0b\nretry: soon\ndata: ${chunk}\n\n`,
    ':\n\ndata\n\ndata: [DONE]\n\n',
  ],
}

describe('passes byte for byte', () => {
  test.each(Object.entries(spellings))('%s', async (_, pieces) => {
    const id = randomUUID()
    const client = await sendRaw(gateway.port, renderChat('m1', { stream: true }, { 'x-request-id': id }))
    const { connection } = await gateway.backend.nextRequest()
    await connection.writePieces([renderStreamHead(), ...pieces.map(renderChunk), lastChunk])
    const response = await client.readResponse()
    expect(response.isComplete).toBe(true)
    expect(response.body.equals(Buffer.from(pieces.join('')))).toBe(true)
    expect(await readLogLine(gateway, id)).toMatchObject({ stream: 'complete', inputTokens: 5, outputTokens: 6 })
  })
})

test('a heartbeat between events is with the client within 50 ms', async () => {
  const client = await sendRaw(gateway.port, renderChat('m1', { stream: true }))
  const { connection } = await gateway.backend.nextRequest()
  await connection.write(renderStreamHead())
  const delaysMs: number[] = []
  const passOn = async (text: string) => {
    const startedAt = performance.now()
    await connection.write(renderChunk(text))
    await client.whenReceived(text.trim())
    delaysMs.push(performance.now() - startedAt)
  }
  // Before the first event they wait: what follows may be an error, and then there is no answer yet (B5).
  await connection.write(renderChunk(': first\n\n'))
  await passOn('data: {"n":1}\n\n')
  expect(client.text).toContain(': first\n\n')
  for (let at = 0; at < 20; at++) await passOn(`: beat ${at}\n`)
  await connection.write(`${renderChunk('data: [DONE]\n\n')}${lastChunk}`)
  expect((await client.readResponse()).isComplete).toBe(true)
  // The median: a busy machine may stall any single one of them.
  delaysMs.sort((a, b) => a - b)
  expect(delaysMs[Math.floor(delaysMs.length / 2)]).toBeLessThan(50)
})

test('a comment inside an event waits for the end of the event', async () => {
  const client = await sendRaw(gateway.port, renderChat('m1', { stream: true }))
  const { connection } = await gateway.backend.nextRequest()
  await connection.write(renderStreamHead())
  await connection.write(renderChunk('data: {"n":0}\n\n: before\ndata: {"n":1}\n: inside\n'))
  await client.whenReceived(': before')
  expect(client.text).not.toContain('"n":1')
  await connection.write(renderChunk('\ndata: [DONE]\n\n'))
  await connection.write(lastChunk)
  const response = await client.readResponse()
  expect(response.text).toBe('data: {"n":0}\n\n: before\ndata: {"n":1}\n: inside\n\ndata: [DONE]\n\n')
})
