// G3, G13: what real answers say of a backend: when it is left alone, for how long, and who may try it again.
import { beforeEach, describe, expect, test } from 'vitest'
import { type HealthChange, MemberHealth, type ServiceState } from '../../src/upstream/health/member-health.ts'

let state: ServiceState
let changes: HealthChange[]
let health: MemberHealth
let now: number
beforeEach(() => {
  state = { restsUntil: 0, restReason: null }
  changes = []
  now = 1_000_000
  health = new MemberHealth(state, {
    maxFailuresInRow: 5,
    random: () => 0,
    report: (change) => void changes.push(change),
  })
})

function admit(): number {
  const admission = health.admit(now)
  if (admission === null) throw new Error('not admitted')
  return admission
}

function fail(times = 1): void {
  for (let time = 0; time < times; time++) health.noteBad(admit(), now, 'reset')
}

function serve(): void {
  health.noteGood(admit(), now)
}

/** The probe after a rest. */
function probe(isGood: boolean): void {
  now = Math.max(now, state.restsUntil)
  if (isGood) serve()
  else fail()
}

describe('G13: failures', () => {
  test('five in a row put it out of service, four do not', () => {
    fail(4)
    serve()
    fail(4)
    expect(state.restsUntil).toBe(0)
    fail()
    expect(state.restsUntil).toBe(now + 5_000)
    expect(state.restReason).toBe('5 failures in a row, the last: reset')
    expect(changes).toEqual([{ reason: state.restReason, restMs: 5_000 }])
  })

  test('half of twenty within ten seconds do as well', () => {
    for (let time = 0; time < 9; time++) {
      fail()
      serve()
      now += 500
    }
    serve()
    expect(state.restsUntil).toBe(0)
    fail()
    expect(state.restReason).toBe('10 of 20 attempts failed, the last: reset')
  })

  test('what is older than ten seconds is forgotten', () => {
    for (let time = 0; time < 9; time++) {
      fail()
      serve()
    }
    now += 11_000
    serve()
    fail()
    expect(state.restsUntil).toBe(0)
  })

  test('each rest is twice the one before, up to a minute', () => {
    const rests: number[] = []
    fail(5)
    for (let time = 0; time < 6; time++) {
      rests.push(state.restsUntil - now)
      probe(false)
    }
    expect(rests).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
  })

  test('a rest is jittered, and never longer than said', () => {
    const restMs = [0, 0.5, 0.999].map((chance) => {
      const one: ServiceState = { restsUntil: 0, restReason: null }
      const jittered = new MemberHealth(one, { maxFailuresInRow: 1, random: () => chance, report: () => {} })
      jittered.noteBad(0, 0, 'reset')
      return Math.round(one.restsUntil)
    })
    expect(restMs).toEqual([5_000, 4_375, 3_751])
  })

  test('good service for as long as the last rest makes the next one short again', () => {
    fail(5)
    probe(false)
    expect(state.restsUntil).toBe(now + 10_000)
    probe(true)
    now += 9_000
    fail(5)
    expect(state.restsUntil).toBe(now + 20_000)
    probe(true)
    now += 20_000
    fail(5)
    expect(state.restsUntil).toBe(now + 5_000)
  })

  test('a bad answer that began before the rest says nothing new', () => {
    const old = admit()
    fail(5)
    const until = state.restsUntil
    health.noteBad(old, now, 'reset')
    health.noteGood(old, now)
    expect(state.restsUntil).toBe(until)
  })
})

describe('trials', () => {
  test('after its rest one request tries, and others pass it over meanwhile', () => {
    fail(5)
    now = state.restsUntil
    const trial = admit()
    expect(health.admit(now)).toBeNull()
    expect(state.restsUntil).toBeGreaterThan(now)
    health.noteServing(trial, now + 200)
    expect([state.restsUntil, state.restReason]).toEqual([0, null])
    expect(changes.map(({ restMs }) => restMs)).toEqual([5_000, 0])
    expect(health.admit(now)).toBe(0)
  })

  test('when a trial hangs, another may go after a second, then after two, then every four', () => {
    fail(5)
    now = state.restsUntil
    for (const waitMs of [1_000, 2_000, 4_000, 4_000]) {
      admit()
      now += waitMs - 1
      expect([health.admit(now), state.restsUntil > now]).toEqual([null, true])
      now += 1
    }
  })

  test('a trial whose answer takes longer than the next one waits still brings it back', () => {
    fail(5)
    now = state.restsUntil
    const slow = admit()
    now += 1_000
    admit()
    health.noteServing(slow, now + 500)
    expect(state.restsUntil).toBe(0)
  })

  test('a trial that fails long after the next one began makes the rest longer; what began before it says nothing more', () => {
    fail(5)
    now = state.restsUntil
    const slow = admit()
    now += 1_000
    const other = admit()
    now += 1_000
    health.noteBad(slow, now, 'timeout')
    expect(state.restsUntil).toBe(now + 10_000)
    health.noteBad(other, now + 500, 'timeout')
    expect(state.restsUntil).toBe(now + 10_000)
  })

  test('a client that leaves a trial makes room for the next', () => {
    fail(5)
    now = state.restsUntil
    health.noteNothing(admit(), now)
    expect(health.admit(now)).not.toBeNull()
  })

  test('while everything rests, one at a time may try: a success brings it back, a failure lengthens nothing', () => {
    fail(5)
    const until = state.restsUntil
    now += 1_000
    const first = admit()
    expect(health.admit(now)).toBeNull()
    health.noteBad(first, now, 'reset')
    expect(state.restsUntil).toBe(until)
    health.noteGood(admit(), now)
    expect(state.restsUntil).toBe(0)
  })
})

describe('G3: a backend that asks to be left alone', () => {
  test.each([
    [0, 1_000],
    [500, 1_000],
    [7_000, 7_000],
    [3_600_000, 60_000],
  ])('for %d ms is, for %d', (wishMs, restMs) => {
    health.cool(0, now, wishMs)
    expect(state.restsUntil).toBe(now + restMs)
    expect(state.restReason).toBe('asked to be left alone')
    // It has not failed: nobody is told, and its next rest for failures is a short one.
    expect(changes).toEqual([])
    probe(true)
    expect([state.restsUntil, changes]).toEqual([0, []])
  })

  test('does not come back earlier for it when it rests for its failures', () => {
    fail(5)
    const until = state.restsUntil
    health.cool(0, now, 1_000)
    expect(state.restsUntil).toBe(until)
  })
})
