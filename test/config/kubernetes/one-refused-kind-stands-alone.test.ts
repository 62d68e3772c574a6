// F6: 403, 404 or anything else for one kind is that kind's trouble: the others are read, and it is asked again.
import { expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { createSourceFixture, makeObject, paths } from './source-fixture.ts'

const spec = { modelName: 'm' }

test('403 for Secrets: the source is not synced and says which kind; the others go on', async () => {
  const { source, lists, clock, start, waitForWatch, logLines } = await createSourceFixture()
  lists.set(paths.secrets, 403)
  lists.set(paths.aiModels, [makeObject('team', 'a', { spec })])
  await start()
  expect(source.isSynced()).toBe(false)
  expect(source.readProblems()).toEqual([{ location: 'kubernetes secrets', reason: 'HTTP 403: refused with 403' }])
  expect(source.read().aiModels.map(({ metadata }) => metadata.name)).toEqual(['a'])
  ;(await waitForWatch(paths.aiModels)).sendEvent('ADDED', makeObject('team', 'b', { spec }))
  await until(() => source.read().aiModels.length === 2, 'the other kind goes on')
  expect(logLines.join()).toContain('kubernetes secrets: HTTP 403: refused with 403; will try again')
  lists.set(paths.secrets, [])
  await clock.passDelay()
  await until(() => source.isSynced(), 'synced once it is allowed')
  expect(source.readProblems()).toEqual([])
})

test('403 in mid-life: what was read of the kind stays, and the source stays synced', async () => {
  const { source, lists, start, waitForWatch, readDirtyCount } = await createSourceFixture()
  lists.set(paths.secrets, [makeObject('team', 'key', { data: { token: 'eA==' } })])
  await start()
  const watch = await waitForWatch(paths.secrets)
  lists.set(paths.secrets, 403)
  const dirtyBefore = readDirtyCount()
  watch.sendEvent('BOOKMARK', { metadata: { resourceVersion: '101' } })
  watch.sendEvent('ERROR', { code: 410, reason: 'Expired', message: 'too old' })
  await until(() => source.readProblems().length === 1, 'the problem is listed')
  expect(source.isSynced()).toBe(true)
  expect(source.read().secrets).toHaveLength(1)
  expect(readDirtyCount()).toBeGreaterThan(dirtyBefore)
})

test('404 for one of our CRDs: not synced, the problem listed, and found when it is installed', async () => {
  const { source, lists, clock, start } = await createSourceFixture()
  lists.set(paths.aiGatewayRoutes, 404)
  await start()
  expect(source.isSynced()).toBe(false)
  expect(source.readProblems().map(({ location }) => location)).toEqual(['kubernetes aigatewayroutes'])
  lists.set(paths.aiGatewayRoutes, [makeObject('team', 'r', { spec: { path: '/x' } })])
  await clock.passDelay()
  await until(() => source.isSynced(), 'synced once it is there')
  expect(source.read().aiGatewayRoutes).toHaveLength(1)
})

test('404 for ReferenceGrant: an empty collection and no problem, asked for again after a minute', async () => {
  const { source, lists, clock, start } = await createSourceFixture()
  lists.set(paths.referenceGrants, 404)
  await start()
  expect(source.isSynced()).toBe(true)
  expect(source.readProblems()).toEqual([])
  expect(source.read().referenceGrants).toEqual([])
  lists.set(paths.referenceGrants, [makeObject('team', 'g', { spec: { from: [], to: [] } })])
  expect(await clock.passDelay()).toBe(60_000)
  await until(() => source.read().referenceGrants.length === 1, 'the grant is found')
})

test('ReferenceGrant is uninstalled: its grants go', async () => {
  const { source, lists, start, waitForWatch, endWatchInTime } = await createSourceFixture()
  lists.set(paths.referenceGrants, [makeObject('team', 'g', { spec: { from: [], to: [] } })])
  await start()
  expect(source.read().referenceGrants).toHaveLength(1)
  await waitForWatch(paths.referenceGrants)
  lists.set(paths.referenceGrants, 404)
  await endWatchInTime(paths.referenceGrants, 'ReferenceGrant')
  await until(() => source.read().referenceGrants.length === 0, 'the grants are gone')
  expect(source.isSynced()).toBe(true)
})

test('no token reaches a problem or a log line, even when the server repeats it', async () => {
  const token = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2lnbmF0dXJl'
  const { source, server, start, logLines } = await createSourceFixture()
  server.autoAnswer = (request) => {
    request.sendStatus(401, { message: `Unauthorized:\ntoken ${token} is not valid` })
    return true
  }
  await start()
  const problems = JSON.stringify(source.readProblems())
  expect(problems).toContain('Unauthorized: token [redacted] is not valid')
  expect(`${problems}${logLines.join()}`).not.toContain(token.slice(0, 20))
})
