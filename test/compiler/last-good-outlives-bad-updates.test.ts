// F1: a served object stays served through any number of bad updates, what it refers to stays live, a fix is taken at once.
import { expect, test } from 'vitest'
import type { Resource } from '../../src/api/resource.ts'
import { compile } from '../../src/compiler/compile.ts'
import { buildResourceSet } from './read-case.ts'

function createRoute(generation: number, spec: object) {
  return { apiVersion: 'ai.example.com/v1', kind: 'AIGatewayRoute', metadata: { name: 'r', generation }, spec }
}

const policy = {
  apiVersion: 'ai.example.com/v1',
  kind: 'AIAuthPolicy',
  metadata: { name: 'p' },
  spec: { apiKeys: [{ consumer: 'a', secretRef: { name: 's', key: 'k' } }] },
}
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { k: 'caller-key' } }
const good = createRoute(1, { path: '/r', targetService: 'good' })

function run(manifests: readonly unknown[], lastGood: ReadonlyMap<string, Resource> | null) {
  const result = compile({ resources: buildResourceSet(manifests), lastGood })
  const conditions = result.statuses.find(({ kind }) => kind === 'AIGatewayRoute')?.conditions ?? []
  const route = result.table.routes.find(({ id }) => id === 'default/r')
  return { ...result, route, said: conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`) }
}

test('through bad specs, bad schemas and back', () => {
  const first = run([good, policy, secret], null)
  const senseless = run([createRoute(2, { path: '/x', targetService: 'x:99999' }), policy, secret], first.lastGood)
  const malformed = run([createRoute(3, { path: 'no-slash' }), policy, secret], senseless.lastGood)
  expect([senseless.route, malformed.route]).toEqual([first.route, first.route])
  expect(senseless.table.digest).toBe(first.table.digest)
  expect(malformed.said).toEqual([
    'Accepted=False Invalid',
    'ResolvedRefs=True ResolvedRefs',
    'Degraded=True LastGoodServing',
  ])

  const fixed = run([createRoute(4, { path: '/y', targetService: 'fixed' }), policy, secret], malformed.lastGood)
  expect(fixed.route?.match.path).toBe('/y')
  expect(fixed.said).toEqual(['Accepted=True Accepted', 'ResolvedRefs=True ResolvedRefs'])
})

test('a Secret that is deleted meanwhile is gone', () => {
  const first = run([good, policy, secret], null)
  expect(first.table.keySets[0]?.keys).toHaveLength(1)
  const later = run([createRoute(2, { path: 'bad' }), policy], first.lastGood)
  expect(later.route).toEqual(first.route)
  expect(later.table.keySets[0]?.keys).toEqual([])
})

test('after a restart there is none, and the route is misconfigured', () => {
  const bad = run([createRoute(2, { path: '/r', targetService: 'x:99999' }), policy, secret], null)
  expect(bad.route?.misconfigured).toContain('spec.targetService')
  expect(bad.said).toEqual(['Accepted=False Invalid', 'ResolvedRefs=Unknown Invalid'])
})
