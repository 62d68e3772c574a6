// Tiers, tries and rests: which target is asked, and which one is left alone (G1, G4, G13).
import { beforeEach, expect, test } from 'vitest'
import type { BoundRoute } from '../../src/upstream/bound-route.ts'
import { ask, count, createBinder, findMember, findRoute } from './bind-fixture.ts'

const model = (name: string, more = '') => `
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec: { modelName: ${name}, modelProvider: VLLM, modelType: LLM, endpoint: "http://${name}.example.com/v1"${more} }`

const backend = (name: string, priority: number, weight = 1) =>
  `{ modelRef: { name: ${name} }, priority: ${priority}, weight: ${weight} }`

const route = (backends: readonly string[], strategy = '{ type: RoundRobin }') => `
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: r }
spec: { path: /r, authentication: false, strategy: ${strategy}, backends: [${backends.join(', ')}] }`

const world =
  ['a', 'b', 'c', 'd'].map((name) => model(name)).join('') +
  route([backend('c', 5), backend('a', 0), backend('b', 0), backend('d', 9, 0)])

let bound: BoundRoute
beforeEach(() => {
  bound = findRoute(createBinder().bind(world), 'default/r')
})
const rest = (name: string, until: number) => {
  findMember(bound, `default/${name}`).state.restsUntil = until
}
const member = (name: string) => findMember(bound, `default/${name}`)

test('the best priority shares by its strategy; others and weight 0 get nothing', () => {
  expect(count(bound, 100)).toEqual({ 'default/a': 50, 'default/b': 50 })
})

test('a resting one is passed over while another of its priority is in service; afterwards it has its turn again', () => {
  rest('a', 2_000)
  expect(count(bound, 100)).toEqual({ 'default/b': 100 })
  expect(count(bound, 100, { now: 2_000 })).toEqual({ 'default/a': 50, 'default/b': 50 })
})

test('a whole priority rests: the next one', () => {
  rest('a', 2_000)
  rest('b', 3_000)
  expect(count(bound, 10)).toEqual({ 'default/c': 10 })
})

test('everything rests: the one whose rest ends first, whatever its priority', () => {
  rest('a', 4_000)
  rest('b', 3_000)
  rest('c', 2_000)
  expect(count(bound, 10)).toEqual({ 'default/c': 10 })
  rest('c', 9_000)
  expect(count(bound, 10)).toEqual({ 'default/b': 10 })
})

test('a retry goes to one that was not tried, of the same priority, then of the next', () => {
  expect(ask(bound, { tried: [member('a')] })).toBe('default/b')
  expect(ask(bound, { tried: [member('b'), member('a')] })).toBe('default/c')
})

test('all were tried: again the one tried least, not the last one, and one in service before one that rests', () => {
  const [a, b, c] = [member('a'), member('b'), member('c')]
  expect(ask(bound, { tried: [a, b, c] })).toBe('default/a')
  expect(ask(bound, { tried: [b, c, a] })).toBe('default/b')
  expect(ask(bound, { tried: [a, b, c, a] })).toBe('default/b')
  rest('a', 5_000)
  rest('b', 5_000)
  expect(ask(bound, { tried: [c] })).toBe('default/c')
  rest('c', 2_000)
  expect(ask(bound, { tried: [c] })).toBe('default/c')
  rest('c', 6_000)
  expect(ask(bound, { tried: [c] })).toBe('default/a')
})

test('an excluded one is never picked, not even when nothing else is left', () => {
  const [a, b, c] = [member('a'), member('b'), member('c')]
  expect(ask(bound, { excluded: [a], tried: [b] })).toBe('default/c')
  expect(ask(bound, { excluded: [a, c], tried: [b] })).toBe('default/b')
  expect(ask(bound, { excluded: [a, b, c] })).toBeNull()
})

test('what was picked says when: LowestLatency goes by it', () => {
  ask(bound, { now: 1_234 })
  expect([member('a'), member('b')].map(({ state }) => state.pickedAt)).toContain(1_234)
})
