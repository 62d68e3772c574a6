// While nobody of a process rests, picks look at nobody: the count of those that rest has to be right, whoever comes back
// and whoever is forgotten.
import { expect, test } from 'vitest'
import { MemberStates } from '../../src/upstream/member-state.ts'

test('who begins to rest counts once, who is back no more', () => {
  const states = new MemberStates()
  const [a, b] = [states.get('a'), states.get('b')]
  expect(a.mayRest).toBe(false)
  a.restsUntil = 100
  a.restsUntil = 200
  expect([a.mayRest, b.mayRest]).toEqual([true, true])
  b.restsUntil = 50
  a.restsUntil = 0
  expect(a.mayRest).toBe(true)
  b.restsUntil = 0
  b.restsUntil = 0
  expect([a.mayRest, b.mayRest]).toEqual([false, false])
})

test('who is forgotten while it rests leaves nothing behind, whatever becomes of it', () => {
  const states = new MemberStates()
  const [kept, gone] = [states.get('kept'), states.get('gone')]
  gone.restsUntil = 100
  states.sweep(new Set([kept]))
  expect([kept.mayRest, gone.mayRest]).toEqual([false, true])
  // An exchange that was under way says so only now.
  gone.restsUntil = 0
  gone.restsUntil = 300
  expect([kept.mayRest, gone.mayRest]).toEqual([false, true])
  kept.restsUntil = 400
  gone.restsUntil = 0
  expect([kept.mayRest, gone.mayRest]).toEqual([true, false])
  expect(states.get('gone')).not.toBe(gone)
})

test('another process’s backends are its own', () => {
  const states = new MemberStates()
  const others = new MemberStates()
  states.get('a').restsUntil = 1
  expect(others.get('a').mayRest).toBe(false)
})
