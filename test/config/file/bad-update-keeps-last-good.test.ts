// F1 and F12 from file to table: the file source, the reconciler and the compiler together.
import { afterEach, describe, expect, it } from 'vitest'
import type { ConditionType } from '../../../src/api/conditions.ts'
import type { Resource } from '../../../src/api/resource.ts'
import { type CompileResult, compile } from '../../../src/compiler/compile.ts'
import { createReconciler, type ReconcileReport, type Reconciler } from '../../../src/config/reconciler.ts'
import { createFolder, eventually, joinDocuments, routeText, type WatchedFolder } from './watched-folder.ts'

const running: { folder: WatchedFolder; reconciler: Reconciler }[] = []
afterEach(async () => {
  for (const { folder, reconciler } of running.splice(0)) {
    await reconciler.stop()
    await folder.remove()
  }
})

async function serve(files: Readonly<Record<string, string>>) {
  const folder = await createFolder(files)
  const published: CompileResult[] = []
  const reports: ReconcileReport[] = []
  const reconciler = createReconciler<ReadonlyMap<string, Resource>, CompileResult>({
    sources: [folder.source],
    compile,
    publish: (result) => void published.push(result),
    report: (report) => void reports.push(report),
  })
  running.push({ folder, reconciler })
  await reconciler.start()
  await eventually(() => expect(reconciler.hasTable()).toBe(true))
  const readCondition = (name: string, type: ConditionType) =>
    reports
      .at(-1)
      ?.statuses.find((status) => status.name === name)
      ?.conditions.find((condition) => condition.type === type)
  const readPaths = () => published.at(-1)?.table.routes.map(({ match }) => match.path)
  return { folder, published, reports, readCondition, readPaths }
}

const open = (name: string, path: string, extra = '') => routeText(name, path, `  authentication: false\n${extra}`)

describe('a bad update of a served object (F1)', () => {
  it.each([
    ['an unknown field', open('a', '/a', '  ratelimit: {}\n'), /a\.yaml:9: spec\.ratelimit: unknown field/],
    ['a wrong type', open('a', '/a', '  hostnames: 7\n'), /a\.yaml:9: spec\.hostnames/],
    [
      'two fields',
      open('a', '/a', '  hostnames: 7\n  ratelimit: {}\n'),
      /a\.yaml:9: spec\.hostnames.*a\.yaml:10: spec\.ratelimit/,
    ],
    ['a rule broken', open('a', '/a').replace('  targetService: a.default.svc\n', ''), /a\.yaml:5: spec/],
  ])('%s: its last good version goes on and its status says so, until it is mended', async (_name, bad, expected) => {
    const { folder, published, readCondition, readPaths } = await serve({
      'a.yaml': open('a', '/a'),
      'b.yaml': open('b', '/b'),
    })
    const [first] = published
    await folder.write('a.yaml', bad)
    await eventually(() => expect(readCondition('a', 'Accepted')?.status).toBe('False'))
    expect(readCondition('a', 'Accepted')?.message).toMatch(expected)
    expect(readCondition('a', 'Degraded')).toMatchObject({ status: 'True', reason: 'LastGoodServing' })
    expect(readCondition('b', 'Accepted')?.status).toBe('True')
    expect(published.at(-1)?.table.digest).toBe(first?.table.digest)

    await folder.write('a.yaml', open('a', '/mended'))
    await eventually(() => expect(readPaths()).toEqual(['/mended', '/b']))
    expect(readCondition('a', 'Accepted')).toMatchObject({ status: 'True' })
  })

  it('a file that is broken whole: nothing changes but the problem, with its line', async () => {
    const { folder, published, reports } = await serve({ 'a.yaml': joinDocuments(open('a', '/a'), open('b', '/b')) })
    await folder.write('a.yaml', `${open('a', '/new')}---\nkind: [\n`)
    await eventually(() => expect(reports.at(-1)?.problems).toHaveLength(1))
    expect(reports.at(-1)).toMatchObject({ outcome: 'unchanged', generation: 1 })
    expect(reports.at(-1)?.problems[0]?.location).toMatch(/a\.yaml:\d+$/)
    expect(published).toHaveLength(1)
  })

  it('an object that is bad from the start is off alone, and its path does not fall through', async () => {
    const { readCondition, published } = await serve({
      'a.yaml': open('a', '/a', '  ratelimit: {}\n'),
      'b.yaml': open('b', '/'),
    })
    expect(readCondition('a', 'Accepted')?.status).toBe('False')
    const routes = published[0]?.table.routes.map(({ match, misconfigured }) => [match.path, misconfigured !== null])
    expect(routes).toEqual(
      expect.arrayContaining([
        ['/a', true],
        ['/', false],
      ]),
    )
  })
})

it('an edit is on the table moments later, with the time of its event (F12)', async () => {
  const { folder, reports, readPaths } = await serve({ 'a.yaml': open('a', '/a') })
  await folder.write('a.yaml', open('a', '/new'))
  await eventually(() => expect(readPaths()).toEqual(['/new']))
  const last = reports.at(-1)
  expect(last).toMatchObject({ outcome: 'published', generation: 2 })
  expect(last?.firstEventAtMs).toBeGreaterThan(reports[0]?.firstEventAtMs ?? Number.POSITIVE_INFINITY)
})
