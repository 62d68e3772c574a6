// The admin port: health, readiness, metrics, the served table (no secret in it by construction), explain. Whatever is
// not said to be open to everybody answers to this machine alone (C13).
import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Metrics } from '../telemetry/metrics.ts'
import type { BoundTable } from '../upstream/bound-route.ts'
import { type ExplainQuery, explainRequest } from './explain.ts'
import { isLocalRequest } from './is-local-request.ts'
import { openApiDocument } from './openapi.ts'

export type AdminState = Readonly<{
  metrics: Metrics
  /** Brings gauges that are read, not counted, up to date. */
  refreshGauges: () => void
  /** Null until the first table. */
  readBound: () => BoundTable | null
  readReadiness: () => Readonly<{ isReady: boolean; reason: string }>
  /** The answer of /config: the table without secrets, statuses, problems. Null until the first table. */
  renderConfig: () => unknown
}>

/** Each at most once: a second one makes a list of it. */
const explainQuerySchema = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    model: { type: 'string' },
    key: { type: 'string' },
    host: { type: 'string' },
    tokens: { type: 'string' },
  },
}

/** What probes and scrapers ask from beyond loopback, and what tells nothing of the configuration. */
const openPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics', '/openapi.json'])

export function createAdminApp(state: AdminState): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true })
  app.addHook('onRequest', async ({ routeOptions, raw }, reply) => {
    if (openPaths.has(routeOptions.url ?? '')) return
    if (isLocalRequest({ remoteAddress: raw.socket.remoteAddress, headers: raw.headers })) return
    return reply.code(403).send({ error: 'answered on loopback only: use kubectl port-forward, or ask on the machine' })
  })
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', (_request, reply) => {
    const { isReady, reason } = state.readReadiness()
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable', reason })
  })
  app.get('/metrics', (_request, reply) => {
    state.refreshGauges()
    return reply.type(state.metrics.contentType).send(Readable.from(state.metrics.render()))
  })
  app.get('/config', (_request, reply) => {
    const config = state.renderConfig()
    return config === null ? reply.code(503).send({ error: 'no table yet' }) : reply.send(config)
  })
  app.get<{ Querystring: ExplainQuery }>(
    '/explain',
    { schema: { querystring: explainQuerySchema } },
    async (request, reply) => {
      const bound = state.readBound()
      if (bound === null) return reply.code(503).send({ error: 'no table yet' })
      return reply.send(await explainRequest(bound, request.query))
    },
  )
  app.get('/openapi.json', () => openApiDocument)
  return app
}
