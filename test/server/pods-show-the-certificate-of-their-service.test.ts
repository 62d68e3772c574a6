// A pod is dialled by its address and has to show a certificate of its Service's name, which is what it is asked for (C12).
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'))
const servers: Server[] = []
const seenNames: unknown[] = []
let gateway: TestGateway

/** A certificate of its own authority; its PEM and the port of a server that shows it. */
async function startPod(name: string) {
  const file = (end: string) => join(folder, `${name}.${end}`)
  const made = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-keyout', file('key'), '-out', file('crt'), '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`],
    ],
    { encoding: 'utf8' },
  )
  expect(made.status, made.stderr).toBe(0)
  const server = createServer(
    { key: readFileSync(file('key')), cert: readFileSync(file('crt')) },
    (request, response) => {
      const { socket } = request
      seenNames.push(socket instanceof TLSSocket ? socket.servername : null, request.headers.host)
      request.resume().on('end', () => {
        response.setHeader('content-type', 'application/json')
        response.end('{"choices":[]}')
      })
    },
  )
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, pem: readFileSync(file('crt'), 'utf8') }
}

const manifests = (name: string, port: number, pem: string) => `
---
apiVersion: v1
kind: Secret
metadata: { name: ${name}-ca }
stringData: { ca.crt: ${JSON.stringify(pem)} }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${name}
  modelProvider: VLLM
  modelType: LLM
  endpoint: https://${name}.default.svc/v1
  tls: { caRef: { name: ${name}-ca, key: ca.crt } }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: ${name} }
spec: { path: /${name}, modelName: ${name}, authentication: false }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { ports: [{ port: 443 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
ports: [{ port: ${port} }]
endpoints: [{ addresses: [127.0.0.1] }]`

beforeAll(async () => {
  const right = await startPod('right.default.svc')
  const wrong = await startPod('somebody-else.default.svc')
  gateway = await startGateway({
    manifests: manifests('right', right.port, right.pem) + manifests('wrong', wrong.port, wrong.pem),
  })
})
afterAll(async () => {
  await gateway?.stop()
  for (const server of servers) {
    server.close()
    server.closeAllConnections()
  }
  rmSync(folder, { recursive: true })
})

const ask = (path: string) =>
  fetch(`${gateway.url}/${path}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"messages":[]}',
  })

test('asked for by the name of the Service, in the handshake and in the request', async () => {
  expect((await ask('right')).status).toBe(200)
  expect(seenNames).toEqual(['right.default.svc', 'right.default.svc'])
})

test('a certificate of another name, though of a trusted authority: nothing is sent', async () => {
  const response = await ask('wrong')
  expect([response.status, await response.text()]).toEqual([502, expect.stringContaining('upstream_error')])
  expect(seenNames).toHaveLength(2)
})
