// F7: a connection that went silent is given up after 90 s without a byte, and what was missed is made up for.
import { expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { makeBookmark, makeModel, startReflector } from './reflector-fixture.ts'

test('a watch without a byte for 90 s is aborted and resumed; a delete missed meanwhile is applied', async () => {
  const { server, clock, reflector, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7'), makeModel('b', '8')])
  const watch = (await server.nextWatch()).openWatch()
  clock.advance(1_000)
  watch.sendEvent('BOOKMARK', makeBookmark('11'))
  await until(() => reflector.lastHeardMs === clock.readNowMs(), 'the bookmark was heard')
  clock.advance(90_000)
  await watch.waitForClose()
  expect(await clock.passDelay()).toBe(800)
  const resumed = await server.nextWatch()
  expect(resumed.resourceVersion).toBe('11')
  resumed.openWatch().sendEvent('DELETED', makeModel('a', '12'))
  await waitForNames('b@8')
})

test('any byte counts: bookmarks, and the slow bytes of a large object', async () => {
  const { server, clock, reflector, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [])
  const watch = (await server.nextWatch()).openWatch()
  for (let minute = 1; minute <= 5; minute += 1) {
    clock.advance(60_000)
    watch.sendEvent('BOOKMARK', makeBookmark(String(10 + minute)))
    await until(() => reflector.lastHeardMs === clock.readNowMs(), 'the bookmark was heard')
  }
  clock.advance(80_000)
  watch.sendEvent('ADDED', makeModel('a', '20'))
  await waitForNames('a@20')
  expect(server.requestCount).toBe(2)
})

test('a server that takes the connection and never answers is given up too, at a list and at a watch', async () => {
  const { server, clock, waitForNames } = await startReflector()
  const hanging = await server.nextList()
  clock.advance(90_000)
  await hanging.waitForClose()
  await clock.passDelay()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
  const watch = await server.nextWatch()
  clock.advance(90_000)
  await watch.waitForClose()
  await clock.passDelay()
  expect((await server.nextWatch()).resourceVersion).toBe('10')
  await waitForNames('a@7')
})

test('two accepted watches in a row without even a bookmark: lists anew, as after a restored etcd (F8)', async () => {
  const { server, clock, reflector, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('1000', [makeModel('a', '900')])
  await waitForNames('a@900')
  for (let round = 0; round < 2; round += 1) {
    const watch = (await server.nextWatch()).openWatch()
    await until(() => reflector.isWatching, 'the watch is accepted')
    clock.advance(90_000)
    await watch.waitForClose()
    await clock.passDelay()
  }
  ;(await server.nextList()).sendList('40', [makeModel('b', '30')])
  await waitForNames('b@30')
  // One silent watch is not enough to list again.
  const watch = (await server.nextWatch()).openWatch()
  expect(watch.resourceVersion).toBe('40')
  await until(() => reflector.isWatching, 'the watch is accepted')
  clock.advance(90_000)
  await clock.passDelay()
  expect((await server.nextWatch()).resourceVersion).toBe('40')
})

test('how long nothing was heard can be read, and bookmarks count', async () => {
  const { server, clock, reflector } = await startReflector()
  ;(await server.nextList()).sendList('10', [])
  const watch = (await server.nextWatch()).openWatch()
  clock.advance(45_000)
  expect(clock.readNowMs() - reflector.lastHeardMs).toBe(45_000)
  watch.sendEvent('BOOKMARK', makeBookmark('11'))
  await until(() => clock.readNowMs() === reflector.lastHeardMs, 'the bookmark was heard')
})
