// F9: large collections come in pages; when the snapshot behind the pages expires, all of it comes in one.
import { expect, test } from 'vitest'
import { expiredStatus, makeModel, startReflector } from './reflector-fixture.ts'

test('follows `continue` 500 at a time, and is synced only after the last page', async () => {
  const { server, reflector, waitForNames, readChangeCount } = await startReflector()
  const first = await server.nextList()
  expect(first.url.search).toBe('?limit=500')
  first.sendList('10', [makeModel('a', '1')], 'token two')
  const second = await server.nextList()
  expect(second.url.searchParams.get('limit')).toBe('500')
  expect(second.url.searchParams.get('continue')).toBe('token two')
  expect(reflector.isSynced).toBe(false)
  expect(reflector.objects.size).toBe(0)
  second.sendList('10', [makeModel('b', '2')])
  await waitForNames('a@1', 'b@2')
  expect(readChangeCount()).toBe(1)
  expect((await server.nextWatch()).resourceVersion).toBe('10')
})

test('a `continue` that expired in the middle of 10,000 objects: one full list without a limit', async () => {
  const { server, reflector, waitForNames } = await startReflector()
  const models = Array.from({ length: 10_000 }, (_, index) => makeModel(`m${index}`, String(index + 1)))
  ;(await server.nextList()).sendList('10000', models.slice(0, 500), 'page-2')
  ;(await server.nextList()).sendStatus(410, { ...expiredStatus, metadata: { continue: 'inconsistent' } })
  const full = await server.nextList()
  expect(full.url.search).toBe('')
  full.sendList('10007', models.slice(1))
  await waitForNames(...models.slice(1).map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`))
  expect(reflector.objects.size).toBe(9_999)
  expect((await server.nextWatch()).resourceVersion).toBe('10007')
})

test('a full list that fails as well is tried again from the first page', async () => {
  const { server, clock, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('a', '1')], 'page-2')
  ;(await server.nextList()).sendStatus(410, expiredStatus)
  ;(await server.nextList()).sendStatus(500)
  await clock.passDelay()
  const again = await server.nextList()
  expect(again.url.search).toBe('?limit=500')
  again.sendList('12', [makeModel('a', '1')])
  await waitForNames('a@1')
})

test('a list that breaks off in the middle of its body is no list', async () => {
  const { server, clock, reflector, waitForNames } = await startReflector()
  const broken = (await server.nextList()).openWatch()
  broken.sendBytes('{"kind":"List","metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"a"}}')
  broken.end()
  await clock.passDelay()
  expect(reflector.isSynced).toBe(false)
  ;(await server.nextList()).sendList('10', [makeModel('a', '1')])
  await waitForNames('a@1')
})
