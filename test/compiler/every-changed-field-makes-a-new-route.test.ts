// Compiled routes are kept while they are the same: a field that the comparison forgets would be served stale.
import { expect, test } from 'vitest'
import { compile } from '../../src/compiler/compile.ts'
import { isSameRoute } from '../../src/compiler/is-same-route.ts'
import { buildResourceSet } from './read-case.ts'

const manifests = [
  {
    apiVersion: 'ai.example.com/v1',
    kind: 'AIGatewayRoute',
    metadata: { name: 'r' },
    spec: { path: '/r', targetService: 's' },
  },
]

test('field by field', () => {
  const route = compile({ resources: buildResourceSet(manifests), lastGood: null }).table.routes[0]
  if (route === undefined) throw new Error('no route')
  expect(isSameRoute(route, structuredClone(route))).toBe(true)
  expect(Object.keys(route).length).toBeGreaterThan(10)
  for (const field of Object.keys(route)) {
    expect(isSameRoute(route, { ...route, [field]: { changed: true } }), field).toBe(false)
  }
})

test('an unchanged route is the very same object in the next table', () => {
  const resources = buildResourceSet(manifests)
  const first = compile({ resources, lastGood: null })
  const second = compile({ resources, lastGood: first.lastGood })
  expect(second.table.routes[0]).toBe(first.table.routes[0])
  expect(second.table.targets[0]).toBe(first.table.targets[0])
})
