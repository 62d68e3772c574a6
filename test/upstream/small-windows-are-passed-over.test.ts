// A target whose context window is surely too small is passed over while another has more room; nothing is refused on an
// estimate.
import { expect, test } from 'vitest'
import { ask, count, createBinder, findMember, findRoute } from './bind-fixture.ts'

const model = (name: string, window: number | null) => `
---
apiVersion: ai.example.com/v1
kind: AIModel
metadata: { name: ${name} }
spec:
  modelName: ${name}
  modelProvider: VLLM
  modelType: LLM
  endpoint: "http://${name}.example.com/v1"
  ${window === null ? '' : `limits: { contextWindowTokens: ${window} }`}`

const route = (...names: readonly string[]) => `
---
apiVersion: ai.example.com/v1
kind: AIGatewayRoute
metadata: { name: r }
spec:
  path: /r
  authentication: false
  strategy: { type: RoundRobin }
  backends: [${names.map((name, at) => `{ modelRef: { name: ${name} }, priority: ${at < 2 ? 0 : 1} }`).join(', ')}]`

const bind = (windows: Readonly<Record<string, number | null>>) => {
  const names = Object.keys(windows)
  const yaml = names.map((name) => model(name, windows[name] ?? null)).join('')
  return findRoute(createBinder().bind(yaml + route(...names)), 'default/r')
}
const needs = (neededTokens: number) => ({ exchange: { neededTokens } })

test('the small one gets what fits, and nothing else', () => {
  const bound = bind({ small: 8_000, large: 128_000 })
  expect(bound.smallestWindow).toBe(8_000)
  expect(count(bound, 10, needs(8_000))).toEqual({ 'default/small': 5, 'default/large': 5 })
  expect(count(bound, 10, needs(8_001))).toEqual({ 'default/large': 10 })
})

test('a whole priority is too small: the next one; a window that nobody says is large enough', () => {
  const bound = bind({ one: 4_000, two: 8_000, other: null })
  expect(ask(bound, needs(9_000))).toBe('default/other')
})

test('all are too small: the largest is asked, and says so itself', () => {
  const bound = bind({ small: 4_000, middle: 8_000, large: 16_000 })
  expect(ask(bound, needs(100_000))).toBe('default/large')
  const large = findMember(bound, 'default/large')
  expect(ask(bound, { ...needs(100_000), excluded: [large] })).toBe('default/middle')
})

test('one that is large enough and rests, or was tried, comes before one that is surely too small', () => {
  const bound = bind({ small: 4_000, large: 16_000 })
  const large = findMember(bound, 'default/large')
  large.state.restsUntil = 9_000
  expect(ask(bound, needs(10_000))).toBe('default/large')
  expect(ask(bound, { ...needs(10_000), tried: [large] })).toBe('default/large')
  expect(ask(bound, needs(1_000))).toBe('default/small')
})
