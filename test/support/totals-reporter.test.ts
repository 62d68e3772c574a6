// The last line of `npm test` counts what CI must not miss: files that never ran, hooks that threw, stray errors.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const vitestProgram = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-totals-'))
  const reporter = JSON.stringify(join(import.meta.dirname, 'totals-reporter.ts'))
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `import { TotalsReporter } from ${reporter}
     export default { test: { globals: true, reporters: ['default', new TotalsReporter()], globalSetup: [] } }`,
  )
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the files as tests of their own; returns the last line and whether the run failed. */
function run(files: Record<string, string>): { lastLine: string | undefined; hasFailed: boolean } {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const env = { ...process.env, VITEST: undefined, CI: 'true' }
  const { stdout, status } = spawnSync(process.execPath, [vitestProgram, 'run', '--root', folder], { env })
  return { lastLine: stdout.toString().trimEnd().split('\n').at(-1), hasFailed: status !== 0 }
}

const passing = `test('a', () => {}); describe('group', () => { test('b', () => {}) })`

test('tests are counted by how they ended', () => {
  const found = run({
    'passing.test.js': passing,
    'mixed.test.js': `test('c', () => { throw new Error('no') }); test.skip('d', () => {}); test('e', (context) => context.skip())`,
  })
  expect(found).toEqual({ lastLine: '2 passed, 1 failed, 2 skipped', hasFailed: true })
})

test('a clean run has no failure', () => {
  expect(run({ 'passing.test.js': passing })).toEqual({ lastLine: '2 passed, 0 failed, 0 skipped', hasFailed: false })
})

test('a file that does not parse, and one whose hook throws, are failures', () => {
  const found = run({
    'passing.test.js': passing,
    'broken.test.js': 'test(',
    'hook.test.js': `beforeAll(() => { throw new Error('no') }); test('f', () => {})`,
  })
  expect(found).toEqual({ lastLine: '2 passed, 2 failed, 1 skipped', hasFailed: true })
})

test('an error outside any test is a failure', () => {
  const found = run({ 'stray.test.js': `test('g', () => { Promise.reject(new Error('stray')) })` })
  expect(found).toEqual({ lastLine: '1 passed, 1 failed, 0 skipped', hasFailed: true })
})

test('a worker that dies is a failure', () => {
  const found = run({ 'dying.test.js': `test('h', () => { process.kill(process.pid, 'SIGKILL') })` })
  expect(found).toMatchObject({
    lastLine: expect.stringMatching(/^0 passed, [1-9] failed, 0 skipped$/),
    hasFailed: true,
  })
})
