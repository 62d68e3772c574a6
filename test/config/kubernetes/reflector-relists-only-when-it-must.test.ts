// F6: a new list only after 410 (as HTTP status or ERROR event) or a too large resource version; else a watch resumes.
import { expect, test } from 'vitest'
import { expiredStatus, makeBookmark, makeModel, startReflector } from './reflector-fixture.ts'

test('a watch that ends is resumed from the last event or bookmark, at once and without a list', async () => {
  const { server, clock, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
  const first = (await server.nextWatch()).openWatch()
  expect(first.resourceVersion).toBe('10')
  expect(first.url.searchParams.get('allowWatchBookmarks')).toBe('true')
  first.sendEvent('ADDED', makeModel('b', '11'))
  await waitForNames('a@7', 'b@11')
  clock.advance(60_000)
  first.end()
  const second = (await server.nextWatch()).openWatch()
  expect(second.resourceVersion).toBe('11')
  second.sendEvent('BOOKMARK', makeBookmark('40'))
  second.sendEvent('ADDED', makeModel('c', '41'))
  second.sendEvent('BOOKMARK', makeBookmark('50'))
  await waitForNames('a@7', 'b@11', 'c@41')
  clock.advance(60_000)
  second.end()
  expect((await server.nextWatch()).resourceVersion).toBe('50')
})

test('asks the server to end a watch after 5 to 10 minutes, by chance', async () => {
  for (const [random, seconds] of [
    [0, '300'],
    [0.5, '450'],
    [0.999, '599'],
  ] as const) {
    const { server } = await startReflector({ random })
    ;(await server.nextList()).sendList('10', [])
    expect((await server.nextWatch()).url.searchParams.get('timeoutSeconds')).toBe(seconds)
  }
})

test('410 as the answer to the first watch: lists anew after a backoff, and goes on', async () => {
  const { server, clock, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
  ;(await server.nextWatch()).sendStatus(410, expiredStatus)
  expect(await clock.passDelay()).toBe(800)
  ;(await server.nextList()).sendList('20', [makeModel('b', '15')])
  expect((await server.nextWatch()).resourceVersion).toBe('20')
  await waitForNames('b@15')
})

test('410 as the first event: the same', async () => {
  const { server, clock, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
  ;(await server.nextWatch()).openWatch().sendEvent('ERROR', expiredStatus)
  expect(await clock.passDelay()).toBe(800)
  ;(await server.nextList()).sendList('20', [])
  await waitForNames()
})

test('410 in the middle of a watch: lists at once, applies missed deletes, and keeps what did not change', async () => {
  const { server, reflector, waitForNames, readChangeCount } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('kept', '5'), makeModel('gone', '6'), makeModel('changed', '7')])
  const watch = (await server.nextWatch()).openWatch()
  watch.sendEvent('ADDED', makeModel('new', '11'))
  await waitForNames('kept@5', 'gone@6', 'changed@7', 'new@11')
  const before = new Map(reflector.objects)
  const changesBefore = readChangeCount()
  watch.sendEvent('ERROR', expiredStatus)
  ;(await server.nextList()).sendList('30', [
    makeModel('kept', '5'),
    makeModel('changed', '29'),
    makeModel('new', '11'),
  ])
  await waitForNames('kept@5', 'changed@29', 'new@11')
  expect(reflector.objects.get('team\0kept')).toBe(before.get('team\0kept'))
  expect(reflector.objects.get('team\0new')).toBe(before.get('team\0new'))
  expect(reflector.objects.get('team\0changed')).not.toBe(before.get('team\0changed'))
  expect(readChangeCount()).toBe(changesBefore + 1)
  expect((await server.nextWatch()).resourceVersion).toBe('30')
})

test('while it lists anew, what was mirrored stays', async () => {
  const { server, reflector, waitForNames, readNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
  const watch = (await server.nextWatch()).openWatch()
  watch.sendEvent('ADDED', makeModel('b', '11'))
  await waitForNames('a@7', 'b@11')
  watch.sendEvent('ERROR', expiredStatus)
  const list = await server.nextList()
  expect(readNames()).toEqual(['a@7', 'b@11'])
  expect(reflector.isSynced).toBe(true)
  list.sendList('30', [makeModel('c', '30')], 'page-2')
  const page = await server.nextList()
  expect(readNames()).toEqual(['a@7', 'b@11'])
  page.sendList('30', [makeModel('d', '30')])
  await waitForNames('c@30', 'd@30')
})

test('a list that finds nothing changed is no change', async () => {
  const { server, waitForNames, readChangeCount } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
  const watch = (await server.nextWatch()).openWatch()
  watch.sendEvent('BOOKMARK', makeBookmark('12'))
  watch.sendEvent('ERROR', expiredStatus)
  ;(await server.nextList()).sendList('30', [makeModel('a', '7')])
  await server.nextWatch()
  await waitForNames('a@7')
  expect(readChangeCount()).toBe(1)
})

test.each([
  ['a cause', { reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } }],
  ['a message, as old servers do', { reason: 'Timeout', message: 'Too large resource version: 10, current: 3' }],
])('a too large resource version, told by %s: lists anew (etcd was restored)', async (_, status) => {
  const { server, clock, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
  ;(await server.nextWatch()).sendStatus(504, status)
  await clock.passDelay()
  ;(await server.nextList()).sendList('3', [makeModel('a', '2')])
  await waitForNames('a@2')
})

test.each([
  ['500 as an answer', (): [number, object] => [500, { reason: 'InternalError', message: 'etcd is unwell' }]],
  ['503 without a body', (): [number, object] => [503, {}]],
  ['504 of a plain timeout', (): [number, object] => [504, { reason: 'Timeout', message: 'request timed out' }]],
])('%s to a watch: resumes after a backoff, without a list', async (_, answer) => {
  const { server, clock, reflector, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
  ;(await server.nextWatch()).sendStatus(...answer())
  expect(await clock.passDelay()).toBe(800)
  const watch = await server.nextWatch()
  expect(watch.resourceVersion).toBe('10')
  expect(reflector.problem).toMatch(/^HTTP 5/)
  watch.openWatch().sendEvent('ADDED', makeModel('b', '11'))
  await waitForNames('a@7', 'b@11')
  expect(reflector.problem).toBe(null)
})

test('an ERROR event that is not 410: resumes after a backoff, without a list', async () => {
  const { server, clock, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [])
  const watch = (await server.nextWatch()).openWatch()
  watch.sendEvent('ADDED', makeModel('a', '11'))
  watch.sendEvent('ERROR', { kind: 'Status', code: 500, reason: 'InternalError', message: 'unable to encode' })
  expect(await clock.passDelay()).toBe(800)
  expect((await server.nextWatch()).resourceVersion).toBe('11')
  await waitForNames('a@11')
})

test('a list that fails is tried again for as long as it takes', async () => {
  const { server, clock, reflector, waitForNames } = await startReflector()
  for (const code of [500, 403, 401, 404, 410, 502]) {
    ;(await server.nextList()).sendStatus(code)
    await clock.passDelay()
    expect(reflector.isSynced).toBe(false)
    expect(reflector.problem).toBe(`HTTP ${code}`)
  }
  ;(await server.nextList()).sendJson(200, { kind: 'Status', unexpected: true })
  await clock.passDelay()
  ;(await server.nextList()).sendList('9', [makeModel('a', '7')])
  await waitForNames('a@7')
  expect(reflector.isSynced).toBe(true)
  expect(reflector.problem).toBe(null)
})
