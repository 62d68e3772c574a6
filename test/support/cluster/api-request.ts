// One request to an API server over Node's own https: for what the tests need faster than kubectl.
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'

export type ApiResponse = Readonly<{ status: number; body: unknown; text: string }>

export type ApiRequestOptions = Readonly<{
  /** Sent as JSON. */
  body?: unknown
  /** Of the body; a PATCH needs `application/merge-patch+json` or another patch type. */
  contentType?: string
  timeoutMs?: number
}>

export type ApiCaller = {
  (method: string, path: string, options?: ApiRequestOptions): Promise<ApiResponse>
  /** Closes the kept-alive connections. */
  close(): void
}

/** A caller with kept-alive connections; it reads the CA file at the first call. Any status is an answer, not an error. */
export function createApiCaller(serverUrl: string, caPath: string, token: string): ApiCaller {
  let agent: Agent | null = null
  const call = async (method: string, path: string, options: ApiRequestOptions = {}): Promise<ApiResponse> => {
    agent ??= new Agent({ keepAlive: true, ca: readFileSync(caPath) })
    const payload = options.body === undefined ? null : Buffer.from(JSON.stringify(options.body))
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      // Always stated: Node leaves it out of a DELETE with a body.
      'content-length': payload === null ? 0 : payload.length,
      ...(payload === null ? {} : { 'content-type': options.contentType ?? 'application/json' }),
    }
    const { promise, resolve, reject } = Promise.withResolvers<ApiResponse>()
    const outgoing = request(new URL(path, serverUrl), { method, headers, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, body: parseJson(text), text })
      })
    })
    outgoing.setTimeout(options.timeoutMs ?? 30_000, () => outgoing.destroy(new Error(`${method} ${path}: no answer`)))
    outgoing.on('error', (error) => {
      // A server that is starting may not have written its certificate whole yet: read it again next time.
      agent = null
      reject(error)
    })
    outgoing.end(payload ?? undefined)
    return promise
  }
  return Object.assign(call, { close: () => agent?.destroy() })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
