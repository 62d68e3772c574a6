// @fastify/http-proxy as its README sets it up, with an undici agent of its own and no log: the usual choice.
import httpProxy from '@fastify/http-proxy'
import Fastify from 'fastify'
import { readUpstream, reportReady } from './ready.ts'

const app = Fastify({ logger: false })
// It makes its agent from these, with the undici it brings along.
const agent = { connections: 4096, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 }
await app.register(httpProxy, { upstream: readUpstream().origin, undici: agent })
await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
reportReady(app.server.address())
