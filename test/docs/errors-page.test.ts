// docs/errors.md says of every error code what the table has, and which ones nothing answers with yet.
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorTable } from '../../src/errors/error-table.ts'
import { readCodeRows } from './read-table.ts'

const rows = readCodeRows('docs/errors.md')

test('every code is there, in the order of the table, with its status and owner', () => {
  const written = rows.map(([code, status, owner]) => ({ code, status: Number(status), owner }))
  expect(written).toEqual(Object.entries(errorTable).map(([code, { status, owner }]) => ({ code, status, owner })))
})

test('every row says when it comes and what to do', () => {
  for (const [code, , , when, what] of rows) {
    expect(when, code).toMatch(/\w/)
    expect(what, code).toMatch(/\w/)
  }
})

test('a code is called reserved if, and only if, no source names it', () => {
  const sources = globSync('src/**/*.ts')
    .filter((file) => !file.endsWith('error-table.ts'))
    .map((file) => readFileSync(file, 'utf8'))
  const isUsed = (code: string) => sources.some((text) => text.includes(`'${code}'`))
  const reserved = rows.filter(([, , , when]) => when?.startsWith('reserved')).map(([code]) => code)
  expect(reserved).toEqual(Object.keys(errorTable).filter((code) => !isUsed(code)))
})
