// One bad object fails alone, even one that no schema has let through: a bug for it is its own status, not the table's end.
import { expect, test } from 'vitest'
import type { ResourceSet } from '../../src/api/resource-set.ts'
import { compile } from '../../src/compiler/compile.ts'
import { buildResourceSet } from './read-case.ts'

const good = buildResourceSet([
  {
    apiVersion: 'ai.example.com/v1',
    kind: 'AIGatewayRoute',
    metadata: { name: 'good' },
    spec: { path: '/good', targetService: 'good', authentication: false },
  },
  {
    apiVersion: 'ai.example.com/v1',
    kind: 'AIModel',
    metadata: { name: 'good' },
    spec: { modelName: 'good', modelProvider: 'OpenAI', modelType: 'LLM' },
  },
])

/** Through JSON, as from an API server whose CRDs are not ours. */
function addBroken(set: ResourceSet, kind: keyof ResourceSet, spec: unknown): ResourceSet {
  const broken = { apiVersion: 'ai.example.com/v1', kind: 'x', metadata: { name: 'broken' }, spec }
  return { ...set, [kind]: [...set[kind], JSON.parse(JSON.stringify(broken))] }
}

const kinds = ['aiModels', 'aiGatewayRoutes', 'aiAuthPolicies', 'llmModelConfigs'] as const
const specs = [
  null,
  {},
  'text',
  { targetRefs: 7, backends: 7, aliases: 7, modelName: 'x', path: '/x', timeouts: 7 },
  { targetRefs: [{}], aliases: [7], hostnames: [7], modelName: 'x', port: {} },
  { path: 7, modelName: 7, apiKeys: 7, parameters: 7 },
  { path: '/x', headers: { set: 7 } },
]

test.for(kinds.flatMap((kind) => specs.map((spec) => ({ kind, spec }))))('%j', ({ kind, spec }) => {
  const { table, statuses } = compile({ resources: addBroken(good, kind, spec), lastGood: null })
  expect(table.routes.find(({ id }) => id === 'default/good')?.misconfigured).toBe(null)
  expect(table.models.map(({ modelName }) => modelName)).toEqual(['good'])
  expect(statuses).toHaveLength(3)
})

test('a grant that can’t be read allows nothing', () => {
  const broken = { apiVersion: 'gateway.networking.k8s.io/v1beta1', kind: 'ReferenceGrant', metadata: { name: 'x' } }
  const referenceGrants = [{}, { from: [{}] }, { from: [{}], to: [{}] }].map((spec) =>
    JSON.parse(JSON.stringify({ ...broken, spec })),
  )
  expect(compile({ resources: { ...good, referenceGrants }, lastGood: null }).table.models).toHaveLength(1)
})
