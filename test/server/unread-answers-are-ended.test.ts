// A19: a client that reads nothing of finished answers is ended; one that only waits long for its answer is not.
import { expect, test } from 'vitest'
import { defaultHttpLimits } from '../../src/settings.ts'
import { renderJsonResponse } from '../support/http-bytes.ts'
import { until } from '../support/until.ts'
import { readLogLine, renderChat, sendRaw, startFaultGateway } from './fault-gateway.ts'

const stalledReadTimeoutMs = 200
const settings = { http: { ...defaultHttpLimits, stalledReadTimeoutMs } }

test('answers that nobody reads end with their connection', async () => {
  // More than the kernel's buffers of a loopback connection take.
  const answer = renderJsonResponse(200, { text: 'x'.repeat(1_000_000) })
  const ids = Array.from({ length: 12 }, (_, at) => `unread-${at}`)
  const gateway = await startFaultGateway({ settings, script: (_request, connection) => connection.write(answer) })
  const client = await sendRaw(gateway.port, '')
  client.pauseReading()
  await client.write(ids.map((id) => renderChat('m1', {}, { 'x-request-id': id })).join(''))
  const lines = await Promise.all(ids.map((id) => readLogLine(gateway, id)))
  expect(lines.at(-1)).toMatchObject({ status: 499, code: 'client_closed' })
})

test('a silent backend is not the client’s doing', async () => {
  const gateway = await startFaultGateway({ settings })
  const client = await sendRaw(gateway.port, renderChat())
  const { connection } = await gateway.backend.nextRequest()
  const startedAt = performance.now()
  await until(() => performance.now() - startedAt > 3 * stalledReadTimeoutMs, 'three times the timeout has passed')
  await connection.write(renderJsonResponse(200, { id: 1 }))
  expect((await client.readResponse()).json()).toEqual({ id: 1 })
})
