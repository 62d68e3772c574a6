// examples/tenancy/README.md is true, counted in memory and in Redis: its blocks are run in order against a served process,
// as a reader pastes them, and print what stands under them (D1, E10, E11, and a budget's warning and end).
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { redisMissing, startRedis } from '../support/redis/redis-server.ts'
import { startServe } from '../support/serve-process.ts'
import { findDifference, isWithoutCurl, type PageStep, readSteps, runSteps } from './run-page.ts'

const [start, ...steps] = readSteps(await readFile('examples/tenancy/README.md', 'utf8'))

test('the page shows what its blocks print', () => {
  expect(steps.filter(({ expected }) => expected !== null).length).toBeGreaterThan(18)
})

test.skipIf(isWithoutCurl)('the page is true (D1, E10, E11)', async () => {
  expect(await findLies([])).toEqual([])
})

describe.skipIf(isWithoutCurl || redisMissing !== null)('with Redis', () => {
  test('the page is true (D1, E10, E11)', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    expect(await findLies(['--redis', redis.url])).toEqual([])
    // Not counted in this process alone.
    expect(await redis.run('DBSIZE')).toBeGreaterThan(5)
  })
})

/** Runs the page against `sluice serve` with these flags besides; each block that printed something else. */
async function findLies(flags: readonly string[]): Promise<readonly string[]> {
  // A copy, for the page has its reader add a file.
  const folder = await mkdtemp(join(tmpdir(), 'sluice-tenancy-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await cp('examples/tenancy', join(folder, 'examples/tenancy'), { recursive: true })
  await symlink(resolve('bin'), join(folder, 'bin'))
  const args = readServeArguments(start).map((arg) => (arg === 'examples/tenancy' ? join(folder, arg) : arg))
  const serve = await startServe([...args, ...flags])
  onTestFinished(async () => void (await serve.end()))
  const day = readDay()
  const printed = await runSteps(steps, folder, (command) =>
    command
      .replaceAll('localhost:8080', new URL(serve.url).host)
      .replaceAll('localhost:9090', new URL(serve.adminUrl).host),
  )
  // Budgets of a day began anew on the way.
  if (readDay() !== day) return findLies(flags)
  return steps.flatMap(({ command, expected, line }, at) => {
    const missing = expected === null ? null : findDifference(printed[at] ?? '', expected)
    return missing === null ? [] : [`line ${line}: ${command}lacks: ${missing}\nprinted:\n${printed[at]}`]
  })
}

/** What the page's first block starts. */
function readServeArguments(step: PageStep | undefined): readonly string[] {
  const match = /^bin\/sluice serve (.+)\n$/.exec(step?.command ?? '')
  if (match?.[1] === undefined) throw new Error('the page does not begin with `bin/sluice serve`')
  return match[1].split(' ')
}

function readDay(): string {
  return new Date().toISOString().slice(0, 10)
}
