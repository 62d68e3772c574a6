// One fetch of an issuer's keys: over the same connector, guard and overrides as a backend, on a connection of its own,
// bounded in time and size. Redirects are not followed: they would let an answer choose where keys come from.
import type { Dispatcher } from 'undici'
import type { Endpoint } from '../routing/table.ts'
import { Connection } from './connection.ts'
import { type ConnectorOptions, createConnector } from './connector.ts'

export type JwksFetchLimits = Readonly<{ timeoutMs: number; maxBytes: number }>

/** Why there are no keys: text for the log, without anything of the answer. */
export class JwksFetchError extends Error {}

/** The text of the answer. Rejects with JwksFetchError; at once when `signal` is aborted. */
export async function fetchJwks(
  uri: string,
  dialling: ConnectorOptions,
  limits: JwksFetchLimits,
  signal: AbortSignal,
): Promise<string> {
  const url = new URL(uri)
  const connection = new Connection(url.origin, createConnector(readEndpoint(url), 0, dialling))
  const { promise: given, reject } = Promise.withResolvers<never>()
  const giveUp = (reason: string) => {
    const error = new JwksFetchError(reason)
    reject(error)
    connection.destroy(error)
  }
  const timer = setTimeout(() => giveUp(`no whole answer within ${limits.timeoutMs} ms`), limits.timeoutMs)
  const onAbort = () => giveUp('given up')
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([read(connection, url, limits), given])
  } catch (error) {
    throw error instanceof JwksFetchError ? error : new JwksFetchError(describeFailure(error))
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    connection.destroy()
  }
}

async function read({ client }: Connection, url: URL, { maxBytes }: JwksFetchLimits): Promise<string> {
  const { statusCode, headers, body } = await client.request({
    path: `${url.pathname}${url.search}`,
    method: 'GET',
    headers: {
      host: url.host,
      accept: 'application/jwk-set+json, application/json',
      'accept-encoding': 'identity',
      'user-agent': 'sluice',
    },
  })
  // Whoever stops reading destroys the connection, which the body's stream calls an error.
  body.on('error', () => {})
  if (statusCode >= 300 && statusCode < 400) throw new JwksFetchError(`a redirect (${statusCode}) is not followed`)
  if (statusCode !== 200) throw new JwksFetchError(`status ${statusCode}`)
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') throw new JwksFetchError('the answer is encoded')
  return readBody(body, maxBytes)
}

async function readBody(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) throw new JwksFetchError('the answer is not bytes')
    bytes += chunk.length
    if (bytes > maxBytes) throw new JwksFetchError(`the answer is longer than ${maxBytes} bytes`)
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
