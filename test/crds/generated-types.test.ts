// src/api/generated is what crds/ says; the parts that several CRDs share say the same everywhere.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { markReadonly } from '../../scripts/mark-readonly.ts'
import { readCustomKinds } from '../../src/config/validation/read-custom-kinds.ts'
import type { StructuralSchema } from '../../src/config/validation/structural-schema.ts'

test('the generated types have not drifted from the CRDs', () => {
  const script = join(import.meta.dirname, '../../scripts/generate-api-types.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
})

test('fields and arrays are marked readonly, comments left alone', () => {
  const source = `export interface A {
  /**
   * b: string[] { (
   */
  b: string[]
  'c-d'?: ('x' | 'y')[]
  e: {
    f?: {
      g: number[]
    }[]
    [k: string]: unknown
  }
}`
  expect(markReadonly(source)).toBe(`export interface A {
  /**
   * b: string[] { (
   */
  readonly b: readonly string[]
  readonly 'c-d'?: readonly ('x' | 'y')[]
  readonly e: {
    readonly f?: readonly {
      readonly g: readonly number[]
    }[]
    readonly [k: string]: unknown
  }
}`)
})

test('pricing, limits, upstreamModel and the rules of modelName are the same in all CRDs', () => {
  const kinds = new Map(readCustomKinds().map(({ kind, schema }) => [kind, schema.properties.spec]))
  const read = (kind: string, field: string): StructuralSchema | undefined => kinds.get(kind)?.properties[field]
  for (const field of ['pricing', 'limits', 'upstreamModel']) {
    expect(read('AIModel', field)).toBeDefined()
    expect(read('LLMModelConfig', field)).toEqual(read('AIModel', field))
  }
  for (const kind of ['AIGatewayRoute', 'LLMModelConfig']) {
    expect(read(kind, 'timeouts')?.properties).toEqual(read('AIModel', 'timeouts')?.properties)
    expect(read(kind, 'modelName')?.rules).toEqual(read('AIModel', 'modelName')?.rules)
  }
  expect(read('LLMModelConfig', 'modelProvider')?.keywords).toEqual(read('AIModel', 'modelProvider')?.keywords)
})
