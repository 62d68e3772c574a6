// Owns when a calendar window of UTC ends. The Redis script does the same sums by Redis's clock.
import { assertNever } from '../../assert-never.ts'

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
