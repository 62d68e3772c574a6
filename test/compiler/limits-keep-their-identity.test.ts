// Counters go by a limit's id, metrics by its very object: both last while nobody changes the limit.
import { expect, test } from 'vitest'
import type { Resource } from '../../src/api/resource.ts'
import type { ResourceSet } from '../../src/api/resource-set.ts'
import { compile } from '../../src/compiler/compile.ts'
import { buildResourceSet } from './read-case.ts'

const secret = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, labels: { team: 'x' } },
  stringData: { token: `sk-${name}` },
})

const resources = buildResourceSet([
  {
    apiVersion: 'ai.example.com/v1',
    kind: 'AIGatewayRoute',
    metadata: { name: 'r' },
    spec: { path: '/r', targetService: 's', rateLimit: { requestsPerMinute: 5, concurrentRequests: 2 } },
  },
  {
    apiVersion: 'ai.example.com/v1',
    kind: 'AIAuthPolicy',
    metadata: { name: 'p' },
    spec: {
      apiKeySelector: { matchLabels: { team: 'x' }, key: 'token' },
      consumers: [{ name: 'a', rateLimit: { tokensPerDay: 5 }, budgets: [{ amount: '1', period: 'Day' }] }],
      defaults: { rateLimit: { requestsPerMinute: 1 } },
    },
  },
  secret('a'),
  secret('b'),
])

function read(set: ResourceSet, lastGood: ReadonlyMap<string, Resource> | null = null) {
  const { table, lastGood: next } = compile({ resources: set, lastGood })
  const [route] = table.routes
  const [keySet] = table.keySets
  if (route === undefined || keySet === undefined) throw new Error('no route or no key set')
  const find = (name: string) => keySet.consumers.find((consumer) => consumer.name === name)?.limits
  return { route, keySet, limitsOfA: find('a'), limitsOfB: find('b'), defaults: keySet.defaults.limits, next }
}

test('the same objects compile to the same route, key set and limits', () => {
  const first = read(resources)
  const second = read(resources, first.next)
  expect(first.limitsOfA).toHaveLength(2)
  expect(first.route.limits).toHaveLength(2)
  expect(second.route).toBe(first.route)
  expect(second.keySet).toBe(first.keySet)
})

test('a key that is issued or revoked makes a new key set of the same limits', () => {
  const first = read(resources)
  const fewer = { ...resources, secrets: resources.secrets.filter(({ metadata }) => metadata.name !== 'b') }
  const second = read(fewer, first.next)
  expect(second.keySet).not.toBe(first.keySet)
  expect(second.limitsOfA).toBe(first.limitsOfA)
  expect(second.defaults).toBe(first.defaults)
  // Who has no limits of their own has the defaults', with counts of their own.
  expect(first.limitsOfB).toBe(first.defaults)
})
