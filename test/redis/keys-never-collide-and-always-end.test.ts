// E12: ids and keys may hold anything. No two are one count, none leaves the group's slot, and every key in Redis has an end.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderHeldKey, renderLimitKey, renderProbeKey } from '../../src/policies/limits/redis/limit-keys.ts'
import { type RedisServer, redisMissing, startRedis } from '../support/redis/redis-server.ts'
import { createCharge, createLimit, startStore } from '../support/redis/test-store.ts'

const odd = [
  '',
  'a',
  'A',
  'a:b',
  'a%3ab',
  'a b',
  'a\r\nSET x 1\r\n',
  'a\nb',
  'a\\nb',
  '{other}',
  '}{',
  'a}:b',
  ':held',
  'probe',
  '#',
  '%',
  'ü',
  'u\u0308',
  '%u00fc',
  '\u00df\u4e2d\u6587',
  '😀',
  '\ud83d',
  '\ud83e',
  '\u0000',
  'x'.repeat(8_192),
  `${'x'.repeat(8_191)}y`,
  'é'.repeat(4_096),
  '__proto__',
]

test('E12: odd ids, keys and groups: one name each, in the slot of their group', () => {
  const names = new Set<string>()
  let count = 0
  for (const group of ['', 'team', 'te}am', 'te:am']) {
    for (const id of odd) {
      const limit = createLimit(id, { group })
      for (const key of odd) {
        const name = renderLimitKey(limit, key)
        for (const each of [name, renderHeldKey(name)]) {
          expect(each).toMatch(/^sluice:\{[^{}]+\}:[\x21-\x7e]*$/)
          expect(each.length).toBeLessThan(700)
          names.add(each)
          count++
        }
      }
    }
    names.add(renderProbeKey(group))
    count++
  }
  expect(names.size).toBe(count)
})

describe.skipIf(redisMissing !== null)('in Redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  test('E12: odd keys are counts of their own, and every key of every kind ends', async () => {
    const { store } = await startStore(redis.url)
    const limits = [
      createLimit('rate'),
      createLimit('tokens', { unit: 'tokens', window: { kind: 'fixed', seconds: 86_400 } }),
      createLimit('money', { unit: 'cost', window: { kind: 'calendar', period: 'Month' } }),
      createLimit('permits', { unit: 'concurrency' }),
    ]
    for (const key of odd) {
      const acquired = await store.acquire(limits.map((limit) => createCharge(limit, 1, key)))
      expect(acquired).toMatchObject({ outcome: 'admitted', states: limits.map(() => ({ used: { whole: 1 } })) })
      if (acquired.outcome === 'admitted' && key.length % 2 === 0)
        acquired.hold?.settle(limits.map(() => ({ whole: 1, fraction: 0 })))
    }
    await store.stop()
    const keys = await redis.run('KEYS', '*')
    if (!Array.isArray(keys)) return expect.fail('no keys')
    expect(keys.length).toBeGreaterThan(odd.length * 3)
    for (const key of keys) expect(await redis.run('PTTL', String(key)), String(key)).toBeGreaterThan(0)
  })
})
