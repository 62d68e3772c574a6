// A Service's addresses are members of their own: their share of the weight, a pool and a state each, which live on while
// others come and go; the command line's word is stronger.
import { expect, test } from 'vitest'
import { readTargetHealth } from '../../src/server/read-target-health.ts'
import { count, createBinder, findMember, findRoute, readWorld } from './bind-fixture.ts'

const world = (addresses: readonly string[], more = '') => `
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: pods }
spec: { modelName: pods, modelProvider: VLLM, modelType: LLM, endpoint: "http://llm.default.svc/v1" }
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: other }
spec: { modelName: other, modelProvider: VLLM, modelType: LLM, endpoint: "http://other.example.com/v1" }
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: r }
spec:
  path: /r
  authentication: false
  strategy: { type: RoundRobin }
  backends: [{ modelRef: { name: pods }, weight: 2 }, { modelRef: { name: other }, weight: 1 }]
---
apiVersion: v1
kind: Service
metadata: { name: llm }
spec: { ports: [{ port: 80, targetPort: 8000 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: llm-1, labels: { kubernetes.io/service-name: llm } }
addressType: IPv4
ports: [{ port: 8000 }]
endpoints: [${addresses.map((address) => `{ addresses: [${address}] }`).join(', ')}]
${more}`

const find = (table: ReturnType<ReturnType<typeof createBinder>['bind']>) => findRoute(table, 'default/r')
const keyOf = (address: string) => `default/pods ${address}:8000`

test('each has its share of the target’s weight', () => {
  const bound = find(createBinder().bind(world(['10.0.0.1', '10.0.0.2'])))
  expect(count(bound, 300)).toEqual({ [keyOf('10.0.0.1')]: 100, [keyOf('10.0.0.2')]: 100, 'default/other': 100 })
  expect(findMember(bound, keyOf('10.0.0.1')).fixedHeaders).toEqual(['host', 'llm.default.svc'])
})

test('one comes, one goes: the others keep pool and state, and a resting one goes on resting', () => {
  const binder = createBinder()
  const before = find(binder.bind(world(['10.0.0.1', '10.0.0.2'])))
  const kept = findMember(before, keyOf('10.0.0.2'))
  kept.state.restsUntil = Number.POSITIVE_INFINITY
  const after = find(binder.bind(world(['10.0.0.2', '10.0.0.3'])))
  expect(after).not.toBe(before)
  expect(findMember(after, keyOf('10.0.0.2')).pool).toBe(kept.pool)
  expect(findMember(after, keyOf('10.0.0.2')).state).toBe(kept.state)
  expect(after.tiers.flat().map(({ key }) => key)).not.toContain(keyOf('10.0.0.1'))
  expect(count(after, 20)).toEqual({ [keyOf('10.0.0.3')]: 10, 'default/other': 10 })
})

test('the same addresses: the very same route', () => {
  const binder = createBinder()
  const first = readWorld(world(['10.0.0.1', '10.0.0.2']))
  const before = find(binder.bind(first))
  // As sources have it: what did not change is the same object.
  const { endpointSlices } = readWorld(world(['10.0.0.2', '10.0.0.1']))
  expect(find(binder.bind({ ...first, endpointSlices }))).toBe(before)
  const { endpointSlices: more } = readWorld(world(['10.0.0.1', '10.0.0.2', '10.0.0.3']))
  expect(find(binder.bind({ ...first, endpointSlices: more }))).not.toBe(before)
})

test('no address is ready: the target has no member, and counts as unhealthy', () => {
  const table = createBinder().bind(world([]))
  expect(count(find(table), 10)).toEqual({ 'default/other': 10 })
  expect(readTargetHealth(table, 0)).toEqual(
    new Map([
      ['default/other', 1],
      ['default/pods', 0],
    ]),
  )
})

test('health is the share of addresses in service', () => {
  const table = createBinder().bind(world(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']))
  findMember(find(table), keyOf('10.0.0.3')).state.restsUntil = 500
  expect(readTargetHealth(table, 100).get('default/pods')).toBe(0.75)
  expect(readTargetHealth(table, 500).get('default/pods')).toBe(1)
})

test('--resolve and --simulate go where they say: one member, whatever addresses there are', () => {
  const resolve = [{ hostname: 'llm.default.svc', port: null, address: '127.0.0.1', addressPort: 9 }]
  const simulator = { address: '127.0.0.1', port: 9 }
  for (const binder of [createBinder({ resolve }), createBinder({ simulator })]) {
    for (const addresses of [['10.0.0.1', '10.0.0.2'], []]) {
      const bound = find(binder.bind(world(addresses)))
      expect(count(bound, 30)).toEqual({ 'default/pods': 20, 'default/other': 10 })
    }
  }
})
