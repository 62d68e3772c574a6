// The data port as a Fastify instance. Every request is taken over at once: Fastify parses no body, serializes no
// answer and runs no reply hook on the byte path.
import type { Server } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { HttpLimits } from '../settings.ts'
import type { DataPlane } from './data-plane.ts'
import { endSlowBodies } from './end-slow-bodies.ts'
import { handleRequest } from './handle-request.ts'
import { createHttpServer } from './http-server.ts'

export type DataApp = Readonly<{ fastify: FastifyInstance; server: Server }>

export function createDataApp(plane: DataPlane, limits: HttpLimits): DataApp {
  const fastify = Fastify({
    logger: false,
    genReqId: () => '',
    serverFactory: (listener) => createHttpServer(listener, limits),
    // http-server.ts answers those, in turn; Fastify's own would answer at once, in another shape.
    clientErrorHandler: () => {},
    // Requests that come while closing are still answered: connections end by `connection: close` (H1).
    return503OnClosing: false,
    forceCloseConnections: false,
    routerOptions: { maxParamLength: 65_536 },
    // A target the router can't read goes the same way as any other: the guard has the last word.
    frameworkErrors: (_error, request, reply) => takeOver(request, reply),
  })
  const takeOver = (request: FastifyRequest, reply: FastifyReply) => {
    reply.hijack()
    handleRequest(plane, request.raw, reply.raw)
  }
  // In onRequest, before any parser: the handlers below never run.
  fastify.addHook('onRequest', (request, reply) => takeOver(request, reply))
  fastify.all('/*', () => {})
  fastify.setNotFoundHandler(() => {})
  const timer = setInterval(() => endSlowBodies(plane, limits), limits.checkingIntervalMs)
  timer.unref()
  fastify.server.once('close', () => clearInterval(timer))
  return { fastify, server: fastify.server }
}
