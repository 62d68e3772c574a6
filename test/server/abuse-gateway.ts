// A real gateway for HTTP/1.1 abuse: an open plain service on `/`, the same behind a key on `/protected`
// and behind a limit of one on `/limited`, and a model `m1`,
// all three answered by one strict scripted backend that says what it was sent.
import type { ServeSettings } from '../../src/settings.ts'
import { gatewayManifests, startGateway, testKey } from '../support/gateway.ts'
import { renderHead, renderJsonResponse } from '../support/http-bytes.ts'
import {
  type BackendConnection,
  createScriptedBackend,
  type RecordedRequest,
  type ScriptedBackend,
} from '../support/scripted-backend.ts'

export type AbuseGateway = Readonly<{
  port: number
  /** `127.0.0.1:port`, for Host headers. */
  host: string
  backend: ScriptedBackend
  stop(): Promise<void>
}>

export async function startAbuseGateway(settings: Partial<ServeSettings> = {}): Promise<AbuseGateway> {
  const backend = await createScriptedBackend(answerAsOrigin)
  const manifests = gatewayManifests(backend.url, renderRoutes(backend.host))
  const gateway = await startGateway({ manifests, settings })
  return {
    port: gateway.port,
    host: `127.0.0.1:${gateway.port}`,
    backend,
    stop: async () => {
      await gateway.stop()
      await backend.close()
    },
  }
}

/** A client's credential for `/protected` and the model. */
export const authorization = `Authorization: Bearer ${testKey}`

function renderRoutes(backendHost: string): string {
  return `
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: open }
spec: { path: /, targetService: '${backendHost}', authentication: false }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: protected }
spec: { path: /protected, targetService: '${backendHost}' }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: limited }
spec: { path: /limited, targetService: '${backendHost}', authentication: false, rateLimit: { requestsPerDay: 1 } }
`
}

/** A small origin server: echoes the request's head and body, knows OPTIONS, DELETE and HEAD. */
export function answerAsOrigin(request: RecordedRequest, connection: BackendConnection): Promise<void> {
  const date = new Date().toUTCString()
  const allow = 'GET, HEAD, POST, OPTIONS'
  if (request.target.startsWith('/v1/')) {
    return connection.write(renderJsonResponse(200, { id: 'x', object: 'chat.completion', choices: [], usage: null }))
  }
  switch (request.method) {
    case 'OPTIONS':
      return connection.write(renderHead('HTTP/1.1 204 No Content', { date, allow }))
    case 'DELETE':
      return connection.write(renderHead('HTTP/1.1 405 Method Not Allowed', { date, allow, 'content-length': '0' }))
  }
  const body = Buffer.concat([request.message.head, request.body])
  const head = renderHead('HTTP/1.1 200 OK', { date, 'content-type': 'text/plain', 'content-length': `${body.length}` })
  return connection.write(request.method === 'HEAD' ? head : Buffer.concat([Buffer.from(head), body]))
}
