// A backend that answers before it has read an upload: the client gets that answer, whole, and the rest of the upload
// goes nowhere.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderJsonResponse, renderRequest } from '../support/http-bytes.ts'
import { until } from '../support/until.ts'
import { createFaultGateway, type FaultGateway, sendRaw, whenQuiet } from './fault-gateway.ts'
import { pour, whenBlocked } from './pour.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway({ backend: { runAt: 'head' } })
})
afterAll(() => gateway.stop())

const piece = Buffer.alloc(64 * 1024, 0x61)

describe.each([
  ['keeps its connection', {}],
  ['closes its connection', { connection: 'close' }],
])('a backend that %s', (_, headers) => {
  test('its 413 arrives, and the next request is answered by its own', async () => {
    const head = renderRequest('POST', '/open/upload', { 'content-length': `${32 * piece.length}` })
    const client = await sendRaw(gateway.port, head)
    await client.write(piece)
    const { connection } = await gateway.backend.nextRequest()
    connection.pauseReading()
    await connection.write(renderJsonResponse(413, { too: 'large' }, headers))
    if ('connection' in headers) connection.end()
    const response = await client.readResponse()
    expect([response.status, response.text, response.isComplete]).toEqual([413, '{"too":"large"}', true])
    connection.resumeReading()
    await connection.whenClosed(2_000)

    const next = await sendRaw(gateway.port, renderRequest('GET', '/open/next'))
    const fresh = await gateway.backend.nextRequest()
    expect(fresh.target).toBe('/open/next')
    await fresh.connection.write(renderJsonResponse(200, { next: true }))
    expect((await next.readResponse()).json()).toEqual({ next: true })
    client.reset()
    fresh.connection.end()
    await whenQuiet(gateway)
  })
})

test('an upload that waited for the backend is drained, and its connection goes on', async () => {
  // More than the kernel's buffers of two loopback connections take.
  const totalBytes = 512 * piece.length
  const client = await sendRaw(
    gateway.port,
    renderRequest('POST', '/open/upload', { 'content-length': `${totalBytes}` }),
  )
  const state = pour(client, piece, totalBytes)
  const { connection } = await gateway.backend.nextRequest()
  connection.pauseReading()
  await whenBlocked(state)
  await connection.write(renderJsonResponse(200, { early: true }))
  expect((await client.readResponse()).json()).toEqual({ early: true })
  await until(() => state.written === totalBytes, 'the rest of the upload is taken')

  await client.write(renderRequest('GET', '/open/next'))
  const next = await gateway.backend.nextRequest()
  expect(next.target).toBe('/open/next')
  await next.connection.write(renderJsonResponse(200, { next: true }))
  expect((await client.readResponse()).json()).toEqual({ next: true })
})
