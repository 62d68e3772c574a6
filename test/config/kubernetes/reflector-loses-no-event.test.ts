// F6: whatever happens to the bytes of a watch, every event is applied once and in order, and the mirror ends right.
import { describe, expect, test } from 'vitest'
import { makeModel, startReflector } from './reflector-fixture.ts'
import { renderEvent } from './scripted-api-server.ts'

test.each([
  ['a malformed line', '{"type":"MODIFIED","object":{"metadata":{"name":"a",\n'],
  ['a line that is no event', '"hello"\n'],
  ['an event without an object', '{"type":"MODIFIED"}\n'],
  ['binary noise', '\u0000\u0001\u0002\n'],
])('%s ends the watch, which resumes after the last good event', async (_, line) => {
  const { server, clock, waitForNames, logLines } = await startReflector()
  ;(await server.nextList()).sendList('10', [])
  const watch = (await server.nextWatch()).openWatch()
  watch.sendBytes(renderEvent('ADDED', makeModel('a', '11')) + line + renderEvent('ADDED', makeModel('b', '13')))
  await clock.passDelay()
  await watch.waitForClose()
  const resumed = await server.nextWatch()
  expect(resumed.resourceVersion).toBe('11')
  resumed.openWatch().sendEvent('MODIFIED', makeModel('a', '12'))
  resumed.sendEvent('ADDED', makeModel('b', '13'))
  await waitForNames('a@12', 'b@13')
  expect(logLines.join()).not.toContain('hello')
})

test.each([
  ['a clean end', 'end'],
  ['a broken connection', 'destroy'],
] as const)('half a line before %s: resumes before it', async (_, ending) => {
  const { server, clock, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [])
  const watch = (await server.nextWatch()).openWatch()
  watch.sendEvent('ADDED', makeModel('a', '11'))
  watch.sendBytes(renderEvent('ADDED', makeModel('b', '12')).slice(0, -20))
  await waitForNames('a@11')
  clock.advance(5_000)
  watch[ending]()
  const resumed = await server.nextWatch()
  expect(resumed.resourceVersion).toBe('11')
  resumed.openWatch().sendEvent('ADDED', makeModel('b', '12'))
  await waitForNames('a@11', 'b@12')
})

test('events cut at every byte, also inside a character, are whole', async () => {
  const { server, reflector, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [])
  const watch = (await server.nextWatch()).openWatch()
  const spec = { modelName: 'größe 模型 👩‍🚀' }
  const bytes = Buffer.from(
    renderEvent('ADDED', makeModel('a', '11', { spec })) + renderEvent('MODIFIED', makeModel('a', '12', { spec })),
  )
  for (let index = 0; index < bytes.length; index += 1) watch.sendBytes(bytes.subarray(index, index + 1))
  await waitForNames('a@12')
  expect(reflector.objects.get('team\0a')?.spec).toEqual(spec)
})

test('a 5 MB object passes, in a watch and in a list', async () => {
  const { server, reflector, waitForNames } = await startReflector()
  const spec = { modelName: 'x'.repeat(5 * 1024 * 1024) }
  ;(await server.nextList()).sendList('10', [makeModel('listed', '9', { spec })])
  const watch = (await server.nextWatch()).openWatch()
  watch.sendEvent('ADDED', makeModel('watched', '11', { spec }))
  watch.sendEvent('ADDED', makeModel('after', '12'))
  await waitForNames('listed@9', 'watched@11', 'after@12')
  expect(reflector.objects.get('team\0watched')?.spec).toEqual(spec)
})

test('ten thousand events in one burst all count, with few calls of onChange', async () => {
  const { server, reflector, waitForNames, readChangeCount } = await startReflector()
  ;(await server.nextList()).sendList('10', [])
  const watch = (await server.nextWatch()).openWatch()
  const events = Array.from({ length: 10_000 }, (_, index) => {
    return renderEvent('MODIFIED', makeModel(`m${index % 100}`, String(100 + index)))
  })
  watch.sendBytes(events.join(''))
  await waitForNames(...Array.from({ length: 100 }, (_, index) => `m${index}@${10_000 + index}`))
  expect(reflector.objects.size).toBe(100)
  expect(readChangeCount()).toBeLessThan(1_000)
})

describe('events that say nothing new', () => {
  test('DELETED for an unknown object is no change and no end', async () => {
    const { server, clock, waitForNames, readChangeCount } = await startReflector()
    ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
    const watch = (await server.nextWatch()).openWatch()
    watch.sendEvent('DELETED', makeModel('never-seen', '11'))
    watch.sendEvent('ADDED', makeModel('b', '12'))
    await waitForNames('a@7', 'b@12')
    clock.advance(60_000)
    watch.sendEvent('DELETED', makeModel('never-seen', '13'))
    watch.end()
    expect((await server.nextWatch()).resourceVersion).toBe('13')
    expect(readChangeCount()).toBe(2)
  })

  test('a repeated MODIFIED is no change and keeps the same object', async () => {
    const { server, reflector, waitForNames, readChangeCount } = await startReflector()
    ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
    const watch = (await server.nextWatch()).openWatch()
    watch.sendEvent('MODIFIED', makeModel('a', '11'))
    await waitForNames('a@11')
    const before = reflector.objects.get('team\0a')
    const changesBefore = readChangeCount()
    watch.sendEvent('MODIFIED', makeModel('a', '11'))
    watch.sendEvent('ADDED', makeModel('a', '11'))
    watch.sendEvent('ADDED', makeModel('b', '12'))
    await waitForNames('a@11', 'b@12')
    expect(reflector.objects.get('team\0a')).toBe(before)
    expect(readChangeCount() - changesBefore).toBeLessThanOrEqual(2)
  })

  test('stale events, replayed after a resume, end in the newest state', async () => {
    const { server, clock, waitForNames } = await startReflector()
    ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
    const watch = (await server.nextWatch()).openWatch()
    watch.sendEvent('MODIFIED', makeModel('a', '11'))
    watch.sendEvent('DELETED', makeModel('a', '12'))
    watch.sendEvent('ADDED', makeModel('a', '9'))
    await waitForNames('a@9')
    // Versions have no order of their own: what the server says last holds, here and in client-go.
    watch.sendEvent('MODIFIED', makeModel('a', '13'))
    await waitForNames('a@13')
    clock.advance(60_000)
    watch.end()
    expect((await server.nextWatch()).resourceVersion).toBe('13')
  })

  test('an unknown type of event is passed over', async () => {
    const { server, waitForNames } = await startReflector()
    ;(await server.nextList()).sendList('10', [])
    const watch = (await server.nextWatch()).openWatch()
    watch.sendEvent('TELEPORTED', makeModel('a', '11'))
    watch.sendEvent('ADDED', makeModel('b', '12'))
    await waitForNames('b@12')
  })
})

test('an object that was deleted and made again is a new one, even with the same version', async () => {
  const { server, reflector, waitForNames } = await startReflector()
  ;(await server.nextList()).sendList('10', [makeModel('a', '7')])
  const watch = (await server.nextWatch()).openWatch()
  const again = makeModel('a', '7')
  watch.sendEvent('ADDED', { ...again, metadata: { ...again.metadata, uid: 'another' } })
  watch.sendEvent('ADDED', makeModel('b', '12'))
  await waitForNames('a@7', 'b@12')
  expect(reflector.objects.get('team\0a')?.metadata.uid).toBe('another')
})

test('managedFields and the last-applied annotation are not kept; other annotations are', async () => {
  const { server, reflector, waitForNames } = await startReflector()
  const noisy = makeModel('a', '7')
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', keep: 'me' }
  ;(await server.nextList()).sendList('10', [
    { ...noisy, metadata: { ...noisy.metadata, managedFields: [{ manager: 'kubectl' }], annotations } },
  ])
  await waitForNames('a@7')
  expect(reflector.objects.get('team\0a')?.metadata).toEqual({ ...noisy.metadata, annotations: { keep: 'me' } })
})
