// The README's first minutes are true: what `npm start` starts answers the page's calls as the page says.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServeProcess, startServe } from '../support/serve-process.ts'
import { findDifference, isWithoutCurl, readSteps, runSteps } from './run-page.ts'

const steps = readSteps(await readFile('README.md', 'utf8')).filter(({ command }) => command.startsWith('curl '))
let serve: ServeProcess | undefined
let printed: readonly string[] = []

beforeAll(async () => {
  if (isWithoutCurl) return
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'))
  const [node, main, command, ...args] = String(scripts.start).split(' ')
  expect([node, main, command]).toEqual(['node', 'src/main.ts', 'serve'])
  serve = await startServe(args)
  const { host } = new URL(serve.url)
  printed = await runSteps(steps, '.', (line) => line.replaceAll('localhost:8080', host))
}, 60_000)
afterAll(() => serve?.end())

test('the page has its calls', () => {
  expect(steps).toHaveLength(3)
})

test.skipIf(isWithoutCurl).for(steps.map((step, index) => ({ ...step, index })))(
  'README.md:$line',
  ({ command, expected, index }) => {
    const output = printed[index] ?? ''
    expect(findDifference(output, expected ?? ''), `${command}\nprinted\n${output}`).toBeNull()
  },
)
