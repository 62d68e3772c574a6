// Every case of test/compiler/cases: `<case>.in.yaml` compiles to exactly `<case>.out.yaml`. UPDATE=1 rewrites them;
// read the difference before it is committed.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { compile } from '../../src/compiler/compile.ts'
import { buildResourceSet, readCase } from './read-case.ts'

const folder = new URL('./cases/', import.meta.url)
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.in.yaml'))
  .map((name) => name.slice(0, -'.in.yaml'.length))

test('there are cases', () => {
  expect(names.length).toBeGreaterThan(30)
})

test.for(names)('%s', (name) => {
  const { resources, lastGood } = readCase(new URL(`${name}.in.yaml`, folder))
  const before = compile({ resources: buildResourceSet(lastGood), lastGood: null })
  const result = compile({ resources: buildResourceSet(resources), lastGood: before.lastGood })
  const { digest: _changesWithEverything, ...table } = result.table
  const statuses = result.statuses.map(({ conditions, ...object }) => ({
    object: `${object.kind}/${object.namespace}/${object.name}`,
    observedGeneration: object.observedGeneration,
    conditions: conditions.map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`),
  }))
  const actual = { statuses, table, secrets: [...result.secrets.keys()], lastGood: [...result.lastGood.keys()] }
  const file = new URL(`${name}.out.yaml`, folder)
  if (process.env.UPDATE === '1') {
    writeFileSync(file, stringify(actual, { lineWidth: 0, aliasDuplicateObjects: false }))
  }
  expect(existsSync(file), 'run with UPDATE=1 to make it').toBe(true)
  expect(actual).toEqual(parse(readFileSync(file, 'utf8')))
})
