// F8: an API server that is down is one trouble, told once, and over for every kind soon after the first has its answer.
import { expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { startReflector } from './reflector-fixture.ts'
import { createSourceFixture, paths } from './source-fixture.ts'

test('down at start: one problem that names the server, and one log line', async () => {
  const { source, server, start, clock, logLines } = await createSourceFixture()
  server.autoAnswer = (request) => {
    request.destroy()
    return true
  }
  await start()
  const problems = source.readProblems()
  expect(problems.map(({ location }) => location)).toEqual(['kubernetes'])
  expect(problems[0]?.reason.startsWith(`${server.url}: `)).toBe(true)
  const requestsBefore = server.requestCount
  await clock.passDelay()
  await until(() => server.requestCount >= requestsBefore + 8, 'every kind has tried again')
  await until(() => clock.delaysMs.filter((ms) => ms === 1_600).length === 8, 'and failed again')
  expect(logLines).toHaveLength(1)
  expect(logLines[0]).toContain(`kubernetes: ${problems[0]?.reason}; will try again`)
})

test('in mid-life the source logs nothing of it: its problems are reported', async () => {
  const { source, server, start, waitForWatch, logLines } = await createSourceFixture()
  await start()
  for (const path of Object.values(paths)) await waitForWatch(path)
  await server.goDown()
  await until(() => source.readProblems().length === 1, 'one problem')
  expect(source.isSynced()).toBe(true)
  expect(logLines).toEqual([])
})

test('back again: the first kind that is answered brings the others along, before their own delays are over', async () => {
  const { source, server, start, clock, waitForWatch } = await createSourceFixture()
  await start()
  const routes = await waitForWatch(paths.aiGatewayRoutes)
  const answer = server.autoAnswer
  // Everything but the routes fails until its delays are long.
  for (const path of Object.values(paths)) await waitForWatch(path)
  server.autoAnswer = (request) => {
    request.destroy()
    return true
  }
  const others = Object.values(paths).filter((path) => path !== paths.aiGatewayRoutes)
  for (const path of others) (await waitForWatch(path)).destroy()
  for (const delayMs of [800, 1_600, 3_200, 6_400]) {
    await until(() => clock.delaysMs.filter((ms) => ms === delayMs).length === others.length, `${delayMs} ms each`)
    clock.advance(delayMs)
  }
  await until(() => clock.delaysMs.filter((ms) => ms === 12_800).length === others.length, '12,800 ms each')
  routes.destroy()
  await until(() => clock.delaysMs.includes(800), 'the routes back off too')
  server.autoAnswer = answer
  clock.advance(800)
  await until(() => clock.delaysMs.includes(0), 'the others are to try soon')
  clock.advance(0)
  await until(() => source.readProblems().length === 0, 'all is well')
})

test('one that goes on failing is not hurried again within 10 s: a flapping server is not called in a loop', async () => {
  const { server, clock, reflector } = await startReflector()
  ;(await server.nextList()).sendStatus(500)
  await until(() => clock.delaysMs.includes(800), 'waiting')
  reflector.retrySoon()
  clock.advance(0)
  ;(await server.nextList()).sendStatus(500)
  await until(() => clock.delaysMs.includes(1_600), 'waiting again')
  reflector.retrySoon()
  expect(clock.delaysMs).toEqual([1_600])
  clock.advance(1_600)
  ;(await server.nextList()).sendStatus(500)
  await until(() => clock.delaysMs.includes(3_200), 'and again')
  clock.advance(3_200)
  ;(await server.nextList()).sendStatus(500)
  await until(() => clock.delaysMs.includes(6_400), 'and again')
  clock.advance(6_000)
  reflector.retrySoon()
  clock.advance(0)
  ;(await server.nextList()).sendList('10', [])
  await until(() => reflector.isSynced, 'synced before its delay was over')
})
