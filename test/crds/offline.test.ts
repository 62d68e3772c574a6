// The CRD tables, checked by the offline validator. test/cluster/crds.test.ts checks the same against an API server.
import { describe, expect, test } from 'vitest'
import { readCustomKinds } from '../../src/config/validation/read-custom-kinds.ts'
import { createResourceValidator } from '../../src/config/validation/resource-validator.ts'
import type { StructuralSchema } from '../../src/config/validation/structural-schema.ts'
import { readInvalidFixtures, readSeedFixtures, readValidFixtures } from '../support/crd-fixtures.ts'

const validator = createResourceValidator()
const invalidFixtures = readInvalidFixtures()

describe('accepted', () => {
  const objects = [...readSeedFixtures(), ...readValidFixtures()].flatMap(({ file, objects }) =>
    objects.map((object) => ({ file, object, name: object.metadata.name })),
  )
  test.each(objects)('$file: $name', ({ object }) => {
    const { resource, problems } = validator.validate(object)
    expect(problems).toEqual([])
    expect(resource).toMatchObject({ kind: object.kind, metadata: object.metadata })
  })
})

describe('refused', () => {
  test.each(invalidFixtures)('$file', ({ object, expected, at }) => {
    const { resource, problems } = validator.validate(object)
    expect(problems.filter(({ path }) => path === at).map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining(expected),
    )
    // One fault, one line: whoever reads it is not sent elsewhere.
    expect(problems.filter(({ path }) => path !== at)).toEqual([])
    if (problems.some(({ rule }) => rule !== 'unknown-field')) expect(resource).toBeNull()
  })
})

describe('each rule has an object that it refuses', () => {
  const rules = readCustomKinds().flatMap(({ kind, schema }) =>
    [...new Set(listMessages(schema.properties.spec))].map((message) => ({ kind, message })),
  )
  test.each(rules)('$kind: $message', ({ kind, message }) => {
    const refused = invalidFixtures.filter(
      ({ object, at }) =>
        object.kind === kind &&
        validator.validate(object).problems.some(({ path, reason }) => path === at && reason === message),
    )
    expect(refused).not.toEqual([])
  })
})

function listMessages(schema: StructuralSchema | undefined | null): readonly string[] {
  if (schema === undefined || schema === null) return []
  return [
    ...schema.rules.map(({ message }) => message),
    ...Object.values(schema.properties).flatMap(listMessages),
    ...listMessages(schema.items),
    ...listMessages(schema.additionalProperties),
  ]
}
