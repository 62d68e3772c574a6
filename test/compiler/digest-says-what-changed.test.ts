// The digest is how everybody knows that there is nothing to do: it changes with every change that counts, and no other.
import { expect, test } from 'vitest'
import { compile } from '../../src/compiler/compile.ts'
import { buildResourceSet } from './read-case.ts'

type Change = Readonly<{
  secret?: string
  key?: string
  path?: string
  pricing?: object
  limits?: object
  rateLimit?: object
  consumers?: readonly object[]
  labels?: object
}>

function createWorld(change: Change = {}) {
  const manifests = [
    {
      apiVersion: 'ai.example.com/v1',
      kind: 'AIModel',
      metadata: { name: 'gpt', labels: change.labels ?? {} },
      spec: {
        modelName: 'gpt',
        modelProvider: 'OpenAI',
        modelType: 'LLM',
        credentials: { secretRef: { name: 'up', key: 'k' } },
        ...(change.pricing && { pricing: change.pricing }),
        ...(change.limits && { limits: change.limits }),
      },
    },
    {
      apiVersion: 'ai.example.com/v1',
      kind: 'AIGatewayRoute',
      metadata: { name: 'r' },
      spec: {
        path: change.path ?? '/r',
        modelName: 'gpt',
        ...(change.rateLimit && { rateLimit: change.rateLimit }),
      },
    },
    {
      apiVersion: 'ai.example.com/v1',
      kind: 'AIAuthPolicy',
      metadata: { name: 'p' },
      spec: {
        apiKeys: [{ consumer: 'a', secretRef: { name: 'up', key: 'a' } }],
        ...(change.consumers && { consumers: change.consumers }),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'up' },
      stringData: { k: change.secret ?? 'upstream-key', a: change.key ?? 'caller-key' },
    },
  ]
  return compile({ resources: buildResourceSet(manifests), lastGood: null }).table.digest
}

test('the same world has the same digest', () => {
  expect(createWorld()).toMatch(/^[0-9a-f]{64}$/)
  expect(createWorld()).toBe(createWorld())
})

test('a new upstream credential, caller key or path changes it', () => {
  const digests = [createWorld(), createWorld({ secret: 'x' }), createWorld({ key: 'x' }), createWorld({ path: '/x' })]
  expect(new Set(digests).size).toBe(4)
})

test('a new price, limit or budget changes it', () => {
  const worlds: readonly Change[] = [
    {},
    { pricing: { input: '1' } },
    { pricing: { input: '1.5' } },
    { pricing: { input: '1', currency: 'EUR' } },
    { limits: { maxOutputTokens: 100 } },
    { rateLimit: { requestsPerMinute: 1 } },
    { rateLimit: { requestsPerMinute: 2 } },
    { rateLimit: { requestsPerMinute: 2, per: 'Consumer' } },
    { rateLimit: { requestsPerMinute: 2, onStoreFailure: 'Deny' } },
    { consumers: [{ name: 'a', rateLimit: { tokensPerDay: 5 } }] },
    { consumers: [{ name: 'a', rateLimit: { tokensPerDay: 6 } }] },
    { consumers: [{ name: 'a', rateLimit: { tokensPerDay: 6, per: 'Model' } }] },
    { consumers: [{ name: 'a', budgets: [{ amount: '5', period: 'Day' }] }] },
    { consumers: [{ name: 'a', budgets: [{ amount: '5.01', period: 'Day' }] }] },
    { consumers: [{ name: 'a', budgets: [{ amount: '5', period: 'Week' }] }] },
    { consumers: [{ name: 'a', budgets: [{ amount: '5', period: 'Day', softPercent: 80 }] }] },
  ]
  expect(new Set(worlds.map(createWorld)).size).toBe(worlds.length)
})

test('labels do not', () => {
  expect(createWorld({ labels: { team: 'blue' } })).toBe(createWorld())
})
