// A CRD's structural schema, parsed: the part of OpenAPI that custom resources may use. Only the form; encode-ajv-schema.ts
// and compile-cel-rules.ts say what it means. https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/
import { isRecord } from '../../is-record.ts'

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'int-or-string'

/** One entry of `x-kubernetes-validations`. `fieldPath` is relative, `.key`, or empty. */
export type CelRule = Readonly<{ rule: string; message: string; fieldPath: string }>

export type StructuralSchema = Readonly<{
  type: SchemaType
  description: string
  /** JSON schema keywords that mean the same everywhere: bounds, pattern, format, enum. */
  keywords: Readonly<Record<string, unknown>>
  default: unknown
  required: readonly string[]
  properties: Readonly<Record<string, StructuralSchema>>
  /** Schema of a map's values. */
  additionalProperties: StructuralSchema | null
  items: StructuralSchema | null
  preservesUnknownFields: boolean
  listType: 'atomic' | 'set' | 'map'
  listMapKeys: readonly string[]
  rules: readonly CelRule[]
}>

const types: readonly SchemaType[] = ['object', 'array', 'string', 'integer', 'number', 'boolean']

const sharedKeywords = [
  'enum',
  'format',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
]

/** Parses a schema node and all below it. Throws on what is not structural, naming the place. */
export function parseStructuralSchema(value: unknown, path = 'openAPIV3Schema'): StructuralSchema {
  if (!isRecord(value)) throw new Error(`${path}: is not a schema`)
  return {
    type: parseType(value, path),
    description: typeof value.description === 'string' ? value.description : '',
    keywords: Object.fromEntries(
      sharedKeywords.filter((name) => value[name] !== undefined).map((name) => [name, value[name]]),
    ),
    default: value.default,
    required: parseStrings(value.required),
    properties: parseProperties(value.properties, path),
    additionalProperties:
      value.additionalProperties === undefined
        ? null
        : parseStructuralSchema(value.additionalProperties, `${path}.additionalProperties`),
    items: value.items === undefined ? null : parseStructuralSchema(value.items, `${path}.items`),
    preservesUnknownFields: value['x-kubernetes-preserve-unknown-fields'] === true,
    listType: parseListType(value['x-kubernetes-list-type']),
    listMapKeys: parseStrings(value['x-kubernetes-list-map-keys']),
    rules: parseRules(value['x-kubernetes-validations'], path),
  }
}

function parseType(value: Readonly<Record<string, unknown>>, path: string): SchemaType {
  if (value['x-kubernetes-int-or-string'] === true) return 'int-or-string'
  const type = types.find((known) => known === value.type)
  if (type === undefined) throw new Error(`${path}: has no type`)
  return type
}

function parseProperties(value: unknown, path: string): Readonly<Record<string, StructuralSchema>> {
  if (!isRecord(value)) return {}
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [name, parseStructuralSchema(child, `${path}.${name}`)]),
  )
}

function parseListType(value: unknown): StructuralSchema['listType'] {
  return value === 'set' || value === 'map' ? value : 'atomic'
}

function parseStrings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

function parseRules(value: unknown, path: string): readonly CelRule[] {
  if (!Array.isArray(value)) return []
  return value.map((entry: unknown) => {
    if (!isRecord(entry) || typeof entry.rule !== 'string' || typeof entry.message !== 'string') {
      throw new Error(`${path}: a rule needs rule and message`)
    }
    return {
      rule: entry.rule,
      message: entry.message,
      fieldPath: typeof entry.fieldPath === 'string' ? entry.fieldPath : '',
    }
  })
}
