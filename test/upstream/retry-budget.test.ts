// G4: retries are at most a fifth of the requests, whatever fails, and rare requests still get theirs.
import { expect, test } from 'vitest'
import { drawBackoffMs } from '../../src/upstream/retry/backoff.ts'
import { RetryBudget } from '../../src/upstream/retry/retry-budget.ts'

/** Every request fails and retries as often as it may, up to `attempts` times. */
function countRetries(requests: number, gapMs: number, attempts = 3): number {
  let now = 0
  const budget = new RetryBudget(now)
  let retries = 0
  for (let request = 0; request < requests; request++) {
    now += gapMs
    budget.noteRequest(now)
    for (let attempt = 0; attempt < attempts && budget.take(); attempt++) retries++
  }
  return retries
}

test.each([250, 251, 300, 1_000, 10_000])(
  '%d failing requests in a row are asked at most 1.2 times each',
  (requests) => {
    expect(1 + countRetries(requests, 10) / requests).toBeLessThanOrEqual(1.2)
  },
)

test('the first few of a route get their retries', () => {
  expect(countRetries(3, 10, 1)).toBe(3)
})

test('one request in ten seconds always gets one', () => {
  expect(countRetries(100, 10_000, 1)).toBe(100)
})

test('good times pay for at most thirty retries at once', () => {
  const budget = new RetryBudget(0)
  for (let request = 0; request < 10_000; request++) budget.noteRequest(request)
  let retries = 0
  while (budget.take()) retries++
  expect(retries).toBe(30)
  budget.giveBack()
  expect(budget.take()).toBe(true)
})

test('waits are drawn under a bound that doubles up to two seconds', () => {
  const longest = [0, 1, 2, 6, 7, 100].map((round) => Math.round(drawBackoffMs(25, round, () => 0.999_999)))
  expect(longest).toEqual([25, 50, 100, 1_600, 2_000, 2_000])
  expect(drawBackoffMs(25, 3, () => 0)).toBe(0)
})
