// A deep copy of an object as written, so that defaults and pruning never change what a source holds. On the way it
// drops nulls, as the API server does when an object is created: a field without a value is a field left out.
import { isRecord } from '../../is-record.ts'
import type { StructuralSchema } from './structural-schema.ts'

/** Plain data only, as YAML and JSON parsers make it. Nulls stay where the schema does not say what belongs there. */
export function copyWritten(value: unknown, schema: StructuralSchema | null): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => copyWritten(item, schema?.items ?? null))
  if (!isRecord(value)) return value
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const field = value[key]
    const fieldSchema = findFieldSchema(schema, key)
    if (field === null && fieldSchema !== null) continue
    const fieldCopy = typeof field === 'object' ? copyWritten(field, fieldSchema) : field
    if (key === '__proto__') Object.defineProperty(copy, key, { value: fieldCopy, enumerable: true })
    else copy[key] = fieldCopy
  }
  return copy
}

function findFieldSchema(schema: StructuralSchema | null, key: string): StructuralSchema | null {
  if (schema === null) return null
  return Object.hasOwn(schema.properties, key) ? (schema.properties[key] ?? null) : schema.additionalProperties
}
