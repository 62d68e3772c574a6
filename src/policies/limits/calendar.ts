// Owns when a calendar window of UTC ends. The Redis script does the same sums by Redis's clock.
import { assertNever } from '../../assert-never.ts'
import type { LimitWindow } from '../../routing/limit.ts'

const dayMs = 86_400_000
/** 1970-01-01 was a Thursday: three days after a Monday. */
const mondayOffsetDays = 3

/** The end of the period that holds the instant, both as Unix milliseconds; over the instant. */
export function findPeriodEndMs(period: 'Day' | 'Week' | 'Month', epochMs: number): number {
  const day = Math.floor(epochMs / dayMs)
  switch (period) {
    case 'Day':
      return (day + 1) * dayMs
    case 'Week':
      return ((Math.floor((day + mondayOffsetDays) / 7) + 1) * 7 - mondayOffsetDays) * dayMs
    case 'Month': {
      const date = new Date(epochMs)
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
    }
    default:
      return assertNever(period)
  }
}

const longestDays = { Day: 1, Week: 7, Month: 31 } as const
/** Clocks that are set back by less than this go on in the window they were in. */
const setBackMs = 3_600_000

/** No window ends further away than this, unless the clock was set back by more than an hour. Milliseconds. */
export function findLongestMs(window: LimitWindow | null): number {
  if (window === null) return Number.POSITIVE_INFINITY
  if (window.kind === 'fixed') return window.seconds * 1000
  return longestDays[window.period] * dayMs + setBackMs
}
