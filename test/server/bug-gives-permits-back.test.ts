// E13: a bug of ours in the middle of a request costs that request, not the permit and the reserve it held.
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { compile } from '../../src/compiler/compile.ts'
import { TokenBinder } from '../../src/policies/jwt/token-index.ts'
import { ExhaustedLimits } from '../../src/policies/limits/exhausted-limits.ts'
import { MemoryLimitStore } from '../../src/policies/limits/memory-store.ts'
import { SnapshotHolder } from '../../src/routing/snapshot.ts'
import { bindTable } from '../../src/server/bind-table.ts'
import { createClientAddressReader } from '../../src/server/client-address.ts'
import type { DataPlane } from '../../src/server/data-plane.ts'
import { handleRequest } from '../../src/server/handle-request.ts'
import { ExchangeSeries } from '../../src/telemetry/exchange-series.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { Backends } from '../../src/upstream/backends.ts'
import type { BoundTable } from '../../src/upstream/bound-route.ts'
import { buildResourceSet } from '../compiler/read-case.ts'
import { renderRequest } from '../support/http-bytes.ts'
import { exchangeRaw } from '../support/raw-client.ts'
import { until } from '../support/until.ts'

const manifests = `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: m1 }
spec: { modelName: m1, modelProvider: Custom, modelType: LLM, endpoint: 'http://127.0.0.1:9/v1' }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: open }
spec:
  path: /open
  authentication: false
  backends: [{ modelRef: { name: m1, kind: AIModel } }]
  rateLimit: { concurrentRequests: 1, tokensPerDay: 1000 }
`

/** The table with a bug in it: `bug` is thrown where a target is picked, behind the limits. */
function breakPicking(bound: BoundTable, bug: Error): BoundTable {
  return {
    ...bound,
    find: (hostname, path) => {
      const match = bound.find(hostname, path)
      if (match === null || match.value.kind !== 'route') return match
      const pick = () => {
        throw bug
      }
      return { ...match, value: { kind: 'route', route: { ...match.value.route, strategies: [{ pick }] } } }
    },
  }
}

test('what was held is free again, ten times in a row', async () => {
  const resources = buildResourceSet(parseAllDocuments(manifests).map((document): unknown => document.toJS()))
  const metrics = createMetrics()
  const backends = new Backends({ isAddressAllowed: () => true, resolve: [], simulator: null })
  onTestFinished(() => backends.close())
  const openKeys = () => {
    throw new Error('nobody signs tokens here')
  }
  const tokens = new TokenBinder({ openKeys, now: Date.now })
  const bound = bindTable(compile({ resources, lastGood: new Map() }), 1, null, { backends, metrics, tokens })
  const lines: object[] = []
  const plane: DataPlane = {
    snapshot: new SnapshotHolder(breakPicking(bound, new TypeError('a bug'))),
    lifecycle: { isDraining: false },
    limits: new MemoryLimitStore(),
    exhausted: new ExhaustedLimits(),
    metrics,
    unroutedSeries: new ExchangeSeries(metrics, '', null),
    accessLog: (record) => void lines.push(record),
    reportBug: (error) => {
      throw error
    },
    readClientAddress: createClientAddressReader([]),
    bodyLimitBytes: 1000,
    exchanges: new Set(),
  }
  const server = createServer((request, response) => handleRequest(plane, request, response))
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  onTestFinished(() => void server.close())
  const request = renderRequest(
    'POST',
    '/open',
    { 'content-type': 'application/json' },
    '{"messages":[],"max_tokens":5000}',
  )
  for (let count = 1; count <= 10; count++) {
    const response = await exchangeRaw(port, request)
    expect(response.status).toBe(500)
    expect(response.json()).toMatchObject({ error: { code: 'internal_error' } })
    await until(() => lines.length === count, 'it is settled')
  }
  expect(plane.exchanges.size).toBe(0)
})
