// H1, H2: SIGTERM makes a real process not ready at once, and fails nobody: what runs ends by itself within the grace,
// what comes is answered and told to close; at the limit, or at a second signal, what is left is told so.
import { Agent, type IncomingMessage, request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { gatewayManifests, testKey } from '../support/gateway.ts'
import { createHttpBackend, type HttpBackend } from '../support/http-backend.ts'
import { renderEvent } from '../support/http-bytes.ts'
import { until, withDeadline } from '../support/until.ts'
import { type ServedProcess, serveProcess } from './served-process.ts'

type Stream = { text: string; end: 'open' | 'complete' | 'aborted' | string }

/** A backend whose streams go on until `finish` is called; anything else is answered at once, or never on `never`. */
async function startStreamingBackend(): Promise<Readonly<{ backend: HttpBackend; finish: () => void }>> {
  const enders = new Set<() => void>()
  const backend = await createHttpBackend((seen, response) => {
    if (seen.text.includes('"never"')) return
    if (!seen.text.includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}')
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(renderEvent({ n: 0 }))
    enders.add(() => response.end(renderEvent({ n: 'last' }) + renderEvent('[DONE]')))
  })
  onTestFinished(() => backend.close())
  return {
    backend,
    finish: () => {
      for (const end of enders) end()
    },
  }
}

async function start(flags: readonly string[]) {
  const { backend, finish } = await startStreamingBackend()
  const served = await serveProcess(gatewayManifests(backend.url), flags)
  onTestFinished(() => served.stop())
  return { served, finish, backend }
}

/** A client that keeps its connection, as the official one does. */
function open(served: ServedProcess, agent: Agent, fields: object): Promise<IncomingMessage> {
  const body = JSON.stringify({ model: 'm1', messages: [], ...fields })
  const headers = {
    authorization: `Bearer ${testKey}`,
    'content-type': 'application/json',
    'content-length': body.length,
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(`${served.url}/v1/chat/completions`, { method: 'POST', agent, headers })
    outgoing.on('error', reject)
    outgoing.on('response', resolve)
    outgoing.end(body)
  })
}

async function openStream(served: ServedProcess, agent: Agent): Promise<Stream> {
  const response = await open(served, agent, { stream: true })
  const stream: Stream = { text: '', end: 'open' }
  response.setEncoding('utf8')
  response.on('data', (text: string) => {
    stream.text += text
  })
  response.on('end', () => {
    stream.end = 'complete'
  })
  response.on('error', (error: NodeJS.ErrnoException) => {
    stream.end = error.code === 'ECONNRESET' && error.message === 'aborted' ? 'aborted' : String(error)
  })
  await until(() => stream.text !== '', 'the first event', 20_000)
  return stream
}

async function openStreams(served: ServedProcess, count: number): Promise<readonly Stream[]> {
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  return Promise.all(Array.from({ length: count }, () => openStream(served, agent)))
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of response) text += String(part)
  return text
}

const whole = renderEvent({ n: 0 }) + renderEvent({ n: 'last' }) + renderEvent('[DONE]')
const drainingEvent =
  /^data: \{"n":0\}\n\ndata: \{"error":\{.*"type":"server_error","param":null,"code":"draining"\}\}\n\n$/

test('500 streams and steady requests: not ready at once, none fails, and it ends when the last stream does', async () => {
  const { served, finish } = await start(['--drain-delay', '2s', '--drain-timeout', '30s'])
  const streams = await openStreams(served, 500)
  expect((await fetch(`${served.adminUrl}/readyz`)).status).toBe(200)

  // Steady requests, as through a load balancer that has noticed after a second.
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const failures: string[] = []
  const counts = { before: 0, after: 0 }
  let signalledAt = Number.POSITIVE_INFINITY
  const runLane = async () => {
    while (performance.now() < signalledAt + 1_000) {
      const isAfter = performance.now() > signalledAt + 250
      try {
        const response = await open(served, agent, {})
        const text = await readAll(response)
        if (response.statusCode !== 200 || text !== '{"choices":[]}') failures.push(`${response.statusCode} ${text}`)
        if (isAfter && response.headers.connection !== 'close') failures.push('not told to close')
      } catch (error) {
        failures.push(String(error))
      }
      counts[isAfter ? 'after' : 'before']++
    }
  }
  const lanes = Array.from({ length: 8 }, () => runLane())
  await until(() => counts.before > 50, 'requests are running')

  signalledAt = performance.now()
  served.process.kill('SIGTERM')
  await until(async () => (await fetch(`${served.adminUrl}/readyz`)).status === 503, 'not ready', 500)
  expect((await fetch(`${served.adminUrl}/healthz`)).status).toBe(200)
  await Promise.all(lanes)
  expect(failures).toEqual([])
  expect(counts.after).toBeGreaterThan(20)

  // The delay is over: no new connections, but the streams run on.
  const isRefused = () =>
    open(served, agent, {}).then(
      () => false,
      () => true,
    )
  await until(isRefused, 'new connections are refused')
  expect(streams.filter((stream) => stream.end !== 'open')).toEqual([])
  finish()
  await until(() => streams.every((stream) => stream.end !== 'open'), 'every stream ended')
  expect(streams.filter((stream) => stream.end !== 'complete' || stream.text !== whole)).toEqual([])
  // Their clients keep the connections, and it does not wait for them.
  expect(await withDeadline(served.exited, 'the process ended', 5_000)).toMatchObject({ code: 0, signal: null })
})

describe('what outlives the grace', () => {
  const graceMs = 1_000

  test('is told so, and the process ends in time', async () => {
    const { served, backend } = await start(['--drain-delay', '0s', '--drain-timeout', `${graceMs}ms`])
    served.process.kill('SIGHUP')
    const streams = await openStreams(served, 20)
    const agent = new Agent()
    const unary = open(served, agent, { user: 'never' })
    await until(() => backend.requests.some((seen) => seen.text.includes('never')), 'the request is under way')
    const startedAt = performance.now()
    served.process.kill('SIGTERM')
    const response = await unary
    const elapsedMs = performance.now() - startedAt
    expect(response.statusCode).toBe(503)
    expect([response.headers['retry-after'], response.headers.connection]).toEqual(['1', 'close'])
    expect(JSON.parse(await readAll(response))).toMatchObject({ error: { code: 'draining' } })
    expect(elapsedMs).toBeGreaterThan(graceMs * 0.9)
    const { code, atMs } = await withDeadline(served.exited, 'the process ended')
    expect(code).toBe(0)
    expect(atMs - startedAt).toBeLessThan(graceMs + 1_000)
    await until(() => streams.every((stream) => stream.end !== 'open'), 'every stream ended')
    expect(streams.map((stream) => stream.end)).toEqual(streams.map(() => 'aborted'))
    for (const stream of streams) expect(stream.text).toMatch(drainingEvent)
  })

  test('ends at once at a second SIGTERM', async () => {
    const { served } = await start(['--drain-delay', '10s', '--drain-timeout', '30s'])
    const streams = await openStreams(served, 20)
    served.process.kill('SIGTERM')
    await until(async () => (await fetch(`${served.adminUrl}/readyz`)).status === 503, 'not ready')
    const startedAt = performance.now()
    served.process.kill('SIGTERM')
    const { code, atMs } = await withDeadline(served.exited, 'the process ended')
    expect(code).toBe(0)
    expect(atMs - startedAt).toBeLessThan(1_000)
    await until(() => streams.every((stream) => stream.end !== 'open'), 'every stream ended')
    for (const stream of streams) expect(stream).toEqual({ end: 'aborted', text: expect.stringMatching(drainingEvent) })
  })
})

test('with nothing to do it ends at once', async () => {
  const { served } = await start(['--drain-delay', '0s', '--drain-timeout', '30s'])
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  await readAll(await open(served, agent, {}))
  const startedAt = performance.now()
  served.process.kill('SIGTERM')
  const { code, atMs } = await withDeadline(served.exited, 'the process ended')
  expect(code).toBe(0)
  expect(atMs - startedAt).toBeLessThan(1_000)
})
