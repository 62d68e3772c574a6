// B4, G5: an answer that is no stream and that its backend cuts becomes a 502 of ours as long as nothing of it has
// gone out, and an aborted body after that: half an answer is never given out as a whole one.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lastChunk, renderChunk, renderHead, renderRequest, renderResponse } from '../support/http-bytes.ts'
import { createFaultGateway, type FaultGateway, readLogLine, renderChat, sendRaw } from './fault-gateway.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway()
})
afterAll(() => gateway.stop())

const answer = JSON.stringify({ id: 'x', object: 'chat.completion', choices: [], usage: { prompt_tokens: 1 } })
const json = { 'content-type': 'application/json' }
const heads = {
  chunked: renderHead('HTTP/1.1 200 OK', { ...json, 'transfer-encoding': 'chunked' }),
  length: renderHead('HTTP/1.1 200 OK', { ...json, 'content-length': `${answer.length}` }),
  close: renderHead('HTTP/1.1 200 OK', { ...json, connection: 'close' }),
} as const
const framings = ['chunked', 'length', 'close'] as const

describe.each(framings)('a model answer framed by %s', (framing) => {
  const frame = (text: string) => (framing === 'chunked' ? renderChunk(text) : text)

  describe.each(['FIN', 'RST'] as const)('cut by %s', (kind) => {
    test.each([0, 1, 20, answer.length - 1])('after %i bytes of its body', async (length) => {
      const id = randomUUID()
      const client = await sendRaw(gateway.port, renderChat('m1', {}, { 'x-request-id': id }))
      const { connection } = await gateway.backend.nextRequest()
      await connection.write(heads[framing])
      if (length > 0) await connection.write(frame(answer.slice(0, length)))
      if (kind === 'RST') connection.reset()
      else connection.end()
      const response = await client.readResponse()
      expect(response.status).toBe(502)
      expect(response.isComplete).toBe(true)
      // A reset may overtake the head: then it is an upstream_error.
      expect(response.json()).toMatchObject({ error: { code: expect.stringMatching(/^upstream_(incomplete|error)$/) } })
      expect(await readLogLine(gateway, id)).toMatchObject({ status: 502, owner: 'upstream', attempts: 1 })
    })
  })

  test('whole', async () => {
    const client = await sendRaw(gateway.port, renderChat())
    const { connection } = await gateway.backend.nextRequest()
    await connection.writePieces([heads[framing], frame(answer), ...(framing === 'chunked' ? [lastChunk] : [])])
    if (framing === 'close') connection.end()
    const response = await client.readResponse()
    expect([response.status, response.text, response.isComplete]).toEqual([200, answer, true])
  })
})

test('a large model answer that was being passed on when it was cut is logged as incomplete', async () => {
  const id = randomUUID()
  const client = await sendRaw(gateway.port, renderChat('m1', {}, { 'x-request-id': id }))
  const { connection } = await gateway.backend.nextRequest()
  await connection.write(heads.chunked)
  await connection.write(renderChunk(`{"data":"${'x'.repeat(2_000_000)}`))
  await client.whenReceived('xxx')
  connection.end()
  const response = await client.readResponse()
  expect([response.status, response.isComplete]).toEqual([200, false])
  expect(await readLogLine(gateway, id)).toMatchObject({ code: 'upstream_incomplete', owner: 'upstream' })
})

describe('a plain service', () => {
  const get = (id: string) => renderRequest('GET', '/open/x', { 'x-request-id': id })

  test('that closes before its head is a 502', async () => {
    const client = await sendRaw(gateway.port, get('before-head'))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write('HTTP/1.1 200 OK\r\ncontent-le')
    connection.end()
    const response = await client.readResponse()
    expect(response.status).toBe(502)
    expect(response.json()).toMatchObject({ error: { code: 'upstream_invalid_response' } })
  })

  test.each([
    ['chunked', 'FIN', renderHead('HTTP/1.1 200 OK', { 'transfer-encoding': 'chunked' }) + renderChunk('hello')],
    ['chunked', 'RST', renderHead('HTTP/1.1 200 OK', { 'transfer-encoding': 'chunked' }) + renderChunk('hello')],
    ['length', 'FIN', renderResponse(200, 'hello', { 'content-length': '10' })],
    ['length', 'RST', renderResponse(200, 'hello', { 'content-length': '10' })],
    ['close', 'RST', `${renderHead('HTTP/1.1 200 OK', { connection: 'close' })}hello`],
  ])('cut in its body, framed by %s, by %s: the client sees the cut', async (_, kind, bytes) => {
    const id = randomUUID()
    const client = await sendRaw(gateway.port, get(id))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(bytes)
    await client.whenReceived('hello')
    if (kind === 'RST') connection.reset()
    else connection.end()
    const response = await client.readResponse()
    expect([response.status, response.text, response.isComplete]).toEqual([200, 'hello', false])
    expect(await readLogLine(gateway, id)).toMatchObject({ code: 'upstream_incomplete', owner: 'upstream' })
  })

  test('framed by its close, closed in good order: the client sees a whole answer', async () => {
    const client = await sendRaw(gateway.port, get('closed'))
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(`${renderHead('HTTP/1.1 200 OK', { connection: 'close' })}hello`)
    connection.end()
    const response = await client.readResponse()
    expect([response.status, response.text, response.isComplete]).toEqual([200, 'hello', true])
  })
})
