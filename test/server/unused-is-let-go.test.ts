// What no table names any more is let go in time, also while tables go on changing; what comes back at once is kept.
import { expect, test } from 'vitest'
import { createSweeper } from '../../src/server/sweeper.ts'
import { until } from '../support/until.ts'

const delayMs = 30

test('a configuration that never rests puts no sweep off', async () => {
  let table = 0
  const sweeps: (readonly number[])[] = []
  const sweeper = createSweeper({ readCurrent: () => table, sweep: (kept) => sweeps.push(kept), delayMs })
  await until(() => {
    table++
    sweeper.noteSwap()
    return sweeps.length >= 3
  }, 'three sweeps while tables change')
  sweeper.stop()
  for (const [before = 0, current = 0] of sweeps) expect(before).toBeLessThan(current)
})

test('what a table before the last one named waits its own time', async () => {
  let table = 'first'
  const sweeps: (readonly string[])[] = []
  const sweeper = createSweeper({ readCurrent: () => table, sweep: (kept) => sweeps.push(kept), delayMs })
  sweeper.noteSwap()
  table = 'second'
  sweeper.noteSwap()
  await until(() => sweeps.length === 2, 'both sweeps')
  sweeper.stop()
  expect(sweeps).toEqual([
    ['first', 'second'],
    ['second', 'second'],
  ])
})
