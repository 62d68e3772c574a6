// A raw-socket HTTP/1.1 backend for fault tests: it records what it is sent to the byte, and answers with whatever
// bytes, pauses and endings the test's script says. It parses strictly, so that a smuggled request shows.
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type HttpMessage, HttpMessageReader, readBody, readHeader } from './http-message-reader.ts'
import { RawSocket } from './raw-socket.ts'
import { until } from './until.ts'

export class RecordedRequest {
  readonly message: HttpMessage
  readonly connection: BackendConnection

  constructor(message: HttpMessage, connection: BackendConnection) {
    this.message = message
    this.connection = connection
  }

  get method(): string {
    return this.message.startLine.split(' ')[0] ?? ''
  }

  /** The request target as it was sent. */
  get target(): string {
    return this.message.startLine.split(' ')[1] ?? ''
  }

  get host(): string | null {
    return this.header('host')
  }

  header(name: string): string | null {
    return readHeader(this.message, name)
  }

  /** What has come of the body; whole once `message.isComplete`. */
  get body(): Buffer {
    return readBody(this.message)
  }

  get text(): string {
    return this.body.toString('utf8')
  }

  json(): unknown {
    return JSON.parse(this.text)
  }
}

/** The backend's end of one connection. */
export class BackendConnection extends RawSocket {
  /** From 0, in the order of accepting. */
  readonly index: number
  readonly requests: RecordedRequest[] = []

  constructor(socket: Socket, index: number) {
    super(socket)
    this.index = index
  }
}

/** Answers one request. The next one of the connection waits until the returned promise resolves. */
export type BackendScript = (request: RecordedRequest, connection: BackendConnection) => void | Promise<void>

export type ScriptedBackendOptions = Readonly<{
  /** When the script runs: with the `whole` request (default), or as soon as its `head` is there. */
  runAt?: 'whole' | 'head'
  /** True: a client's FIN does not end our side. False (default): it does, so that a client that left is seen to be gone. */
  isHalfOpen?: boolean
}>

export type ScriptedBackend = Readonly<{
  port: number
  /** `127.0.0.1:port`. */
  host: string
  /** `http://127.0.0.1:port`. */
  url: string
  /** In the order their heads came. */
  requests: readonly RecordedRequest[]
  connections: readonly BackendConnection[]
  /** What came and was no valid HTTP request: why, and on which connection. */
  malformed: readonly Readonly<{ reason: string; connection: BackendConnection }>[]
  /** Errors thrown by scripts. */
  scriptErrors: readonly unknown[]
  readBytesReceived(): number
  countOpenSockets(): number
  /** Replaces the script from the next request on. */
  setScript(script: BackendScript): void
  /** The next request nobody has taken yet, once it has come as far as `runAt` says. */
  nextRequest(deadlineMs?: number): Promise<RecordedRequest>
  /** The next connection nobody has taken yet. */
  nextConnection(deadlineMs?: number): Promise<BackendConnection>
  /** Resolves when no connection is open. */
  connectionsClosed(deadlineMs?: number): Promise<void>
  /** Cuts everything. */
  close(): Promise<void>
}>

/** Listens on 127.0.0.1, a free port. Without a script every request is only recorded and never answered. */
export async function createScriptedBackend(
  script: BackendScript = () => {},
  options: ScriptedBackendOptions = {},
): Promise<ScriptedBackend> {
  let current = script
  const requests: RecordedRequest[] = []
  const connections: BackendConnection[] = []
  const malformed: { reason: string; connection: BackendConnection }[] = []
  const scriptErrors: unknown[] = []
  let takenRequests = 0
  let takenConnections = 0
  let bytesReceived = 0
  const open = new Set<BackendConnection>()

  const server = createServer({ allowHalfOpen: options.isHalfOpen === true, noDelay: true }, (socket) => {
    const connection = new BackendConnection(socket, connections.length)
    connections.push(connection)
    open.add(connection)
    socket.on('close', () => open.delete(connection))
    let reader = new HttpMessageReader({ kind: 'request' })
    let recorded: RecordedRequest | null = null
    let turn: Promise<void> = Promise.resolve()
    const run = (request: RecordedRequest) => {
      turn = turn.then(() => current(request, connection)).catch((error) => void scriptErrors.push(error))
    }
    const take = (bytes: Buffer) => {
      let rest = bytes
      while (rest.length > 0) {
        rest = reader.push(rest)
        if (reader.message !== null && recorded === null) {
          recorded = new RecordedRequest(reader.message, connection)
          requests.push(recorded)
          connection.requests.push(recorded)
          if (options.runAt === 'head') run(recorded)
        }
        if (!reader.isComplete) return
        if (recorded !== null && options.runAt !== 'head') run(recorded)
        reader = new HttpMessageReader({ kind: 'request' })
        recorded = null
      }
    }
    socket.on('data', (bytes: Buffer) => {
      bytesReceived += bytes.length
      try {
        take(bytes)
      } catch (error) {
        malformed.push({ reason: error instanceof Error ? error.message : String(error), connection })
        socket.destroy()
      }
    })
  })

  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(readPort(server.address())))
  })

  return {
    port,
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    requests,
    connections,
    malformed,
    scriptErrors,
    readBytesReceived: () => bytesReceived,
    countOpenSockets: () => open.size,
    setScript: (next) => {
      current = next
    },
    nextRequest: async (deadlineMs) => {
      const index = takenRequests++
      const isThere = (request: RecordedRequest | undefined) =>
        request !== undefined && (options.runAt === 'head' || request.message.isComplete)
      return until(
        () => isThere(requests[index]) && requests[index],
        `request ${index + 1} reached the backend`,
        deadlineMs,
      )
    },
    nextConnection: async (deadlineMs) => {
      const index = takenConnections++
      return until(() => connections[index], `connection ${index + 1} reached the backend`, deadlineMs)
    },
    connectionsClosed: async (deadlineMs) => {
      await until(() => open.size === 0, 'every backend connection closed', deadlineMs)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const connection of open) connection.socket.destroy()
      }),
  }
}

function readPort(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the backend has no TCP address')
  return address.port
}
