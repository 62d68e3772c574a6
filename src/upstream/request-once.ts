// One request on a connection of its own, for what is not a backend: keys and tokens. Over the same connector, guard and
// overrides as a backend; bounded in time and size. Redirects are not followed: an answer must not choose whom we ask.
import type { Dispatcher } from 'undici'
import type { Endpoint } from '../routing/table.ts'
import { Connection } from './connection.ts'
import { type ConnectorOptions, createConnector } from './connector.ts'

export type OnceRequest = Readonly<{
  url: URL
  method: 'GET' | 'POST'
  headers: Readonly<Record<string, string>>
  body: string | null
}>

export type OnceLimits = Readonly<{ timeoutMs: number; maxBytes: number }>

export type OnceAnswer = Readonly<{ status: number; mediaType: string; text: string }>

/** Why there is no answer: text for the log, without anything of the answer. */
export class OnceError extends Error {}

/** Rejects with OnceError; at once when `signal` is aborted. A status is not judged, but redirects are refused. */
export async function requestOnce(
  request: OnceRequest,
  dialling: ConnectorOptions,
  limits: OnceLimits,
  signal: AbortSignal,
): Promise<OnceAnswer> {
  const { url } = request
  const connection = new Connection(url.origin, createConnector(readEndpoint(url), 0, dialling))
  const { promise: given, reject } = Promise.withResolvers<never>()
  const giveUp = (reason: string) => {
    const error = new OnceError(reason)
    reject(error)
    connection.destroy(error)
  }
  const timer = setTimeout(() => giveUp(`no whole answer within ${limits.timeoutMs} ms`), limits.timeoutMs)
  const onAbort = () => giveUp('given up')
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([read(connection, request, limits), given])
  } catch (error) {
    throw error instanceof OnceError ? error : new OnceError(describeFailure(error))
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    connection.destroy()
  }
}

async function read({ client }: Connection, request: OnceRequest, { maxBytes }: OnceLimits): Promise<OnceAnswer> {
  const { url, method, body: sent } = request
  const { statusCode, headers, body } = await client.request({
    path: `${url.pathname}${url.search}`,
    method,
    headers: { host: url.host, 'accept-encoding': 'identity', 'user-agent': 'sluice', ...request.headers },
    body: sent,
  })
  // Whoever stops reading destroys the connection, which the body's stream calls an error.
  body.on('error', () => {})
  if (statusCode >= 300 && statusCode < 400) throw new OnceError(`a redirect (${statusCode}) is not followed`)
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') throw new OnceError('the answer is encoded')
  const mediaType = headers['content-type']
  return {
    status: statusCode,
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    text: await readBody(body, maxBytes),
  }
}

async function readBody(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) throw new OnceError('the answer is not bytes')
    bytes += chunk.length
    if (bytes > maxBytes) throw new OnceError(`the answer is longer than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes).toString('utf8')
}

function readEndpoint(url: URL): Endpoint {
  const isTls = url.protocol === 'https:'
  return {
    protocol: isTls ? 'https:' : 'http:',
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    basePath: '',
    authority: url.host,
    tls: isTls ? { caPem: null, serverName: null } : null,
  }
}

/** A code where there is one: messages may hold what the other side sent. */
function describeFailure(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'the fetch failed'
}
