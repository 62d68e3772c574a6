// A key is issued by creating its Secret and revoked by deleting it: in force within 100 ms of the write where the
// source is told of it, and what runs with a revoked key ends by itself.
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import {
  lastChunk,
  renderChunk,
  renderEvent,
  renderJsonResponse,
  renderRequest,
  renderStreamHead,
} from '../support/http-bytes.ts'
import { connectRaw, exchangeRaw } from '../support/raw-client.ts'
import { until } from '../support/until.ts'
import { createFaultGateway, type FaultGateway, readLogLine } from './fault-gateway.ts'

let gateway: FaultGateway
beforeAll(async () => {
  gateway = await createFaultGateway({
    manifests: () => `
apiVersion: ai.example.com/v1
kind: AIAuthPolicy
metadata: { name: selected }
spec:
  apiKeySelector: { matchLabels: { ai.example.com/api-key: 'true', tier: gold }, key: key }
`,
  })
})
afterAll(() => gateway.stop())

const answer = renderJsonResponse(200, { choices: [] })

const secret = (name: string, value: string, labels = "ai.example.com/api-key: 'true', tier: gold", consumer = '') => `
apiVersion: v1
kind: Secret
metadata:
  name: ${name}
  labels: { ${labels} }
  annotations: { ${consumer === '' ? '' : `ai.example.com/consumer: ${consumer}`} }
stringData: { key: '${value}' }
`

async function ask(key: string, requestId = 'r') {
  gateway.backend.setScript((_request, connection) => connection.write(answer))
  const body = '{"model":"m1","messages":[]}'
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-request-id': requestId }
  return (await exchangeRaw(gateway.port, renderRequest('POST', '/v1/chat/completions', headers, body))).status
}

const forms: readonly (readonly [string, (key: string) => string])[] = [
  ['stored as itself', (key) => key],
  ['stored as its digest', (key) => `sha256:${createHash('sha256').update(key).digest('hex')}`],
  [
    'stored as its digest in capitals',
    (key) => `sha256:${createHash('sha256').update(key).digest('hex').toUpperCase()}`,
  ],
]

test.each(forms)('a key %s is issued by a Secret with the labels, and revoked with it', async (form, store) => {
  const key = `sk-issued-${form.length}`
  expect(await ask(key)).toBe(401)
  await gateway.writeManifest('issued.yaml', secret('issued', store(key)))
  expect(await ask(key)).toBe(200)
  await rm(join(gateway.folder, 'issued.yaml'))
  await until(async () => (await ask(key)) === 401, 'refused')
})

test('the consumer is the annotation, else the Secret’s name', async () => {
  await gateway.writeManifest('named.yaml', secret('named', 'sk-named', undefined, 'team-search'))
  await gateway.writeManifest('bare.yaml', secret('bare', 'sk-bare'))
  for (const [key, consumer] of [
    ['sk-named', 'team-search'],
    ['sk-bare', 'bare'],
  ] as const) {
    expect(await ask(key, `consumer-${consumer}`)).toBe(200)
    expect(await readLogLine(gateway, `consumer-${consumer}`)).toMatchObject({ consumer })
  }
})

test.each([
  ['one of the labels', "ai.example.com/api-key: 'true'"],
  ['another value of one', "ai.example.com/api-key: 'true', tier: silver"],
  ['none of them', 'x: y'],
])('a Secret with %s is no key', async (_, labels) => {
  const name = `n${labels.length}`
  const marker = secret(`marker-${name}`, `sk-marker-${name}`)
  await gateway.writeManifest('unselected.yaml', `${secret('unselected', `sk-${name}`, labels)}---${marker}`)
  expect([await ask(`sk-marker-${name}`), await ask(`sk-${name}`)]).toEqual([200, 401])
})

test('a label taken off, or a value changed, revokes too', async () => {
  await gateway.writeManifest('label.yaml', secret('label', 'sk-label'))
  expect(await ask('sk-label')).toBe(200)
  await gateway.writeManifest('label.yaml', secret('label', 'sk-label', "ai.example.com/api-key: 'true'"))
  expect(await ask('sk-label')).toBe(401)
  await gateway.writeManifest('label.yaml', secret('label', 'sk-other'))
  expect([await ask('sk-label'), await ask('sk-other')]).toEqual([401, 200])
})

async function measure(act: (round: number) => Promise<void>, status: number): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 7; round++) {
    await gateway.writeManifest('timed.yaml', secret('timed', `sk-timed-${round}`))
    expect(await ask(`sk-timed-${round}`)).toBe(200)
    const startedAt = performance.now()
    await act(round)
    while ((await ask(`sk-timed-${round}`)) !== status) {
      if (performance.now() - startedAt > 5_000) throw new Error('not revoked within 5 s')
    }
    times.push(performance.now() - startedAt)
  }
  return times.toSorted((a, b) => a - b)[1] ?? Number.NaN
}

// The second best of seven: what a busy machine adds is not the configuration's.
test('a key that is replaced, or its file deleted, is refused within 100 ms', { retry: 3 }, async () => {
  const replaced = await measure(
    (round) => gateway.writeManifest('timed.yaml', secret('timed', `sk-next-${round}`)),
    401,
  )
  expect(replaced).toBeLessThan(100)
  const deleted = await measure(() => rm(join(gateway.folder, 'timed.yaml')), 401)
  expect(deleted).toBeLessThan(100)
})

test('a stream of a revoked key ends by itself, whole', async () => {
  await gateway.writeManifest('streaming.yaml', secret('streaming', 'sk-streaming'))
  gateway.backend.setScript(() => {})
  const client = await connectRaw(gateway.port)
  onTestFinished(() => void client.socket.destroy())
  const body = '{"model":"m1","stream":true,"messages":[]}'
  const headers = { authorization: 'Bearer sk-streaming', 'content-type': 'application/json' }
  await client.write(renderRequest('POST', '/v1/chat/completions', headers, body))
  const running = await until(
    () => gateway.backend.requests.find(({ text }) => text.includes('"stream":true')),
    'a stream',
  )
  await running.connection.write(renderStreamHead())
  await running.connection.write(renderChunk(renderEvent({ choices: [{ index: 0, delta: { content: 'a' } }] })))
  await client.whenReceived('"a"')

  await rm(join(gateway.folder, 'streaming.yaml'))
  await until(async () => (await ask('sk-streaming')) === 401, 'revoked')

  await running.connection.write(renderChunk(renderEvent({ choices: [{ index: 0, delta: { content: 'b' } }] })))
  await running.connection.write(renderChunk(renderEvent('[DONE]')))
  await running.connection.write(lastChunk)
  const response = await client.readResponse()
  expect([response.isComplete, response.text]).toEqual([true, expect.stringMatching(/"b".*\n\ndata: \[DONE\]\n\n$/s)])
})
