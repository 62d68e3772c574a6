// The yardstick: the least a Node relay can do and still be right. It passes method, path, headers and bytes both
// ways with back pressure, and stops upstream when the client leaves. No routing, keys, limits, metrics or log.
import { createServer, type ServerResponse } from 'node:http'
import { Agent, type Dispatcher } from 'undici'
import { readUpstream, reportReady } from './ready.ts'

const { origin } = readUpstream()
const agent = new Agent({ connections: 4096, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
])

function copyHeaders(rawHeaders: readonly string[]): string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (!hopByHop.has(name.toLowerCase())) kept.push(name, rawHeaders[at + 1] ?? '')
  }
  return kept
}

class Relay implements Dispatcher.DispatchHandler {
  readonly response: ServerResponse
  controller: Dispatcher.DispatchController | null = null
  hasWritten = false

  constructor(response: ServerResponse) {
    this.response = response
    response.on('close', () => {
      if (!response.writableFinished) this.controller?.abort(new Error('the client left'))
    })
    response.on('drain', () => this.controller?.resume())
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.response.destroyed) controller.abort(new Error('the client left'))
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    const rawHeaders = controller.rawHeaders
    const lines = Array.isArray(rawHeaders) ? rawHeaders.map(String) : []
    this.response.writeHead(status, copyHeaders(lines))
    // Head and first bytes in one write where they came together; a head alone is not held back.
    process.nextTick(() => {
      if (!this.hasWritten) this.response.flushHeaders()
    })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.hasWritten = true
    if (!this.response.write(chunk)) controller.pause()
  }

  onResponseEnd(): void {
    this.hasWritten = true
    this.response.end()
  }

  onResponseError(): void {
    if (this.response.headersSent) this.response.destroy()
    else this.response.writeHead(502).end()
  }
}

const server = createServer((request, response) => {
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
  agent.dispatch(
    {
      origin,
      path: request.url ?? '/',
      method: request.method ?? 'GET',
      headers: copyHeaders(request.rawHeaders),
      body: hasBody ? request : null,
    },
    new Relay(response),
  )
})

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => reportReady(server.address()))
