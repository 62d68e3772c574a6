// F8: with the API server down, dials thin out from 0.8 to 30 s, jittered; nothing mirrored is lost; it never gives up.
import { expect, test } from 'vitest'
import { Backoff } from '../../../src/config/kubernetes/backoff.ts'
import { until } from '../../support/until.ts'
import { FakeClock } from './fake-clock.ts'
import { makeModel, startReflector } from './reflector-fixture.ts'

test('down for five minutes at start: 15 dials at most, not synced, then synced', async () => {
  const { server, clock, reflector, waitForNames } = await startReflector()
  const delaysMs: number[] = []
  server.autoAnswer = (request) => {
    request.destroy()
    return true
  }
  const startMs = clock.readNowMs()
  while (clock.readNowMs() - startMs < 300_000) delaysMs.push(await clock.passDelay())
  expect(delaysMs.slice(0, 8)).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000])
  expect(server.connectionCount).toBeLessThanOrEqual(15)
  expect(server.connectionCount).toBeGreaterThanOrEqual(delaysMs.length)
  expect(reflector.isSynced).toBe(false)
  expect(reflector.problem).not.toBe(null)
  await until(() => clock.delaysMs.includes(30_000), 'the next delay')
  server.autoAnswer = () => false
  await clock.passDelay()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
  await waitForNames('a@7')
  expect(reflector.isSynced).toBe(true)
})

test('gone in mid-life, the port closed: stays synced with what it has, resumes when it is back', async () => {
  const { server, clock, reflector, waitForNames, readNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
  const watch = (await server.nextWatch()).openWatch()
  watch.sendEvent('ADDED', makeModel('b', '11'))
  await waitForNames('a@7', 'b@11')
  clock.advance(5_000)
  await server.goDown()
  for (const expectedMs of [800, 1_600, 3_200, 6_400]) expect(await clock.passDelay()).toBe(expectedMs)
  await until(() => clock.delaysMs.includes(12_800), 'the next delay')
  expect(reflector.problem).toContain('ECONNREFUSED')
  expect(reflector.isSynced).toBe(true)
  expect(readNames()).toEqual(['a@7', 'b@11'])
  await server.listen()
  await clock.passDelay()
  const resumed = (await server.nextWatch()).openWatch()
  expect(resumed.resourceVersion).toBe('11')
  resumed.sendEvent('DELETED', makeModel('a', '15'))
  await waitForNames('b@11')
  expect(reflector.problem).toBe(null)
})

test('a server that hangs up on every watch at once is not called in a loop', async () => {
  const { server, clock } = await startReflector()
  ;(await server.nextList()).sendList('10', [])
  for (const expectedMs of [800, 1_600, 3_200]) {
    const watch = (await server.nextWatch()).openWatch()
    watch.end()
    expect(await clock.passDelay()).toBe(expectedMs)
  }
})

test('a dial that fails slowly was no healthy watch: it backs off', async () => {
  const { server, clock, reflector } = await startReflector()
  ;(await server.nextList()).sendList('10', [])
  for (const expectedMs of [800, 1_600]) {
    const watch = await server.nextWatch()
    clock.advance(10_000)
    watch.destroy()
    expect(await clock.passDelay()).toBe(expectedMs)
    expect(reflector.problem).not.toBe(null)
  }
})

test('a fleet does not dial in step: up to as much again by chance', () => {
  const backoff = new Backoff(new FakeClock(0.999))
  const delays = Array.from({ length: 8 }, () => Math.round(backoff.nextDelayMs() / 100) * 100)
  expect(delays).toEqual([1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000, 60_000])
})

test('two minutes without a failure, and the next one is the first again', () => {
  const clock = new FakeClock()
  const backoff = new Backoff(clock)
  for (let index = 0; index < 10; index += 1) backoff.nextDelayMs()
  clock.advance(120_000)
  expect(backoff.nextDelayMs()).toBe(30_000)
  clock.advance(120_001)
  expect(backoff.nextDelayMs()).toBe(800)
})

test('stop ends it in every state: waiting, listing, watching', async () => {
  for (const state of ['listing', 'waiting', 'watching']) {
    const { server, clock, reflector } = await startReflector()
    const list = await server.nextList()
    if (state === 'waiting') list.sendStatus(500)
    if (state === 'watching') list.sendList('10', [])
    if (state === 'waiting') await until(() => clock.delaysMs.includes(800), 'waiting')
    if (state === 'watching') (await server.nextWatch()).openWatch()
    await reflector.stop()
    expect(clock.delaysMs).toEqual([])
    expect(reflector.problem).toBe(state === 'waiting' ? 'HTTP 500' : null)
  }
})
