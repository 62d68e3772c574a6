// GETs on the API server over one pool of kept-alive HTTP/1.1 connections. Knows bytes and status codes, not objects.
// The client library's own calls make an agent, and so a TLS connection, each: they are not used here.
import type { KubeConfig } from '@kubernetes/client-node'
import { buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici'
import { readApiCredentials, type TlsMaterial } from './api-credentials.ts'
import type { Clock } from './clock.ts'

export type ApiResponseHandler = Readonly<{
  /** `retryAfterMs` is the Retry-After header, or null. */
  onHead(status: number, retryAfterMs: number | null): void
  onChunk(chunk: Buffer): void
  /** Exactly once: null after a whole response, else why it is not whole. */
  onEnd(error: Error | null): void
}>

export interface ApiClient {
  /** `https://host:port`, for messages. */
  readonly origin: string
  /** Begins a GET. The returned function aborts it: `onEnd` is called at once with the reason, and nothing after it. */
  get(path: string, handler: ApiResponseHandler): (reason: Error) => void
  /** Cuts all connections. */
  close(): Promise<void>
}

const connectTimeoutMs = 10_000
/** TCP keepalive: a peer that is gone is noticed even where no bookmark is due. */
const keepAlive = { keepAlive: true, keepAliveInitialDelay: 15_000 } as const
/** A 401 makes credentials be read anew from their files and plugins, but not more often than this. */
const reloadIntervalMs = 10_000

/** `load` reads the cluster configuration; it is called again after a 401, when credentials may have been replaced. */
export function createApiClient(load: () => KubeConfig, clock: Clock): ApiClient {
  let kubeConfig = load()
  let loadedAtMs = clock.readNowMs()
  const cluster = kubeConfig.getCurrentCluster()
  const server = new URL(cluster?.server ?? '')
  const basePath = server.pathname.replace(/\/+$/, '')
  let reading: ReturnType<ReadCredentials> | null = null
  /** Six kinds begin at once: they need one run of an exec plugin, not six. */
  const read: ReadCredentials = () => {
    reading ??= readApiCredentials(kubeConfig).finally(() => {
      reading = null
    })
    return reading
  }
  let dispatcher: Dispatcher | null = null

  function reload(): void {
    if (clock.readNowMs() - loadedAtMs < reloadIntervalMs) return
    loadedAtMs = clock.readNowMs()
    try {
      kubeConfig = load()
    } catch {
      // The file is being rewritten, or gone: what we have is as good as anything.
    }
  }

  return {
    origin: server.origin,
    get(path, handler) {
      const response = new PendingResponse(handler, reload)
      const dispatch = async () => {
        const { headers, tls } = await read()
        if (response.isOver) return
        dispatcher ??= createDispatcher(server, cluster?.proxyUrl, tls, read)
        const target = { origin: server.origin, path: `${basePath}${path}`, method: 'GET', ...timersOff }
        const own = { accept: 'application/json', 'user-agent': 'sluice' }
        dispatcher.dispatch({ ...target, headers: { ...headers, ...own } }, response)
      }
      dispatch().catch((error: unknown) => response.end(toError(error)))
      return (reason) => response.abort(reason)
    },
    close: async () => dispatcher?.destroy(),
  }
}

/** Silence is judged by the reflector, which knows when bookmarks are due, not by the connection. */
const timersOff = { headersTimeout: 0, bodyTimeout: 0 } as const

type ReadCredentials = () => ReturnType<typeof readApiCredentials>

function createDispatcher(
  server: URL,
  proxyUrl: string | undefined,
  tls: TlsMaterial,
  read: ReadCredentials,
): Dispatcher {
  if (!proxyUrl) return new Pool(server.origin, { connect: createConnector(read), allowH2: false, ...timersOff })
  // Through a proxy the TLS material stays that of the first connection.
  return new ProxyAgent({ uri: proxyUrl, allowH2: false, requestTls: { ...tls, ...keepAlive }, ...timersOff })
}

/** Reads the TLS material for each new connection, so that rotated client certificates and CAs are picked up. */
function createConnector(read: ReadCredentials): buildConnector.connector {
  let current: { identity: string; connect: buildConnector.connector } | null = null
  return (options, callback) => {
    const dial = async () => {
      const { tls } = await read()
      const identity = renderIdentity(tls)
      // One connector for the same material: it remembers TLS sessions.
      if (current === null || current.identity !== identity) {
        const settings = { ...tls, ...keepAlive, allowH2: false, timeout: connectTimeoutMs }
        current = { identity, connect: buildConnector(settings) }
      }
      // Throws on material that is no certificate.
      current.connect(options, callback)
    }
    dial().catch((error: unknown) => callback(toError(error), null))
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('credentials could not be read')
}

function renderIdentity(tls: TlsMaterial): string {
  return [tls.ca, tls.cert, tls.key, tls.rejectUnauthorized, tls.servername].map(String).join('\0')
}

/** One response: turns undici's callbacks into the handler's, and sees to it that they end once. */
class PendingResponse implements Dispatcher.DispatchHandler {
  readonly #handler: ApiResponseHandler
  readonly #onUnauthorized: () => void
  #controller: Dispatcher.DispatchController | null = null
  #aborted: Error | null = null
  isOver = false

  constructor(handler: ApiResponseHandler, onUnauthorized: () => void) {
    this.#handler = handler
    this.#onUnauthorized = onUnauthorized
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted !== null) controller.abort(this.#aborted)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    if (this.isOver || status < 200) return
    if (status === 401) this.#onUnauthorized()
    this.#handler.onHead(status, parseRetryAfter(headers['retry-after']))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.isOver) this.#handler.onChunk(chunk)
  }

  onResponseEnd(): void {
    this.end(null)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end(error)
  }

  abort(reason: Error): void {
    this.#aborted = reason
    this.end(reason)
    this.#controller?.abort(reason)
  }

  end(error: Error | null): void {
    if (this.isOver) return
    this.isOver = true
    this.#handler.onEnd(error)
  }
}

/** Seconds only: the API server sends no dates. */
function parseRetryAfter(value: unknown): number | null {
  return typeof value === 'string' && /^\d{1,6}$/.test(value) && value !== '0' ? Number(value) * 1000 : null
}
