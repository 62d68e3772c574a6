// Lists with set or map semantics: the second item with the same value or key is a problem, as on the API server.
import { isRecord } from '../../is-record.ts'
import type { StructuralSchema } from './structural-schema.ts'
import { appendField, appendIndex, type ValidationProblem } from './validation-problem.ts'

/** The lists with keys at one place of a schema and below; places without any are absent. */
export type ListNode = Readonly<{
  listType: 'atomic' | 'set' | 'map'
  keys: readonly string[]
  properties: readonly (readonly [string, ListNode])[]
  items: ListNode | null
}>

/** Null where neither the schema nor anything below has such a list. */
export function compileListKeys(schema: StructuralSchema): ListNode | null {
  const properties = Object.entries(schema.properties).flatMap(([name, child]) => {
    const node = compileListKeys(child)
    return node === null ? [] : [[name, node] as const]
  })
  const items = schema.items === null ? null : compileListKeys(schema.items)
  if (schema.listType === 'atomic' && properties.length === 0 && items === null) return null
  return { listType: schema.listType, keys: schema.listMapKeys, properties, items }
}

/** One problem for each item that repeats an earlier one. The value has its defaults; its shape may be wrong. */
export function findDuplicates(node: ListNode, value: unknown, path: string): readonly ValidationProblem[] {
  if (Array.isArray(value)) {
    const own = node.listType === 'atomic' ? [] : findInList(node, value, path)
    const { items } = node
    if (items === null) return own
    return [...own, ...value.flatMap((item, index) => findDuplicates(items, item, appendIndex(path, index)))]
  }
  if (!isRecord(value)) return []
  return node.properties.flatMap(([name, child]) => {
    const field = value[name]
    return field === undefined ? [] : findDuplicates(child, field, appendField(path, name))
  })
}

function findInList(node: ListNode, list: readonly unknown[], path: string): readonly ValidationProblem[] {
  if (list.length < 2) return []
  const seen = new Set<string>()
  const problems: ValidationProblem[] = []
  for (const [index, item] of list.entries()) {
    const identity = node.listType === 'set' ? item : pickKeys(item, node.keys)
    const text = JSON.stringify(identity) ?? ''
    if (seen.has(text)) {
      problems.push({ path: appendIndex(path, index), reason: `Duplicate value: ${text}`, rule: 'schema' })
    }
    seen.add(text)
  }
  return problems
}

function pickKeys(item: unknown, keys: readonly string[]): unknown {
  return isRecord(item) ? Object.fromEntries(keys.map((key) => [key, item[key]])) : item
}
