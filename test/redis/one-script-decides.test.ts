// What the scripts do, asked through the store: all or none, money to the last digit, windows by Redis's clock alone.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findPeriodEndMs } from '../../src/policies/limits/calendar.ts'
import { calendarLua } from '../../src/policies/limits/redis/scripts.ts'
import type { Acquisition } from '../../src/policies/limits/store.ts'
import { countOf, nothing } from '../../src/routing/quantity.ts'
import { type RedisServer, redisMissing, startRedis } from '../support/redis/redis-server.ts'
import { createCharge, createLimit, startStore, type TestStore } from '../support/redis/test-store.ts'
import { until } from '../support/until.ts'

const usedOf = (acquired: Acquisition) =>
  acquired.outcome === 'unavailable' ? [] : acquired.states.map(({ used }) => used)

describe.skipIf(redisMissing !== null)('one script decides', () => {
  let redis: RedisServer
  let test1: TestStore
  beforeAll(async () => {
    redis = await startRedis()
    test1 = await startStore(redis.url)
  })
  afterEach(() => redis.run('FLUSHALL'))
  afterAll(async () => {
    await test1.store.stop()
    await redis.stop()
  })
  const ask = async (...charges: Parameters<TestStore['store']['acquire']>[0]) => test1.store.acquire(charges)
  const hold = (acquired: Acquisition) =>
    (acquired.outcome === 'admitted' ? acquired.hold : null) ?? expect.fail('no hold')

  test('E10: one limit of four reached, and none of the others is touched', async () => {
    const full = createLimit('full', { amount: { whole: 1, fraction: 0 } })
    const charges = [
      createCharge(createLimit('rate')),
      createCharge(createLimit('tokens', { unit: 'tokens' }), 50),
      createCharge(createLimit('permits', { unit: 'concurrency' })),
      createCharge(full),
    ]
    expect((await ask(createCharge(full))).outcome).toBe('admitted')
    const refused = await ask(...charges)
    expect(refused.outcome).toBe('refused')
    expect(usedOf(refused)).toEqual([nothing, nothing, nothing, { whole: 1, fraction: 0 }])
    expect(await redis.run('KEYS', '*rate*')).toEqual([])
    expect(await redis.run('KEYS', '*tokens*')).toEqual([])
    expect(await redis.run('KEYS', '*permits*')).toEqual([])
  })

  test('money is exact: carries between the limbs, and whole numbers as large as they get', async () => {
    // The last hundred below 2^53 are lost in ioredis's parser, which adds a digit's code before it takes '0' off.
    const amount = { whole: 9_007_199_254_740_890, fraction: 0 }
    const limit = createLimit('money', { unit: 'cost', amount, window: { kind: 'calendar', period: 'Month' } })
    const first = await ask(createCharge(limit, { whole: 9_007_199_254_740_880, fraction: 999_999_999 }))
    expect(usedOf(first)).toEqual([{ whole: 9_007_199_254_740_880, fraction: 999_999_999 }])
    const second = await ask(createCharge(limit, { whole: 3, fraction: 2 }))
    expect(usedOf(second)).toEqual([{ whole: 9_007_199_254_740_884, fraction: 1 }])
    hold(second).settle([{ whole: 0, fraction: 3 }])
    await until(async () => {
      const [used] = usedOf(await ask(createCharge(limit, nothing)))
      return used?.whole === 9_007_199_254_740_881 && used.fraction === 2
    }, 'the reserve is replaced')
  })

  test('a count equal to its amount refuses, one below by a billionth does not', async () => {
    const limit = createLimit('edge', { unit: 'cost', amount: { whole: 5, fraction: 7 } })
    await ask(createCharge(limit, { whole: 5, fraction: 6 }))
    expect((await ask(createCharge(limit, { whole: 0, fraction: 1 }))).outcome).toBe('admitted')
    expect((await ask(createCharge(limit, { whole: 0, fraction: 1 }))).outcome).toBe('refused')
  })

  test('E11: a refusal says what of it is reserved, by whatever process', async () => {
    const other = await startStore(redis.url)
    const tokens = createLimit('shared', { unit: 'tokens', amount: countOf(100) })
    const mine = await ask(createCharge(tokens, 60))
    expect((await other.store.acquire([createCharge(tokens, 70)])).outcome).toBe('admitted')
    const charges = [createCharge(createLimit('rate')), createCharge(tokens, 1)]
    expect(await ask(...charges)).toMatchObject({
      outcome: 'refused',
      states: [
        { used: nothing, held: nothing },
        { used: countOf(130), held: countOf(130) },
      ],
    })
    hold(mine).settle([countOf(40)])
    await until(async () => {
      const refused = await ask(...charges)
      return refused.outcome === 'refused' && refused.states[1]?.held.whole === 70
    }, 'settled')
    expect(await ask(...charges)).toMatchObject({ states: [{}, { used: countOf(110), held: countOf(70) }] })
    await other.store.stop()
  })

  test('E8: settled below nothing is nothing, and a permit comes back once', async () => {
    const tokens = createLimit('t', { unit: 'tokens' })
    const permits = createLimit('p', { unit: 'concurrency', amount: { whole: 2, fraction: 0 } })
    const taken = hold(await ask(createCharge(tokens, 300), createCharge(permits)))
    taken.settle([nothing, nothing])
    taken.settle([nothing, nothing])
    await until(async () => (await redis.run('ZCARD', 'sluice:{team}:team/p:')) === 0, 'given back')
    expect(usedOf(await ask(createCharge(tokens, 1)))).toEqual([{ whole: 1, fraction: 0 }])
  })

  test('a permit is one request at a time', async () => {
    const permits = createLimit('p', { unit: 'concurrency', amount: { whole: 2, fraction: 0 } })
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => ask(createCharge(permits))))
    expect([one, two, three].map((each) => each?.outcome).sort()).toEqual(['admitted', 'admitted', 'refused'])
    const admitted = [one, two, three].find((each) => each?.outcome === 'admitted') ?? expect.fail('none')
    hold(admitted).settle([nothing])
    await until(async () => (await ask(createCharge(permits))).outcome === 'admitted', 'the permit is back')
  })

  test('E3: periods end in Lua as they do in the code, leap years and year ends included', async () => {
    const script = `${calendarLua}\nlocal out = {}\nfor i = 1, #ARGV do for _, p in ipairs({'D', 'W', 'M'}) do
      out[#out + 1] = string.format('%.0f', period_end(p, tonumber(ARGV[i]))) end end\nreturn out`
    const instants: number[] = []
    for (let year = 1999; year <= 2101; year += 1) {
      for (const month of [0, 1, 2, 11]) {
        const start = Date.UTC(year, month, 1)
        instants.push(start - 1, start, start + 1, start + ((year * 7 + month) % 28) * 86_400_000 + 12_345)
      }
    }
    const wanted = instants.flatMap((at) =>
      (['Day', 'Week', 'Month'] as const).map((period) => String(findPeriodEndMs(period, at))),
    )
    expect(await redis.run('EVAL', script, '0', ...instants.map(String))).toEqual(wanted)
  })

  test('E5: scripts flushed, and nobody notices', async () => {
    const limit = createLimit('flushed')
    await ask(createCharge(limit))
    await redis.run('SCRIPT', 'FLUSH')
    const asked = await Promise.all(Array.from({ length: 20 }, () => ask(createCharge(limit))))
    expect(new Set(asked.map(({ outcome }) => outcome))).toEqual(new Set(['admitted']))
    expect(usedOf(await ask(createCharge(limit)))).toEqual([{ whole: 22, fraction: 0 }])
    expect(test1.changes).toEqual(['up'])
  })

  test('E5: everything flushed while requests are under way: counts start anew, once, and settling charges what was used', async () => {
    const tokens = createLimit('t', { unit: 'tokens', window: { kind: 'calendar', period: 'Day' } })
    const before = hold(await ask(createCharge(tokens, 100)))
    await redis.run('FLUSHALL')
    expect(usedOf(await ask(createCharge(tokens, 10)))).toEqual([{ whole: 10, fraction: 0 }])
    before.settle([{ whole: 25, fraction: 0 }])
    await until(async () => usedOf(await ask(createCharge(tokens, 0)))[0]?.whole === 35, 'charged what was used')
  })
})
