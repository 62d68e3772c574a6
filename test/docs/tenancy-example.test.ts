// examples/tenancy/README.md is true: its blocks are run in order against a served process, as a reader pastes them, and
// print what stands under them (E3, D1: who may use what, every limit's answer, a budget's warning and end).
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServeProcess, startServe } from '../support/serve-process.ts'
import { findDifference, type PageStep, readSteps, runSteps } from './run-page.ts'

const [start, ...steps] = readSteps(await readFile('examples/tenancy/README.md', 'utf8'))
let folder = ''
let serve: ServeProcess | undefined
let printed: readonly string[] = []

beforeAll(async () => {
  // A copy, for the page has its reader add a file.
  folder = await mkdtemp(join(tmpdir(), 'sluice-tenancy-'))
  await cp('examples/tenancy', join(folder, 'examples/tenancy'), { recursive: true })
  await symlink(resolve('bin'), join(folder, 'bin'))
  const args = readServeArguments(start)
  serve = await startServe(args.map((arg) => (arg === 'examples/tenancy' ? join(folder, arg) : arg)))
  const { url, adminUrl } = serve
  printed = await runSteps(steps, folder, (command) =>
    command.replaceAll('localhost:8080', new URL(url).host).replaceAll('localhost:9090', new URL(adminUrl).host),
  )
}, 60_000)
afterAll(async () => {
  await serve?.end()
  await rm(folder, { recursive: true, force: true })
})

/** What the page's first block starts. */
function readServeArguments(step: PageStep | undefined): readonly string[] {
  const match = /^bin\/sluice serve (.+)\n$/.exec(step?.command ?? '')
  if (match?.[1] === undefined) throw new Error('the page does not begin with `bin/sluice serve`')
  return match[1].split(' ')
}

test('the page shows what each block prints', () => {
  expect(steps.filter(({ expected }) => expected !== null).length).toBeGreaterThan(9)
})

test.for(steps.map((step, index) => ({ ...step, index })).filter(({ expected }) => expected !== null))(
  'README.md:$line',
  ({ command, expected, index }) => {
    const output = printed[index] ?? ''
    expect(findDifference(output, expected ?? ''), `${command}\nprinted\n${output}`).toBeNull()
  },
)
