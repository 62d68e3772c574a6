// The matrix in the README is the one that the suites of this folder assert, cell by cell.
// `UPDATE=1 vitest run test/clients/matrix.test.ts` writes it anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { matrixApis, renderMatrix } from './matrix.ts'

const begin = '<!-- made by test/clients/matrix.test.ts: begin -->\n'
const end = '\n<!-- made by test/clients/matrix.test.ts: end -->'

test('the README’s matrix is what the suites assert', () => {
  const page = readFileSync('README.md', 'utf8')
  const from = page.indexOf(begin) + begin.length
  const to = page.indexOf(end)
  expect(from).toBeGreaterThan(begin.length)
  expect(to).toBeGreaterThan(from)
  const written = `${page.slice(0, from)}${renderMatrix()}${page.slice(to)}`
  if (process.env.UPDATE === '1') writeFileSync('README.md', written)
  else expect(page).toBe(written)
})

test.each(matrixApis)('exceptions of $path are of features that are asked for', ({ features, exceptions }) => {
  const named = Object.values(exceptions).flatMap((ofFamily) => Object.keys(ofFamily))
  expect(named.filter((feature) => !features.includes(feature))).toEqual([])
  expect(new Set(features).size).toBe(features.length)
})
