// E8: whatever way an exchange ends, its token limit is charged what was used: as reported, else as streamed; the reserve
// it held until then is gone. Nothing is charged for what brought no answer.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { estimateInput } from '../../src/server/estimate-input.ts'
import type { TestGateway } from '../support/gateway.ts'
import {
  lastChunk,
  renderChunk,
  renderEvent,
  renderJsonResponse,
  renderResponse,
  renderStreamHead,
} from '../support/http-bytes.ts'
import type { RawClient } from '../support/raw-client.ts'
import { createScriptedBackend, type ScriptedBackend } from '../support/scripted-backend.ts'
import { readLogLine, sendRaw } from './fault-gateway.ts'
import { readTokensUsed, renderChatBody, renderMeteredChat, startMeteredGateway } from './metered-gateway.ts'

let backend: ScriptedBackend
let gateway: TestGateway
let usedBefore = 0
beforeAll(async () => {
  backend = await createScriptedBackend((request, connection) => {
    const isProbe = request.text.includes('"refuse":true')
    return isProbe ? connection.write(renderJsonResponse(400, { error: {} })) : undefined
  })
  gateway = await startMeteredGateway({
    endpoint: backend.url,
    consumer: { rateLimit: { tokensPerDay: 1_000_000_000 } },
    model: { timeouts: { idle: '600ms', firstByte: '1s' } },
  })
})
afterAll(async () => {
  await gateway.stop()
  await backend.close()
})

const streamBody = { stream: true, stream_options: { include_usage: true }, max_tokens: 5_000 }

/** Sends a chat and takes the backend's end of it. */
async function begin(fields: object) {
  usedBefore = await readTokensUsed(gateway)
  const id = randomUUID()
  const known = backend.requests.length
  const client = await sendRaw(gateway.port, renderMeteredChat(fields, id))
  let request = await backend.nextRequest()
  while (request.text.includes('"refuse":true') || backend.requests.indexOf(request) < known) {
    request = await backend.nextRequest()
  }
  return { id, client, connection: request.connection, input: estimateInput(Buffer.from(renderChatBody(fields))) }
}

const token = (text: string, at: number) => renderEvent({ choices: [{ index: 0, delta: { content: `${text}${at}` } }] })

function renderTokens(count: number): Buffer {
  const role = renderEvent({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })
  return renderChunk(role + Array.from({ length: count }, (_, at) => token(' t', at)).join(''))
}

async function expectCharge(id: string, tokens: number, line: object): Promise<void> {
  const logged = await readLogLine(gateway, id)
  expect(Object.fromEntries(Object.keys(line).map((name) => [name, logged[name]]))).toEqual(line)
  expect((await readTokensUsed(gateway)) - usedBefore).toBe(tokens)
}

const noUsage = { inputTokens: undefined, outputTokens: undefined, usageEstimated: undefined }

async function beginStream(count: number) {
  const exchange = await begin(streamBody)
  await exchange.connection.write(renderStreamHead())
  await exchange.connection.write(renderTokens(count))
  if (count > 0) await exchange.client.whenReceived(`t${count - 1}"`)
  else await exchange.client.whenReceived('assistant')
  return exchange
}

describe('a stream of 100 tokens, cut', () => {
  test.each([10, 50, 90])('by its client at %i: what was streamed, marked as an estimate', async (count) => {
    const { id, client, connection, input } = await beginStream(count)
    client.reset()
    await connection.whenClosed()
    const line = { code: 'client_closed', inputTokens: input, outputTokens: count, usageEstimated: true }
    await expectCharge(id, input + count, line)
  })

  test.each([
    ['a reset', (client: RawClient) => client.reset()],
    ['an end', (client: RawClient) => client.end()],
  ])('by its client after %s: no text yet, no charge', async (_, leave) => {
    const { id, client } = await beginStream(0)
    leave(client)
    await expectCharge(id, 0, { code: 'client_closed', ...noUsage })
  })

  test('by a reset of the backend', async () => {
    const { id, connection, input } = await beginStream(40)
    connection.reset()
    await expectCharge(id, input + 40, { stream: 'incomplete', outputTokens: 40, usageEstimated: true })
  })

  test('by a backend that ends it without its end marker', async () => {
    const { id, connection, input } = await beginStream(40)
    await connection.write(lastChunk)
    await expectCharge(id, input + 40, { stream: 'incomplete', outputTokens: 40 })
  })

  test('by the idle timeout', async () => {
    const { id, input } = await beginStream(70)
    await expectCharge(id, input + 70, { stream: 'timeout', code: 'upstream_timeout', outputTokens: 70 })
  })

  test('by its client when the usage had come: what was reported', async () => {
    const { id, client, connection } = await beginStream(20)
    await connection.write(
      renderChunk(renderEvent({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 19 } })),
    )
    await client.whenReceived('completion_tokens')
    client.reset()
    const line = { code: 'client_closed', inputTokens: 7, outputTokens: 19, usageEstimated: undefined }
    await expectCharge(id, 26, line)
  })

  test('by its client when only the input had been reported: that, and what was streamed', async () => {
    const { id, client, connection } = await beginStream(20)
    const usage = { prompt_tokens: 7, completion_tokens: 0 }
    await connection.write(renderChunk(renderEvent({ choices: [{ delta: { content: 'x' } }], usage })))
    await client.whenReceived('completion_tokens')
    client.reset()
    const line = { code: 'client_closed', inputTokens: 7, outputTokens: 21, usageEstimated: true }
    await expectCharge(id, 28, line)
  })

  test('by an error event of the backend', async () => {
    const { id, connection, input } = await beginStream(5)
    await connection.write(renderChunk(renderEvent({ error: { message: 'out of memory' } })))
    await connection.write(lastChunk)
    await expectCharge(id, input + 5, { stream: 'incomplete', outputTokens: 5 })
  })
})

describe('a whole stream', () => {
  test.each([
    ['with usage: what was reported', { prompt_tokens: 9, completion_tokens: 33 }, 9, 33, undefined],
    ['without: what was streamed', null, null, 30, true],
    ['with usage that says nothing', {}, null, 30, true],
  ])('%s', async (_, usage, inputTokens, outputTokens, usageEstimated) => {
    const { id, client, connection, input } = await beginStream(30)
    const last = renderEvent({ choices: [], usage }) + renderEvent('[DONE]')
    await connection.write(Buffer.concat([renderChunk(last), Buffer.from(lastChunk)]))
    expect((await client.readResponse()).isComplete).toBe(true)
    const line = { stream: 'complete', inputTokens: inputTokens ?? input, outputTokens, usageEstimated }
    await expectCharge(id, (inputTokens ?? input) + outputTokens, line)
  })
})

describe('a unary answer', () => {
  const answer = { choices: [{ message: { content: 'x'.repeat(400) } }] }
  const length = JSON.stringify(answer).length

  test('with usage', async () => {
    const { id, connection } = await begin({})
    await connection.write(renderJsonResponse(200, { ...answer, usage: { prompt_tokens: 4, completion_tokens: 6 } }))
    await expectCharge(id, 10, { status: 200, inputTokens: 4, outputTokens: 6, usageEstimated: undefined })
  })

  test.each([
    ['its length', {}, Math.ceil(length / 4)],
    ['what it could be at most', { max_tokens: 12 }, 12],
    ['its length, n and all', { max_tokens: 12, n: 20 }, Math.ceil(length / 4)],
  ])('without: by %s', async (_, fields, output) => {
    const { id, connection, input } = await begin(fields)
    await connection.write(renderJsonResponse(200, answer))
    await expectCharge(id, input + output, { inputTokens: input, outputTokens: output, usageEstimated: true })
  })

  test('too large to be held: its usage is read at the end all the same', async () => {
    const { id, client, connection } = await begin({})
    const large = {
      choices: [{ message: { content: 'x'.repeat(3_000_000) } }],
      usage: { prompt_tokens: 4, completion_tokens: 6 },
    }
    await connection.write(renderJsonResponse(200, large))
    await client.readResponse()
    await expectCharge(id, 10, { inputTokens: 4, outputTokens: 6, usageEstimated: undefined })
  })

  test.each([400, 404, 429, 500, 503])('%i of the backend: nothing', async (status) => {
    const { id, connection } = await begin({})
    await connection.write(renderJsonResponse(status, { error: { message: 'no' } }))
    await expectCharge(id, 0, { status, ...noUsage })
  })

  test('that is none: nothing', async () => {
    const { id, connection } = await begin({})
    await connection.write(renderResponse(200, '<html>', { 'content-type': 'text/html' }))
    await expectCharge(id, 0, { code: 'upstream_invalid_response', ...noUsage })
  })

  test('given up by its client: nothing', async () => {
    const { id, client } = await begin({})
    client.reset()
    await expectCharge(id, 0, { code: 'client_closed', ...noUsage })
  })

  test('cut, or never begun: nothing', async () => {
    const cut = await begin({})
    await cut.connection.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"a"')
    cut.connection.reset()
    await expectCharge(cut.id, 0, { status: 502, ...noUsage })
    const silent = await begin({})
    await expectCharge(silent.id, 0, { code: 'upstream_timeout', ...noUsage })
  })
})

// The last of the file: it ends the gateway.
test('a stream that a drain ends: what was streamed', async () => {
  const { id, client, input } = await beginStream(15)
  const drained = gateway.gateway.drain({ isHurried: true })
  await client.whenReceived('draining')
  const line = await readLogLine(gateway, id)
  expect(line).toMatchObject({ code: 'draining', inputTokens: input, outputTokens: 15, usageEstimated: true })
  await drained
})
