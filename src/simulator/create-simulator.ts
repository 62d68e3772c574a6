// A simulated OpenAI- and Anthropic-shaped model server on a socket. It owns the server, ids and faults; what an
// answer says is decided by the operations, and nothing of the gateway is used here.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isObject, type JsonObject } from './answer.ts'
import { drawFault, type Fault } from './draw-fault.ts'
import { answerTranscription } from './media.ts'
import { type JsonOperation, matchPath } from './operations.ts'
import { createRandom, hashText } from './random.ts'
import { type ErrorDialect, RequestError, renderRequestError } from './request-error.ts'
import { sendAnswer, sendWhole } from './send-answer.ts'
import type { SimulatorSettings } from './simulator-settings.ts'

export type Simulator = Readonly<{
  /** Listens; rejects with the system's error when the address can't be had. */
  start(): Promise<{ url: string; port: number }>
  /** Stops listening, lets running answers end for a second, then closes every connection. */
  stop(): Promise<void>
}>

const bodyLimitBytes = 64 * 1024 * 1024
const stopGraceMs = 1000

export function createSimulator(settings: SimulatorSettings): Simulator {
  const random = createRandom(settings.seed)
  const defaultModel = settings.models?.[0] ?? 'simulated'
  let requestCount = 0
  let isStopping = false

  const server = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0 }, (request, response) => {
    handle(request, response).catch(() => response.destroy())
    // Node leaves a connection that goes idle after close() open.
    response.once('close', () => isStopping && setImmediate(() => server.closeIdleConnections()))
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/'
    const queryAt = url.indexOf('?')
    const path = matchPath(queryAt < 0 ? url : url.slice(0, queryAt))
    const dialect: ErrorDialect = path.kind === 'json' ? path.operation.dialect : 'openai'
    const id = createId(settings.seed, ++requestCount)
    try {
      switch (path.kind) {
        case 'unknown':
          throw new RequestError(404, 'unknown_url', `Unknown request URL: ${request.method} ${url}.`)
        case 'health':
          return sendWhole(response, 200, 'text/plain', 'ok')
        case 'models':
          requireMethod(request, 'GET')
          return sendJson(response, { object: 'list', data: (settings.models ?? [defaultModel]).map(describeModel) })
        case 'model':
          requireMethod(request, 'GET')
          requireModel(path.id)
          return sendJson(response, describeModel(path.id))
        case 'transcription': {
          requireMethod(request, 'POST')
          const fault = drawFault(settings, random)
          const form = await readBody(request)
          if (fault.kind === 'fail') throw createFailure()
          return sendAnswer(response, answerTranscription(form), settings, fault)
        }
        case 'json': {
          requireMethod(request, 'POST')
          const fault = drawFault(settings, random)
          const body = parseBody(await readBody(request))
          return answerJson(response, path.operation, body, id, fault)
        }
      }
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      // What is left of an unread body makes the connection useless.
      if (!request.complete) response.setHeader('connection', 'close')
      if (error.status === 405) response.setHeader('allow', path.kind.startsWith('model') ? 'GET' : 'POST')
      sendWhole(response, error.status, 'application/json', renderRequestError(error, dialect, `req_${id}`))
    }
  }

  function answerJson(
    response: ServerResponse,
    operation: JsonOperation,
    body: JsonObject,
    id: string,
    fault: Fault,
  ): void {
    const model = body.model ?? defaultModel
    if (typeof model !== 'string') throw new RequestError(400, 'invalid_request', "'model' must be a text.", 'model')
    requireModel(model)
    if (fault.kind === 'fail') throw createFailure()
    const createdSeconds = Math.floor(Date.now() / 1000)
    const answer = operation.answer({ body, model, id, createdSeconds, answerTokens: settings.answerTokens })
    sendAnswer(response, answer, settings, fault)
  }

  function requireModel(model: string): void {
    if (settings.models !== null && !settings.models.includes(model)) {
      throw new RequestError(404, 'model_not_found', `The model '${model}' does not exist.`, 'model')
    }
  }

  function createFailure(): RequestError {
    return new RequestError(settings.failStatus, 'simulated_failure', 'This failure is simulated.')
  }

  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(settings.port, settings.host, () => {
          server.off('error', reject)
          const { port } = readAddress(server.address())
          const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
          resolve({ url: `http://${host}:${port}`, port })
        })
      }),
    stop: () =>
      new Promise((resolve) => {
        isStopping = true
        const timer = setTimeout(() => server.closeAllConnections(), stopGraceMs)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

/** Twelve characters, the same for the same seed and place in the order of requests. */
function createId(seed: number, count: number): string {
  return `${hashText(`${seed}/${count}`).toString(16).padStart(8, '0')}${(count & 0xffff).toString(16).padStart(4, '0')}`
}

function describeModel(id: string): unknown {
  return { id, object: 'model', created: 1_700_000_000, owned_by: 'simulator' }
}

function sendJson(response: ServerResponse, value: unknown): void {
  sendWhole(response, 200, 'application/json', JSON.stringify(value))
}

function requireMethod(request: IncomingMessage, method: string): void {
  if (request.method === method) return
  throw new RequestError(405, 'method_not_allowed', `Not allowed to ${request.method} on ${request.url}.`)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  if (Number(request.headers['content-length'] ?? 0) > bodyLimitBytes) throw createTooLarge()
  let size = 0
  // Leaving the loop must not destroy the socket: the refusal is still to be sent on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > bodyLimitBytes) throw createTooLarge()
    chunks.push(chunk)
  }
  const [first] = chunks
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
}

function createTooLarge(): RequestError {
  return new RequestError(413, 'body_too_large', 'The body is too large.')
}

function parseBody(bytes: Buffer): JsonObject {
  let body: unknown
  try {
    body = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new RequestError(400, 'invalid_json', 'We could not parse the JSON body of your request.')
  }
  if (!isObject(body)) throw new RequestError(400, 'invalid_json', 'The JSON body of your request must be an object.')
  return body
}

function readAddress(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server has no TCP address')
  return address
}
