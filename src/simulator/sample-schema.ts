// Makes a value that satisfies a JSON schema: types, enums, required, bounds, references. Patterns are not solved.
import { isObject, type JsonObject } from './answer.ts'

export type SampleSource = Readonly<{
  /** Words for strings, in order of use; from the prompt, so that the value looks like an answer. */
  words: readonly string[]
}>

const formats: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  duration: 'PT1H',
  email: 'someone@example.com',
  uri: 'https://example.com/',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '3f2b8c1e-5d4a-4e6f-8a7b-9c0d1e2f3a4b',
}

const maxDepth = 24

/** A value for the schema. Every property is filled down to a depth, below it only the required ones. */
export function sampleSchema(schema: unknown, source: SampleSource): unknown {
  let used = 0
  const nextWord = () => source.words[used++ % Math.max(1, source.words.length)] ?? 'value'

  const resolve = (node: JsonObject): JsonObject => {
    let current = node
    for (let hops = 0; typeof current.$ref === 'string' && hops < 16; hops++) {
      const target = followPointer(schema, current.$ref)
      if (!isObject(target)) return {}
      current = target
    }
    return current
  }

  const sample = (value: unknown, depth: number): unknown => {
    if (!isObject(value) || depth > maxDepth) return null
    const node = mergeAllOf(resolve(value), resolve)
    if ('const' in node) return node.const
    if (Array.isArray(node.enum) && node.enum.length > 0) return node.enum[0]
    const variants = Array.isArray(node.oneOf) ? node.oneOf : Array.isArray(node.anyOf) ? node.anyOf : null
    if (variants !== null && variants.length > 0) {
      const { oneOf: _one, anyOf: _any, ...rest } = node
      const variant = variants.find((entry) => !isObject(entry) || entry.type !== 'null') ?? variants[0]
      return sample(isObject(variant) ? { ...rest, ...resolve(variant) } : rest, depth + 1)
    }
    switch (readType(node)) {
      case 'object':
        return sampleObject(node, depth)
      case 'array':
        return sampleArray(node, depth)
      case 'integer':
        return sampleNumber(node, true)
      case 'number':
        return sampleNumber(node, false)
      case 'boolean':
        return true
      case 'null':
        return null
      default:
        return sampleString(node, nextWord)
    }
  }

  const sampleObject = (node: JsonObject, depth: number): JsonObject => {
    const properties = isObject(node.properties) ? node.properties : {}
    const required = Array.isArray(node.required) ? node.required.filter((name) => typeof name === 'string') : []
    const names = depth > 6 ? required : [...new Set([...Object.keys(properties), ...required])]
    // Own properties only, whatever the schema calls them.
    return Object.fromEntries(names.map((name) => [name, sample(properties[name] ?? { type: 'string' }, depth + 1)]))
  }

  const sampleArray = (node: JsonObject, depth: number): unknown[] => {
    const least = typeof node.minItems === 'number' ? node.minItems : 0
    const most = typeof node.maxItems === 'number' ? node.maxItems : 1
    const length = Math.min(1000, Math.max(least, depth > 6 ? 0 : Math.min(1, most)))
    const prefix = Array.isArray(node.prefixItems) ? node.prefixItems : []
    return Array.from({ length: Math.max(length, prefix.length) }, (_, index) =>
      sample(prefix[index] ?? node.items ?? { type: 'string' }, depth + 1),
    )
  }

  return sample(schema, 0)
}

function readType(node: JsonObject): string {
  const type = Array.isArray(node.type) ? node.type.find((entry) => entry !== 'null') : node.type
  if (typeof type === 'string') return type
  if ('properties' in node || 'required' in node) return 'object'
  return 'items' in node ? 'array' : 'string'
}

function sampleNumber(node: JsonObject, isWhole: boolean): number {
  const step = typeof node.multipleOf === 'number' && node.multipleOf > 0 ? node.multipleOf : isWhole ? 1 : 0.5
  const bound = (name: string) => (typeof node[name] === 'number' ? Number(node[name]) : null)
  const above = bound('exclusiveMinimum')
  const below = bound('exclusiveMaximum')
  const least = bound('minimum') ?? (above === null ? null : above + step)
  const most = bound('maximum') ?? (below === null ? null : below - step)
  const start = least ?? (most !== null && most < step ? most : step)
  const stepped = Math.ceil(start / step) * step
  return most !== null && stepped > most ? (least ?? most) : stepped
}

function sampleString(node: JsonObject, nextWord: () => string): string {
  if (typeof node.format === 'string') {
    const text = formats[node.format]
    if (text !== undefined) return text
  }
  let text = nextWord()
  if (typeof node.minLength === 'number') while (text.length < node.minLength) text += ` ${nextWord()}`
  return typeof node.maxLength === 'number' ? text.slice(0, node.maxLength) : text
}

function mergeAllOf(node: JsonObject, resolve: (node: JsonObject) => JsonObject): JsonObject {
  if (!Array.isArray(node.allOf)) return node
  const { allOf, ...rest } = node
  let merged: JsonObject = rest
  for (const part of allOf) {
    if (!isObject(part)) continue
    const resolved = mergeAllOf(resolve(part), resolve)
    merged = {
      ...resolved,
      ...merged,
      properties: { ...asObject(resolved.properties), ...asObject(merged.properties) },
      required: [...asArray(resolved.required), ...asArray(merged.required)],
    }
  }
  return merged
}

const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {})
const asArray = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

function followPointer(root: unknown, pointer: string): unknown {
  let current: unknown = root
  for (const step of pointer.replace(/^#\/?/, '').split('/')) {
    if (step === '') continue
    if (!isObject(current)) return undefined
    current = current[step.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return current
}
