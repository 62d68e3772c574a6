// The request in one straight line: guard, match, authenticate, admit, read, route, forward. Each step ends the
// exchange by throwing a GatewayError; what was answered is settled once, when the response closes.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { assertNever } from '../assert-never.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { Exchange } from '../upstream/exchange.ts'
import { sendError } from '../upstream/send-error.ts'
import { type RequestHead, readRequestHead, servedMethods } from '../wire/request-head.ts'
import { hasEncodedSlash } from '../wire/request-target.ts'
import type { DataPlane } from './data-plane.ts'
import { isEnding, markEnding } from './ending-connections.ts'
import { MethodNotAllowed } from './method-not-allowed.ts'
import { serveModels } from './serve-models.ts'
import { serveOperation } from './serve-operation.ts'
import { serveRoute } from './serve-route.ts'
import { settle } from './settle.ts'

/** Takes over a request and its response; never throws. */
export function handleRequest(plane: DataPlane, request: IncomingMessage, response: ServerResponse): void {
  // Never answered: the connection ends with the answer to the request before it.
  if (isEnding(request.socket)) return
  const exchange = new Exchange(request, response, plane.snapshot.current, plane.lifecycle)
  plane.exchanges.add(exchange)
  // Not Fastify's onResponse, which does not run when a client leaves in the middle of a stream.
  response.on('close', () => contain(plane, exchange, () => settle(plane, exchange)))
  response.on('error', () => {})
  // The attempt's timers watch whoever is late until the answer has ended: from then on only its reader can be.
  response.on('timeout', () => {
    if (response.writableEnded) request.socket.destroy()
  })
  run(plane, exchange).catch((cause: unknown) => {
    const error = cause instanceof GatewayError ? cause : new GatewayError('internal_error', 'unexpected', { cause })
    // The guard refuses before there is an id, and a method without knowing the path.
    if (exchange.id === '') exchange.id = randomUUID()
    const allow = error.code === 'method_not_allowed' ? servedMethods : null
    contain(plane, exchange, () => sendError(exchange, error, cause instanceof MethodNotAllowed ? cause.allow : allow))
  })
}

/** What may only throw for a bug of ours ends this exchange, not the process and everybody else's streams. */
function contain(plane: DataPlane, exchange: Exchange, step: () => void): void {
  try {
    step()
  } catch (error) {
    exchange.response.destroy()
    plane.reportBug(error)
  }
}

async function run(plane: DataPlane, exchange: Exchange): Promise<void> {
  const head = guard(exchange.request)
  exchange.head = head
  exchange.id = head.requestId ?? randomUUID()
  exchange.mustClose = head.mustClose
  const client = plane.readClientAddress(exchange.clientAddress, head)
  exchange.clientAddress = client.address
  exchange.forwardedFor = client.forwardedFor
  exchange.forwardedProto = client.proto
  exchange.forwardedHost = client.host

  // Where the path does not say: only Anthropic's clients send it.
  if (head.names.includes('anthropic-version')) exchange.dialect = 'anthropic'

  const match = exchange.bound.find(head.hostname, head.path)
  if (match === null) throw new GatewayError('route_not_found')
  const destination = match.value
  switch (destination.kind) {
    case 'operation':
      return serveOperation(plane, exchange, head, destination.operation)
    case 'models':
      return serveModels(exchange, head, head.path.slice(match.length))
    case 'route':
      if (hasEncodedSlash(head.path)) throw new GatewayError('invalid_request', 'encoded slash in a forwarded path')
      return serveRoute(plane, exchange, head, destination.route, head.path.slice(match.length))
    default:
      return assertNever(destination)
  }
}

/** Before the first await, so that a request pipelined behind a refused one finds its connection marked. */
function guard(request: IncomingMessage): RequestHead {
  try {
    const head = readRequestHead(request)
    if (head.mustClose) markEnding(request.socket)
    return head
  } catch (error) {
    markEnding(request.socket)
    throw error
  }
}
