// Budgets begin anew by the calendar of UTC, whatever zone the machine is in and whatever its clocks do in March (E3).
import { afterAll, describe, expect, test } from 'vitest'
import { findPeriodEndMs } from '../../src/policies/limits/calendar.ts'

const zone = process.env.TZ
afterAll(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

const end = (period: 'Day' | 'Week' | 'Month', instant: string) =>
  new Date(findPeriodEndMs(period, Date.parse(instant))).toISOString().replace('.000Z', 'Z')

const zones = [
  ['UTC', 0],
  ['America/New_York', 300],
  ['Europe/Berlin', -60],
  ['Pacific/Kiritimati', -840],
  ['Australia/Lord_Howe', -660],
] as const

describe.each(zones)('E3: in %s', (name, offsetMinutes) => {
  test.each([
    ['Day', '2026-11-22T00:00:00.000Z', '2026-11-23T00:00:00Z'],
    ['Day', '2026-11-22T23:59:59.995Z', '2026-11-23T00:00:00Z'],
    ['Day', '2026-11-23T00:00:00.005Z', '2026-11-24T00:00:00Z'],
    // The nights in which New York and Berlin change their clocks.
    ['Day', '2026-03-08T06:30:00Z', '2026-03-09T00:00:00Z'],
    ['Day', '2026-03-29T00:59:59.999Z', '2026-03-30T00:00:00Z'],
    ['Day', '2026-11-01T05:30:00Z', '2026-11-02T00:00:00Z'],
    ['Day', '2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00Z'],
    ['Week', '2026-11-22T23:59:59.999Z', '2026-11-23T00:00:00Z'],
    ['Week', '2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z'],
    ['Week', '2026-12-31T12:00:00Z', '2027-01-04T00:00:00Z'],
    ['Week', '2028-02-29T12:00:00Z', '2028-03-06T00:00:00Z'],
    ['Month', '2026-11-30T23:59:59.995Z', '2026-12-01T00:00:00Z'],
    ['Month', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00Z'],
    ['Month', '2026-02-28T23:59:59.999Z', '2026-03-01T00:00:00Z'],
    ['Month', '2028-02-28T23:59:59.999Z', '2028-03-01T00:00:00Z'],
    ['Month', '2028-02-29T23:59:59.999Z', '2028-03-01T00:00:00Z'],
    ['Month', '2100-02-28T23:59:59.999Z', '2100-03-01T00:00:00Z'],
    ['Month', '2000-02-29T00:00:00Z', '2000-03-01T00:00:00Z'],
    ['Month', '2026-01-31T12:00:00Z', '2026-02-01T00:00:00Z'],
  ] as const)('a %s that holds %s ends at %s', (period, instant, expected) => {
    process.env.TZ = name
    expect(new Date(Date.UTC(2026, 0, 15)).getTimezoneOffset()).toBe(offsetMinutes)
    expect(end(period, instant)).toBe(expected)
  })
})

test('E3: every hour of forty years: the end is ahead, on a midnight, and holds until it comes', () => {
  const hour = 3_600_000
  const ends = { Day: 0, Week: 0, Month: 0 }
  for (let at = Date.UTC(2000, 0, 1); at < Date.UTC(2040, 0, 1); at += hour) {
    for (const period of ['Day', 'Week', 'Month'] as const) {
      const next = findPeriodEndMs(period, at)
      if (next <= at || next % 86_400_000 !== 0 || (next !== ends[period] && at < ends[period])) {
        throw new Error(`${period} at ${new Date(at).toISOString()}: ${next}`)
      }
      ends[period] = next
    }
  }
  expect(new Date(ends.Week).getUTCDay()).toBe(1)
  expect(new Date(ends.Month).getUTCDate()).toBe(1)
})
