// The HTTP/1.1 server under Fastify: limits of the parser, and an answer for everything that never becomes a request.

import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ErrorCode } from '../errors/error-table.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { renderOpenAiError } from '../errors/render-openai.ts'
import type { HttpLimits } from '../settings.ts'
import { servedMethods } from '../wire/request-head.ts'

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void

/** How long a refused connection may take to read its answer before it goes. Milliseconds. */
const lastWordsMs = 2_000

export function createHttpServer(listener: RequestListener, limits: HttpLimits): Server {
  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    // A long upload is no attack, a slow one is: end-slow-bodies.ts tells them apart.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: limits.checkingIntervalMs,
    insecureHTTPParser: false,
    // An absent Host is the guard's to refuse, in our envelope.
    requireHostHeader: false,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    // Upgrades are not followed: the request is answered as a plain one (RFC 9110 section 7.8).
    shouldUpgradeCallback: () => false,
  })
  // Of a connection on which nothing moves; handle-request.ts decides whether it is the client that waits.
  server.timeout = limits.stalledReadTimeoutMs
  // Node drops headers over this count in silence; the guard counts them and refuses (A17).
  server.maxHeadersCount = 0
  server.on('request', listener)
  // The body is asked for when it is wanted: a wrong key is answered without a 100 (A22).
  server.on('checkContinue', listener)
  server.on('checkExpectation', listener)
  server.on('connect', (_request, socket) => refuse(socket, 'method_not_allowed', 'CONNECT is not supported.'))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    switch (error.code) {
      case 'HPE_HEADER_OVERFLOW':
        return refuse(socket, 'headers_too_large')
      case 'HPE_INVALID_VERSION':
        // Of the right form, and not one we speak (RFC 9110 section 15.6.6); anything else in its place is just broken.
        return isVersionOfRightForm(error) ? refuse(socket, 'version_not_supported') : refuse(socket, 'invalid_request')
      case 'ERR_HTTP_REQUEST_TIMEOUT':
        return refuse(socket, 'request_timeout')
      default:
        return refuse(socket, 'invalid_request', 'The request is not valid HTTP/1.1.')
    }
  })
  return server
}

/** The parser's error carries the packet it stopped in. */
function isVersionOfRightForm(error: Error & { rawPacket?: unknown }): boolean {
  return Buffer.isBuffer(error.rawPacket) && /^\S+ \S+ HTTP\/\d\.\d\r\n/.test(error.rawPacket.toString('latin1'))
}

/**
 * Answers once and closes, so that the client can still read it. Where whole requests came before on the connection,
 * theirs are answered first: a pipelined answer out of turn would be taken for theirs (A20).
 */
function refuse(socket: Duplex, code: ErrorCode, publicText?: string): void {
  if (!socket.writable) return
  const current = readCurrentResponse(socket)
  if (current?.req.complete === true) {
    // The parser may say so again with every packet.
    if (waiting.has(socket)) return
    waiting.add(socket)
    current.once('close', () => {
      waiting.delete(socket)
      refuse(socket, code, publicText)
    })
    return
  }
  // An answer to the broken request itself is on its way: ours would be read as part of it.
  if (current?.headersSent === true) {
    socket.destroy()
    return
  }
  const error = new GatewayError(code, undefined, publicText === undefined ? {} : { publicText })
  const body = renderOpenAiError(error)
  const { status } = error.entry
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${status === 405 ? `allow: ${servedMethods}\r\n` : ''}` +
      `content-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `date: ${new Date().toUTCString()}\r\nx-request-id: ${randomUUID()}\r\nconnection: close\r\n\r\n${body}`,
  )
  const timer = setTimeout(() => socket.destroy(), lastWordsMs)
  socket.once('close', () => clearTimeout(timer))
}

/** Sockets whose refusal waits for the answer to a request before it. */
const waiting = new WeakSet<Duplex>()

/** Node keeps the response being written on the socket (`_httpMessage`); there is no public way to ask. */
function readCurrentResponse(socket: Duplex): ServerResponse | null {
  return '_httpMessage' in socket && socket._httpMessage instanceof ServerResponse ? socket._httpMessage : null
}
