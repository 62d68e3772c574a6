// F13: an exchange obeys the table it began with to its end, whatever is published meanwhile: between its attempts, in
// the middle of its stream. The next exchange obeys the new one.
import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { renderChunk, renderJsonResponse, renderStreamHead } from '../support/http-bytes.ts'
import { createScriptedBackend } from '../support/scripted-backend.ts'
import { until } from '../support/until.ts'
import { type Blackhole, createBlackhole } from './blackhole.ts'
import { readLogLine, renderChat, renderModel, sendRaw, startFaultGateway } from './fault-gateway.ts'

function renderRoute(word: string, targets: readonly string[]): string {
  const backends = targets.map((name, at) => `{ modelRef: { name: ${name}, kind: AIModel }, priority: ${at} }`)
  return `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: both }
spec:
  path: /both
  modelName: both
  backends: [${backends.join(', ')}]
  retry: { attempts: 3, conditions: [connect-failure] }
  headers: { response: { set: [{ name: x-table, value: ${word} }] } }
`
}

async function startBlackhole(): Promise<Blackhole> {
  const blackhole = await createBlackhole()
  onTestFinished(() => blackhole.close())
  return blackhole
}

test('a change between two attempts does not reach the exchange', async () => {
  const blackhole = await startBlackhole()
  const replacement = await createScriptedBackend((_request, to) => to.write(renderJsonResponse(200, { table: 'new' })))
  onTestFinished(() => replacement.close())
  const gateway = await startFaultGateway({
    script: (_request, connection) => connection.write(renderJsonResponse(200, { table: 'old' })),
    manifests: (endpoint) => renderModel({ name: 'second', endpoint }),
  })
  const first = renderModel({ name: 'first', endpoint: blackhole.url, timeouts: { connect: '2s' } })
  await gateway.writeManifest('route.yaml', `${first}---\n${renderRoute('old', ['first', 'second'])}`)
  const generation = await gateway.readGeneration()

  const dialling = () => process.getActiveResourcesInfo().filter((name) => name === 'ConnectWrap').length
  const before = dialling()
  const id = randomUUID()
  const client = await sendRaw(gateway.port, renderChat('both', {}, { 'x-request-id': id }))
  await until(() => dialling() > before, 'the first attempt is under way')
  // Everything about the second attempt changes: its target, its place, the route's own words.
  const third = renderModel({ name: 'third', endpoint: replacement.url })
  await gateway.writeManifest('route.yaml', `${third}---\n${renderRoute('new', ['third'])}`)
  expect(await gateway.readGeneration()).toBeGreaterThan(generation)

  const response = await client.readResponse()
  expect([response.status, response.text]).toEqual([200, '{"table":"old"}'])
  expect(response.header('x-sluice-target')).toBe('default/second')
  expect([response.header('x-sluice-attempts'), response.header('x-table')]).toEqual(['2', 'old'])
  expect(await readLogLine(gateway, id)).toMatchObject({ generation, target: 'default/second', attempts: 2 })
  expect(replacement.requests).toHaveLength(0)

  const next = await (await sendRaw(gateway.port, renderChat('both'))).readResponse()
  expect([next.text, next.header('x-table'), next.header('x-sluice-attempts')]).toEqual(['{"table":"new"}', 'new', '1'])
})

test('a stream whose route and target are deleted runs to its end', async () => {
  const gateway = await startFaultGateway()
  await gateway.writeManifest('route.yaml', renderRoute('old', ['m1']))
  const id = randomUUID()
  const client = await sendRaw(gateway.port, renderChat('both', { stream: true }, { 'x-request-id': id }))
  const { connection } = await gateway.backend.nextRequest()
  await connection.write(renderStreamHead())
  await connection.write(renderChunk('data: {"n":1}\n\n'))
  await client.whenReceived('"n":1')
  const generation = await gateway.readGeneration()
  await gateway.writeManifest('route.yaml', '')
  const gone = await (await sendRaw(gateway.port, renderChat('both'))).readResponse()
  expect(gone.status).toBe(404)

  await connection.write(renderChunk('data: {"n":2}\n\ndata: [DONE]\n\n'))
  await connection.write('0\r\n\r\n')
  const response = await client.readResponse()
  expect([response.isComplete, response.text]).toEqual([true, 'data: {"n":1}\n\ndata: {"n":2}\n\ndata: [DONE]\n\n'])
  expect(response.header('x-table')).toBe('old')
  expect(await readLogLine(gateway, id)).toMatchObject({ generation, stream: 'complete', route: 'default/both' })
})
