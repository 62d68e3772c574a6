// A million callers on one limit: memory stays bounded, every request stays cheap, and no two share a count (E12).
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { createCharges } from '../../src/policies/limits/enforce.ts'
import type { LimitKeyPart } from '../../src/routing/limit.ts'
import { ask, createClock, createLimit, createStore, createSubject } from './limit-fixtures.ts'

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

function readHeapMegabytes(): number {
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed / 1e6
}

const byAddress = createLimit({ amount: 3, per: ['clientAddress'], window: { kind: 'fixed', seconds: 86_400 } })
const readAddress = (at: number) => `${10 + (at >> 24)}.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`

test('E12: a million addresses of one limit', () => {
  const store = createStore()
  const before = readHeapMegabytes()
  let slowestMs = 0
  const start = performance.now()
  for (let at = 0; at < 1_000_000; at++) {
    const since = performance.now()
    ask(store, [byAddress], { clientAddress: readAddress(at) })
    slowestMs = Math.max(slowestMs, performance.now() - since)
  }
  const totalMs = performance.now() - start
  const grownMegabytes = readHeapMegabytes() - before
  expect(grownMegabytes).toBeLessThan(60)
  // The latest are still counted.
  const latest = { clientAddress: readAddress(999_999) }
  expect([1, 2, 3].map(() => ask(store, [byAddress], latest).outcome)).toEqual(['admitted', 'admitted', 'refused'])
  expect(totalMs).toBeLessThan(15_000)
  expect(slowestMs).toBeLessThan(500)
}, 30_000)

test('E12: a flood of one limit leaves the counts of others alone', () => {
  const store = createStore()
  const other = createLimit({
    id: 'default/other/requestsPerDay',
    amount: 1,
    window: { kind: 'fixed', seconds: 86_400 },
  })
  expect(ask(store, [other]).outcome).toBe('admitted')
  const floods = Array.from({ length: 7 }, (_, at) => ({ ...byAddress, id: `default/r${at}/requestsPerDay` }))
  const before = readHeapMegabytes()
  for (const limit of floods) {
    for (let at = 0; at < 200_000; at++) ask(store, [limit], { clientAddress: readAddress(at) })
  }
  expect(readHeapMegabytes() - before).toBeLessThan(250)
  expect(ask(store, [other]).outcome).toBe('refused')
}, 30_000)

test('E12: what has ended goes while others come, without a timer', () => {
  const clock = createClock()
  const store = createStore(clock)
  const limit = createLimit({ per: ['clientAddress'] })
  const before = readHeapMegabytes()
  for (let round = 0; round < 20; round++) {
    for (let at = 0; at < 20_000; at++) ask(store, [limit], { clientAddress: `${readAddress(at)}-${round}` })
    clock.advance(60_000)
  }
  // Two windows' worth at most, of twenty.
  expect(readHeapMegabytes() - before).toBeLessThan(20)
  expect(ask(store, [limit], { clientAddress: `${readAddress(0)}-19` }).outcome).toBe('admitted')
}, 30_000)

/** Consumers are known by their policy, too. */
const asConsumer = (name: string) => `default/p/${name}`

describe('E12: odd keys', () => {
  const parts: readonly LimitKeyPart[] = ['consumer', 'model']
  const odd = [
    'a',
    'a:b',
    'a b',
    'a\nb',
    'a\\nb',
    'a\\\nb',
    'a\r\nb',
    'a\tb',
    '',
    '\0',
    '{a}',
    'ä',
    'a\u0308',
    '\u{1f600}',
    '\ud800',
    '\udbff',
    '__proto__',
    'constructor',
    'x'.repeat(8_192),
    `${'x'.repeat(8_191)}y`,
    `${'x'.repeat(8_191)}\ud800`,
    `${'x'.repeat(8_191)}\ud801`,
    'anonymous',
    'model m',
    'consumer a',
    'digest ',
  ]

  test('each pair of values has a count of its own', () => {
    const limit = createLimit({ per: parts })
    const keys = new Set<string>()
    for (const consumer of [...odd.map(asConsumer), null]) {
      for (const modelName of [...odd, null]) {
        for (const { key } of createCharges([limit], createSubject({ consumer, modelName }), null)) keys.add(key)
      }
    }
    expect(keys.size).toBe((odd.length + 1) ** 2)
    for (const key of keys) expect(key.length).toBeLessThanOrEqual(200)
  })

  test('the same values have the same count', () => {
    for (const name of odd) {
      const store = createStore()
      const limit = createLimit({ per: parts })
      const subject = { consumer: asConsumer(name), modelName: name }
      const outcomes = [1, 2].map(() => ask(store, [limit], subject).outcome)
      expect(outcomes).toEqual(['admitted', 'refused'])
    }
  })

  test('who has no key shares one count, and it is nobody else', () => {
    const store = createStore()
    const limit = createLimit({ per: ['consumer'] })
    expect(ask(store, [limit], { consumer: null }).outcome).toBe('admitted')
    expect(ask(store, [limit], { consumer: null, clientAddress: '192.0.2.9' }).outcome).toBe('refused')
    expect(ask(store, [limit], { consumer: asConsumer('anonymous') }).outcome).toBe('admitted')
  })
})
