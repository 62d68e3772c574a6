// The digest is how everybody knows that there is nothing to do: it changes with every change that counts, and no other.
import { expect, test } from 'vitest'
import { compile } from '../../src/compiler/compile.ts'
import { buildResourceSet } from './read-case.ts'

function createWorld(change: { secret?: string; key?: string; path?: string; pricing?: object; labels?: object } = {}) {
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
      },
    },
    {
      apiVersion: 'ai.example.com/v1',
      kind: 'AIGatewayRoute',
      metadata: { name: 'r' },
      spec: { path: change.path ?? '/r', modelName: 'gpt' },
    },
    {
      apiVersion: 'ai.example.com/v1',
      kind: 'AIAuthPolicy',
      metadata: { name: 'p' },
      spec: { apiKeys: [{ consumer: 'a', secretRef: { name: 'up', key: 'a' } }] },
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

test('labels and fields that are not in effect do not', () => {
  expect(createWorld({ labels: { team: 'blue' }, pricing: { input: '1' } })).toBe(createWorld())
})
