// A plain HTTP backend for tests without faults: answers JSON, event streams or an echo, and records what it was sent.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Headers } from './http-bytes.ts'
import { renderEvent } from './http-bytes.ts'
import { until } from './until.ts'

export type SeenRequest = Readonly<{
  method: string
  url: string
  headers: IncomingHttpHeaders
  rawHeaders: readonly string[]
  body: Buffer
  text: string
  json(): unknown
}>

export type HttpBackendHandler = (request: SeenRequest, response: ServerResponse) => void | Promise<void>

export type HttpBackend = Readonly<{
  port: number
  host: string
  url: string
  requests: readonly SeenRequest[]
  countOpenSockets(): number
  setHandler(handler: HttpBackendHandler): void
  /** The next request nobody has taken yet. */
  nextRequest(deadlineMs?: number): Promise<SeenRequest>
  close(): Promise<void>
}>

/** Answers with a JSON value. */
export function json(status: number, value: unknown, headers: Headers = {}): HttpBackendHandler {
  return (_request, response) => {
    const body = JSON.stringify(value)
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...copyHeaders(headers),
    })
    response.end(body)
  }
}

/** Answers with data-only events of these values, each in a write of its own, and `[DONE]`. */
export function sse(values: readonly unknown[], headers: Headers = {}): HttpBackendHandler {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...copyHeaders(headers) })
    for (const value of values) response.write(renderEvent(value))
    response.end(renderEvent('[DONE]'))
  }
}

/** Answers 200 with what it was sent: `{method, url, headers, body}`. */
export function echo(): HttpBackendHandler {
  return (request, response) => {
    const { method, url, headers, text } = request
    return json(200, { method, url, headers, body: text })(request, response)
  }
}

/** Listens on 127.0.0.1, a free port. */
export async function createHttpBackend(handler: HttpBackendHandler = echo()): Promise<HttpBackend> {
  let current = handler
  let taken = 0
  let open = 0
  const requests: SeenRequest[] = []
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  server.on('connection', (socket) => {
    open++
    socket.on('close', () => open--)
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const seen: SeenRequest = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body,
      text: body.toString('utf8'),
      json: () => JSON.parse(body.toString('utf8')),
    }
    requests.push(seen)
    await current(seen, response)
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the backend has no TCP address')
  return {
    port: address.port,
    host: `127.0.0.1:${address.port}`,
    url: `http://127.0.0.1:${address.port}`,
    requests,
    countOpenSockets: () => open,
    setHandler: (next) => {
      current = next
    },
    nextRequest: async (deadlineMs) => {
      const index = taken++
      return until(() => requests[index], `request ${index + 1} reached the backend`, deadlineMs)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function copyHeaders(headers: Headers): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  )
}
