// B5, G4: once a byte of an answer has gone to the client nothing is tried again, whatever happens to the rest; and an
// answer that a target gave, however bad, is never replaced by another target's.
import { randomUUID } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { renderChunk, renderHead, renderJsonResponse, renderStreamHead } from '../support/http-bytes.ts'
import { type BackendConnection, createScriptedBackend, type ScriptedBackend } from '../support/scripted-backend.ts'
import { type FaultGateway, readLogLine, renderChat, renderModel, sendRaw, startFaultGateway } from './fault-gateway.ts'

/** Anew for each test: what one target did before is not forgotten. */
async function start(): Promise<Readonly<{ gateway: FaultGateway; second: ScriptedBackend }>> {
  const second = await createScriptedBackend((_request, connection) =>
    connection.write(renderJsonResponse(200, { second: 1 })),
  )
  onTestFinished(() => second.close())
  const gateway = await startFaultGateway({
    manifests: (endpoint) =>
      [
        renderModel({ name: 'one', endpoint, timeouts: { firstByte: '300ms', idle: '300ms' } }),
        renderModel({ name: 'two', endpoint: second.url }),
        `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: both }
spec:
  path: /both
  modelName: both
  backends:
    - { modelRef: { name: one, kind: AIModel }, priority: 0 }
    - { modelRef: { name: two, kind: AIModel }, priority: 1 }
  retry: { attempts: 3, conditions: [connect-failure] }
`,
      ].join('---\n'),
  })
  return { gateway, second }
}

const event = renderChunk('data: {"choices":[]}\n\n')

async function run(act: (connection: BackendConnection) => Promise<void>, isStream: boolean) {
  const { gateway, second } = await start()
  const id = randomUUID()
  const client = await sendRaw(gateway.port, renderChat('both', { stream: isStream }, { 'x-request-id': id }))
  const { connection } = await gateway.backend.nextRequest()
  await act(connection)
  const response = await client.readResponse()
  const log = await readLogLine(gateway, id)
  expect(gateway.backend.requests).toHaveLength(1)
  expect(second.connections).toHaveLength(0)
  expect(log).toMatchObject({ attempts: 1, target: 'default/one' })
  expect(response.header('x-sluice-attempts')).toBe('1')
  expect(response.header('x-sluice-target')).toBe('default/one')
  return response
}

describe('a stream that has begun is not begun again', () => {
  test.each([
    ['a cut by FIN', async (connection: BackendConnection) => connection.end()],
    [
      'an event over the cap',
      (connection: BackendConnection) => connection.write(renderChunk(`data: ${'x'.repeat(5e6)}`)),
    ],
    ['a bad chunk', (connection: BackendConnection) => connection.write('zz\r\n')],
    ['silence', async () => {}],
  ])('after %s', async (_, act) => {
    const response = await run(async (connection) => {
      await connection.write(renderStreamHead())
      await connection.write(event)
      await act(connection)
    }, true)
    expect([response.status, response.isComplete]).toEqual([200, false])
    expect(response.text).toMatch(/"code":"upstream_\w+"\}\}\n\n$/)
  })
})

describe('an answer is the answer', () => {
  test.each([
    ['500', renderJsonResponse(500, { error: { message: 'x' } }), 500],
    ['503', renderJsonResponse(503, { error: { message: 'x' } }, { 'retry-after': '1' }), 503],
    ['429', renderJsonResponse(429, { error: { message: 'x' } }, { 'retry-after': '1' }), 429],
    ['a broken head', 'HTTP/1.1 200 OK\r\nbad header\r\n\r\n', 502],
    [
      'half an answer',
      `${renderHead('HTTP/1.1 200 OK', { 'content-type': 'application/json', 'content-length': '9' })}{`,
      502,
    ],
  ])('%s', async (_, bytes, status) => {
    const response = await run(async (connection) => {
      await connection.write(bytes)
      if (bytes.endsWith('{')) connection.end()
    }, false)
    expect(response.status).toBe(status)
  })

  test('silence where a retry names connection failures only', async () => {
    expect((await run(async () => {}, false)).status).toBe(504)
  })
})
