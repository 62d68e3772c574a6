// Every YAML block of the documentation, and every example, is a manifest that `sluice validate` accepts (I9).
import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runValidate } from '../../src/cli/validate.ts'

const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('{docs,examples}/**/*.md')]
const blocks = pages.flatMap((page) => {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(/^```ya?ml\n([\s\S]*?)^```$/gm)].map((match) => ({
    place: `${page}:${text.slice(0, match.index).split('\n').length}`,
    yaml: match[1] ?? '',
  }))
})

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-docs-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Exit code and everything printed. `${NAME}` variables that the text uses are set. */
async function validate(path: string, text: string) {
  const names = [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(([, name = '']) => [name, 'a-value'])
  let printed = ''
  const stream = { write: (line: string) => (printed += line) }
  const code = await runValidate([path], { stdout: stream, stderr: stream, environment: Object.fromEntries(names) })
  return { code, printed }
}

test('there are blocks and examples', () => {
  expect(blocks.length).toBeGreaterThan(8)
  expect(globSync('examples/**/*.yaml').length).toBeGreaterThan(7)
})

test.for(blocks)('$place', async ({ place, yaml }) => {
  const file = join(folder, `${place.replaceAll(/[^a-z0-9]/gi, '-')}.yaml`)
  await writeFile(file, yaml)
  const { code, printed } = await validate(file, yaml)
  expect(code, printed).toBe(0)
  expect(printed).not.toContain('warning')
  expect(printed).not.toMatch(/^0 objects/m)
})

test.for(['examples', ...globSync('examples/*/')])('%s', async (path) => {
  const text = globSync(`${path}/**/*.yaml`)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const { code, printed } = await validate(path, text)
  expect(code, printed).toBe(0)
  expect(printed).not.toContain('warning')
})
