// E7: what time it is at Redis, as far as its answers tell: never earlier than it is, or a command would be refused that
// comes in time; and right again after either clock was set.
import { expect, test } from 'vitest'
import { RedisClock } from '../../src/policies/limits/redis/redis-clock.ts'

const redisAheadMs = 1_800_000_000_000

/** Answers to commands sent every 100 ms that were done after these delays. */
function learn(clock: RedisClock, fromMs: number, delaysMs: readonly number[], aheadMs = redisAheadMs): number {
  for (const [at, delayMs] of delaysMs.entries()) {
    const sentAtMs = fromMs + at * 100
    clock.learn(Math.floor(aheadMs + sentAtMs + delayMs), sentAtMs)
  }
  return fromMs + delaysMs.length * 100
}

test('nothing is known before the first answer', () => {
  expect(new RedisClock().readMs(5)).toBeNull()
})

test('never earlier than it is, later by the quickest way there and rounding', () => {
  const clock = new RedisClock()
  const nowMs = learn(clock, 0.7, [35.2, 3.1, 0.3, 12.9, 80])
  const wrongByMs = (clock.readMs(nowMs) ?? 0) - (redisAheadMs + nowMs)
  expect(wrongByMs).toBeGreaterThanOrEqual(0)
  expect(wrongByMs).toBeLessThan(2.5)
})

test('set back: believed at once; set ahead: when an answer says that a command came too late', () => {
  const clock = new RedisClock()
  let nowMs = learn(clock, 0, [1, 1, 1])
  nowMs = learn(clock, nowMs, [1], redisAheadMs - 3_600_000)
  expect(Math.abs((clock.readMs(nowMs) ?? 0) - (redisAheadMs - 3_600_000 + nowMs))).toBeLessThan(4)
  clock.relearn(redisAheadMs + 3_600_000 + nowMs, nowMs)
  expect(Math.abs((clock.readMs(nowMs) ?? 0) - (redisAheadMs + 3_600_000 + nowMs))).toBeLessThan(4)
})

test('a slow drift is followed', () => {
  const clock = new RedisClock()
  let nowMs = 0
  for (let at = 0; at < 100; at++) nowMs = learn(clock, nowMs, [0.2, 0.2, 0.2, 0.2], redisAheadMs + at)
  expect(Math.abs((clock.readMs(nowMs) ?? 0) - (redisAheadMs + 99 + nowMs))).toBeLessThan(26 + 2)
})
