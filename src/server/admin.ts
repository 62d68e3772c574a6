// The admin port: health, readiness, metrics, the served table (no secret in it by construction), explain.
import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Metrics } from '../telemetry/metrics.ts'
import type { BoundTable } from '../upstream/bound-route.ts'
import { type ExplainQuery, explainRequest } from './explain.ts'
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
  },
}

export function createAdminApp(state: AdminState): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true })
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
    (request, reply) => {
      const bound = state.readBound()
      if (bound === null) return reply.code(503).send({ error: 'no table yet' })
      return reply.send(explainRequest(bound, request.query))
    },
  )
  app.get('/openapi.json', () => openApiDocument)
  return app
}
