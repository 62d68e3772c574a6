// B7: a client that reads slowly makes the backend wait; what it has not read is not piled up in the gateway.
import { randomUUID } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { renderChunk, renderHead, renderRequest, renderStreamHead } from '../support/http-bytes.ts'
import { until } from '../support/until.ts'
import { readLogLine, renderChat, sendRaw, startFaultGateway, whenQuiet } from './fault-gateway.ts'
import { pour, whenBlocked } from './pour.ts'

const totalBytes = 200 * 1024 * 1024
/** What the kernel's buffers of two loopback connections may swallow. */
const kernelBytes = 24 * 1024 * 1024

const event = `data: {"pad":"${'x'.repeat(16_000)}"}\n\n`
const chunk = renderChunk(event.repeat(4))
const plain = renderChunk(Buffer.alloc(64 * 1024, 0x61))

const answers: Readonly<Record<string, Readonly<{ request: (id: string) => string; head: string; chunk: Buffer }>>> = {
  'a stream': {
    request: (id) => renderChat('m1', { stream: true }, { 'x-request-id': id }),
    head: renderStreamHead(),
    chunk,
  },
  'a large model answer': {
    request: (id) => renderChat('m1', {}, { 'x-request-id': id }),
    head: renderHead('HTTP/1.1 200 OK', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }),
    chunk: plain,
  },
  'a plain service': {
    request: (id) => renderRequest('GET', '/open/x', { 'x-request-id': id }),
    head: renderHead('HTTP/1.1 200 OK', { 'transfer-encoding': 'chunked' }),
    chunk: plain,
  },
}

/** Bytes of live buffers. V8 frees dead ones in the background: the lowest of some looks counts. */
async function readHeldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  let lowest = Number.POSITIVE_INFINITY
  let looks = 0
  await until(() => {
    collect()
    lowest = Math.min(lowest, process.memoryUsage().arrayBuffers)
    return ++looks === 10
  }, 'memory was looked at')
  return lowest
}

describe.each(Object.entries(answers))('%s', (_, { request, head, chunk: piece }) => {
  test('waits for a client that does not read, and goes on when it does', async () => {
    const gateway = await startFaultGateway()
    const id = randomUUID()
    const client = await sendRaw(gateway.port, request(id))
    client.pauseReading()
    const { connection } = await gateway.backend.nextRequest()
    await connection.write(head)
    const before = await readHeldBytes()
    const state = pour(connection, piece, totalBytes)
    await whenBlocked(state)
    expect(state.written).toBeLessThan(kernelBytes)
    // The gateway, the backend and the client share this process.
    expect((await readHeldBytes()) - before).toBeLessThan(1024 * 1024)

    const received = client.bytesReceived
    client.socket.on('data', () => client.received.splice(0))
    client.resumeReading()
    await until(() => client.bytesReceived > received + 32 * 1024 * 1024, 'the backend goes on', 20_000)
    client.pauseReading()
    client.reset()
    await connection.whenClosed(1_000)
    expect(await readLogLine(gateway, id)).toMatchObject({ status: 499, code: 'client_closed' })
    await whenQuiet(gateway, 1_000)
  })
})

test('an upload waits for a plain service that does not read', async () => {
  const gateway = await startFaultGateway({ backend: { runAt: 'head' } })
  const client = await sendRaw(gateway.port, renderRequest('POST', '/open/x', { 'transfer-encoding': 'chunked' }))
  await client.write(plain)
  const { connection } = await gateway.backend.nextRequest()
  connection.pauseReading()
  const before = await readHeldBytes()
  const state = pour(client, plain, totalBytes)
  await whenBlocked(state)
  expect(state.written).toBeLessThan(kernelBytes)
  expect((await readHeldBytes()) - before).toBeLessThan(1024 * 1024)
})
