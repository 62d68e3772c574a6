// The ClusterRole of examples/cluster allows what the source asks for: each kind, to list and to watch, and nothing else.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { reflectedKinds } from '../../../src/config/kubernetes/reflected-kinds.ts'
import { isRecord } from '../../../src/is-record.ts'

test('every kind that is read, list and watch, and nothing else', () => {
  const documents = parseAllDocuments(readFileSync('examples/cluster/sluice.yaml', 'utf8')).map((document): unknown =>
    document.toJS(),
  )
  const roles = documents.filter((document) => isRecord(document) && document.kind === 'ClusterRole')
  expect(roles).toHaveLength(1)
  const [role] = roles
  const rules = isRecord(role) && Array.isArray(role.rules) ? role.rules : []
  const allowed = rules.flatMap(({ apiGroups, resources, verbs, ...rest }) => {
    expect(rest).toEqual({})
    expect(verbs).toEqual(['list', 'watch'])
    return apiGroups.flatMap((group: string) => resources.map((resource: string) => `${resource}.${group}`))
  })
  const asked = Object.values(reflectedKinds).map(({ plural, group }) => `${plural}.${group}`)
  expect(allowed.sort()).toEqual(asked.sort())
})
