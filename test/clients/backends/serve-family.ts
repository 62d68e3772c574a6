// A scripted backend on a real socket: reads what comes by its vendor's rules, plays the scenario that the model's name
// says, and writes streams in odd pieces.
import type { ServerResponse } from 'node:http'
import { createHttpBackend, type HttpBackend, type SeenRequest } from '../../support/http-backend.ts'
import { Unacceptable } from './read-strictly.ts'
import type { Reply, SaidError } from './said.ts'
import { playScenario, readScenario } from './scenarios.ts'
import type { BackendRequest, ScriptedFamily, Understood } from './scripted-family.ts'

export type FamilyBackend = Readonly<{
  http: HttpBackend
  /** What was refused, and why: for a test's message. */
  refusals: string[]
}>

/** `canary`: the caller's key, which must never arrive. */
export async function serveFamily(family: ScriptedFamily, canary: string): Promise<FamilyBackend> {
  const refusals: string[] = []
  const http = await createHttpBackend(async (seen, response) => {
    const refuse = (error: SaidError, param: string | null) => {
      refusals.push(error.message)
      sendError(response, family, error, param)
    }
    const leaked = findCanary(seen, canary)
    if (leaked !== null) return refuse({ status: 400, message: `the caller's key came with ${leaked}` }, null)
    let understood: Understood
    let reply: Reply
    try {
      const request = readRequest(seen)
      const problem = await family.checkCredential(request)
      if (problem !== null) return refuse({ status: 401, message: problem }, null)
      understood = family.read(request)
      reply = playScenario(readScenario(understood.model), understood.heard)
    } catch (error) {
      if (!(error instanceof Unacceptable)) throw error
      return refuse({ status: 400, message: error.message }, error.path === '' ? null : error.path)
    }
    await send(response, family, understood, reply)
  })
  return { http, refusals }
}

function readRequest(seen: SeenRequest): BackendRequest {
  const type = seen.headers['content-type'] ?? ''
  if (!/^application\/json(;|$)/.test(type)) throw new Unacceptable('', `content type ${type}`)
  if (seen.method !== 'POST') throw new Unacceptable('', `method ${seen.method}`)
  if (Number(seen.headers['content-length']) !== seen.body.length) throw new Unacceptable('', 'wrong length')
  let json: unknown
  try {
    json = seen.json()
  } catch {
    throw new Unacceptable('', 'not JSON')
  }
  return { url: seen.url, headers: seen.headers, body: seen.body, json }
}

function findCanary({ url, rawHeaders, text }: SeenRequest, canary: string): string | null {
  if (url.includes(canary)) return 'the URL'
  if (text.includes(canary)) return 'the body'
  return rawHeaders.some((part) => part.includes(canary)) ? 'a header' : null
}

async function send(
  response: ServerResponse,
  family: ScriptedFamily,
  { model, heard, wire }: Understood,
  reply: Reply,
): Promise<void> {
  if (reply.kind === 'reset') return void response.socket?.resetAndDestroy()
  if (reply.kind === 'error') return sendError(response, family, reply.error, null)
  if (reply.kind === 'stream-error') {
    response.writeHead(200, { 'content-type': wire.streamMediaType })
    response.end(wire.renderStreamError(reply.error))
    return
  }
  if (!heard.isStream) {
    const body = Buffer.from(JSON.stringify(wire.renderAnswer(reply.said, model, heard)))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    if (reply.kind === 'said') return void response.end(body)
    // Half of it, and gone.
    response.write(body.subarray(0, body.length / 2), () => response.socket?.resetAndDestroy())
    return
  }
  const frames = wire.renderStream(reply.said, model, heard).map((frame) => Buffer.from(frame))
  response.writeHead(200, { 'content-type': wire.streamMediaType, 'cache-control': 'no-cache' })
  if (reply.kind === 'said') {
    await writeInPieces(response, Buffer.concat(frames))
    response.end()
    return
  }
  // Past the middle, so that some of the answer has gone out.
  const first = Buffer.concat(frames.slice(0, Math.ceil(frames.length * 0.6)))
  await writeInPieces(response, first)
  if (reply.kind === 'late-error') return void response.end(wire.renderStreamError(reply.error))
  response.socket?.end()
}

/** Sizes that end within characters, lines, events and binary heads. */
const pieceSizes = [1, 2, 31, 7, 173, 64, 3, 411, 19]

async function writeInPieces(response: ServerResponse, bytes: Buffer): Promise<void> {
  response.socket?.setNoDelay(true)
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = pieceSizes[turn % pieceSizes.length] ?? 1
    response.write(bytes.subarray(at, at + size))
    at += size
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

function sendError(response: ServerResponse, family: ScriptedFamily, error: SaidError, param: string | null): void {
  const { status, body, headers = {} } = family.renderError(error, param)
  const bytes = Buffer.from(JSON.stringify(body))
  const wait = error.retryAfterSeconds
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    ...(wait === undefined ? {} : { 'retry-after': String(wait) }),
    ...headers,
  })
  response.end(bytes)
}
