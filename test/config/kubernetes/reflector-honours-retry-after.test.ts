// F6: 429 with Retry-After: waits for as long as it was told, then goes on where it was; never a new list for it.
import { expect, test } from 'vitest'
import { makeModel, startReflector } from './reflector-fixture.ts'

test('a throttled watch waits as told, and resumes without a list', async () => {
  const { server, clock, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [])
  ;(await server.nextWatch()).sendStatus(429, {}, { 'retry-after': '7' })
  expect(await clock.passDelay()).toBe(7_000)
  const watch = await server.nextWatch()
  expect(watch.resourceVersion).toBe('10')
  watch.openWatch().sendEvent('ADDED', makeModel('a', '11'))
  await waitForNames('a@11')
})

test('told in the Status object, or in an ERROR event, it counts as well', async () => {
  const { server, clock } = await startReflector()
  const status = { code: 429, reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } }
  ;(await server.nextList()).sendList('10', [])
  ;(await server.nextWatch()).sendStatus(429, status)
  expect(await clock.passDelay()).toBe(3_000)
  ;(await server.nextWatch()).openWatch().sendEvent('ERROR', status)
  expect(await clock.passDelay()).toBe(3_000)
  expect((await server.nextWatch()).resourceVersion).toBe('10')
})

test('without Retry-After, or with a useless one, it backs off', async () => {
  const { server, clock } = await startReflector()
  ;(await server.nextList()).sendList('10', [])
  const delaysMs: number[] = []
  for (const retryAfter of [null, '0', '-5', 'soon']) {
    ;(await server.nextWatch()).sendStatus(429, {}, retryAfter === null ? {} : { 'retry-after': retryAfter })
    delaysMs.push(await clock.passDelay())
  }
  expect(delaysMs).toEqual([800, 1_600, 3_200, 6_400])
  expect((await server.nextWatch()).resourceVersion).toBe('10')
})

test('a throttled first list is tried again after the time', async () => {
  const { server, clock, waitForNames } = await startReflector()
  ;(await server.nextList()).sendStatus(429, {}, { 'retry-after': '2' })
  expect(await clock.passDelay()).toBe(2_000)
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
  await waitForNames('a@7')
})

test('throttled between two pages: the pages already here stay good', async () => {
  const { server, clock, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')], 'page-2')
  ;(await server.nextList()).sendStatus(429, {}, { 'retry-after': '1' })
  expect(await clock.passDelay()).toBe(1_000)
  const page = await server.nextList()
  expect(page.url.searchParams.get('continue')).toBe('page-2')
  page.sendList('10', [makeModel('b', '8')])
  await waitForNames('a@7', 'b@8')
})
