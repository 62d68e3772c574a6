// C6: no value of a Secret is in a table, a status or a dump, neither as it is nor encoded; values are beside the table.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Secret } from '../../src/api/resource.ts'
import { compile } from '../../src/compiler/compile.ts'
import { dumpTable } from '../../src/compiler/dump-table.ts'
import { listCases } from './list-cases.ts'
import { buildResourceSet } from './read-case.ts'

/** Certificates are public, and a value that is a digest may be in the table as what it is. */
function listValues(secrets: readonly Secret[]): readonly string[] {
  const texts = secrets.flatMap(({ stringData, data }) => [
    ...Object.values(stringData ?? {}),
    ...Object.values(data ?? {}).map((text) => Buffer.from(text, 'base64').toString()),
  ])
  return texts.filter(
    (text) => text.trim().length > 3 && !text.startsWith('-----BEGIN') && !/^sha256:[0-9a-f]/i.test(text),
  )
}

test('in no case', () => {
  let checked = 0
  for (const { name, resources } of listCases()) {
    const set = buildResourceSet(resources)
    const { table, statuses } = compile({ resources: set, lastGood: null })
    const said = JSON.stringify([table, statuses, dumpTable(table)])
    const dumped = JSON.stringify(dumpTable(table))
    for (const value of listValues(set.secrets)) {
      const trimmed = value.trim()
      const forms = [trimmed, Buffer.from(trimmed).toString('base64'), encodeURIComponent(trimmed)]
      for (const form of forms) expect(said.includes(form), `${name}: ${form}`).toBe(false)
      expect(dumped.includes(createHash('sha256').update(trimmed).digest('hex').slice(0, 16)), name).toBe(false)
      checked += 1
    }
  }
  expect(checked).toBeGreaterThan(15)
})

test('a credential is handed out beside the table, under the id the table has', () => {
  const found = listCases().find(({ name }) => name === 'target-credentials')
  const { table, secrets } = compile({ resources: buildResourceSet(found?.resources ?? []), lastGood: null })
  const ids = table.targets.flatMap(({ credential }) => credential?.secretId ?? [])
  expect(ids).toHaveLength(1)
  expect(ids.map((id) => secrets.get(id))).toEqual(['canary-good'])
})
