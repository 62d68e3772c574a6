// A server in the API server's place, for faults that a real one can't be asked for. The test answers each request
// by hand, in the order they come. Also counts connections.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'

const deadlineMs = 5_000

export type ScriptedObject = Readonly<{ metadata: Readonly<Record<string, unknown>>; [field: string]: unknown }>

/** One request that waits for its answer. */
export class ScriptedRequest {
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly #response: ServerResponse

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.url = new URL(request.url ?? '', 'http://server')
    this.headers = request.headers
    this.#response = response
  }

  get isWatch(): boolean {
    return this.url.searchParams.get('watch') === 'true'
  }

  /** The resourceVersion a watch resumes from. */
  get resourceVersion(): string | null {
    return this.url.searchParams.get('resourceVersion')
  }

  sendList(resourceVersion: string, items: readonly ScriptedObject[], continueToken = ''): void {
    const metadata = continueToken === '' ? { resourceVersion } : { resourceVersion, continue: continueToken }
    this.sendJson(200, { kind: 'List', apiVersion: 'v1', metadata, items })
  }

  sendStatus(code: number, status: object = {}, headers: Record<string, string> = {}): void {
    this.sendJson(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, ...status }, headers)
  }

  sendJson(code: number, body: unknown, headers: Record<string, string> = {}): void {
    this.#response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }

  openWatch(): this {
    this.#response.writeHead(200, { 'content-type': 'application/json' })
    this.#response.flushHeaders()
    return this
  }

  sendEvent(type: string, object: object): void {
    this.sendBytes(renderEvent(type, object))
  }

  sendBytes(bytes: string | Buffer): void {
    this.#response.write(bytes)
  }

  /** A clean end, as after timeoutSeconds. */
  end(): void {
    this.#response.end()
  }

  /** The connection breaks off. */
  destroy(): void {
    this.#response.destroy()
  }

  /** Resolves when the client has given the request up. */
  async waitForClose(): Promise<void> {
    if (!this.#response.destroyed) await once(this.#response, 'close', { signal: AbortSignal.timeout(deadlineMs) })
  }
}

export class ScriptedApiServer {
  #server = createServer((request, response) => this.#receive(new ScriptedRequest(request, response)))
  #sockets = new Set<Socket>()
  #waiting: ScriptedRequest[] = []
  #wanted: ((request: ScriptedRequest) => void) | null = null
  #port = 0
  /** Answers by itself when set; returns false for what the test wants to answer. */
  autoAnswer: (request: ScriptedRequest) => boolean = () => false
  connectionCount = 0
  requestCount = 0

  async listen(): Promise<this> {
    this.#server.on('connection', (socket) => {
      this.connectionCount += 1
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (isAddress(address)) this.#port = address.port
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  /** Goes down: refuses connections and cuts those it has. `listen` brings it back on the same port. */
  async goDown(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
    this.#server = createServer((request, response) => this.#receive(new ScriptedRequest(request, response)))
  }

  /** The next unanswered request, within 5 s. */
  next(): Promise<ScriptedRequest> {
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) return Promise.resolve(waiting)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no request within ${deadlineMs} ms`)), deadlineMs)
      this.#wanted = (request) => {
        clearTimeout(timer)
        this.#wanted = null
        resolve(request)
      }
    })
  }

  async nextList(): Promise<ScriptedRequest> {
    const request = await this.next()
    if (request.isWatch) throw new Error(`a list was due, not ${request.url}`)
    return request
  }

  async nextWatch(): Promise<ScriptedRequest> {
    const request = await this.next()
    if (!request.isWatch) throw new Error(`a watch was due, not ${request.url}`)
    return request
  }

  loadKubeConfig(): KubeConfig {
    const kubeConfig = new KubeConfig()
    kubeConfig.loadFromClusterAndUser({ name: 'scripted', server: this.url, skipTLSVerify: false }, { name: 'nobody' })
    return kubeConfig
  }

  #receive(request: ScriptedRequest): void {
    this.requestCount += 1
    if (this.autoAnswer(request)) return
    if (this.#wanted !== null) this.#wanted(request)
    else this.#waiting.push(request)
  }
}

export function renderEvent(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`
}

function isAddress(address: unknown): address is AddressInfo {
  return typeof address === 'object' && address !== null
}
