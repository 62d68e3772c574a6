// Structural schema → JSON schema for ajv: closed objects, defaults, int-or-string. What ajv has no word for (list keys,
// CEL) is checked elsewhere.
import type { StructuralSchema } from './structural-schema.ts'

export type AjvSchema = Readonly<Record<string, unknown>>

/** A schema for ajv with `useDefaults`. Objects are closed unless they preserve unknown fields. */
export function encodeAjvSchema(schema: StructuralSchema): AjvSchema {
  const common = { ...schema.keywords, ...(schema.default === undefined ? {} : { default: schema.default }) }
  switch (schema.type) {
    case 'int-or-string':
      return { minimum: -(2 ** 63), maximum: 2 ** 63, ...common, type: ['integer', 'string'] }
    case 'array':
      return { ...common, type: 'array', ...(schema.items === null ? {} : { items: encodeAjvSchema(schema.items) }) }
    case 'object':
      return { ...common, ...encodeObject(schema) }
    default:
      return { ...common, type: schema.type }
  }
}

function encodeObject(schema: StructuralSchema): AjvSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(schema.properties).map(([name, child]) => [name, encodeAjvSchema(child)]),
    ),
    required: schema.required,
    additionalProperties:
      schema.additionalProperties === null
        ? schema.preservesUnknownFields
        : encodeAjvSchema(schema.additionalProperties),
  }
}
