// Untrusted metadata → ObjectMeta, with the API server's rules for names. Fields nobody here reads are dropped.
import type { ObjectMeta } from '../../api/resource.ts'
import { isRecord } from '../../is-record.ts'
import { appendField, type ValidationProblem } from './validation-problem.ts'

/** RFC 1123 subdomain and label, as the API server asks of names and namespaces. */
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

export type ParsedMetadata = Readonly<{ metadata: ObjectMeta | null; problems: readonly ValidationProblem[] }>

/** `metadata` is null when `problems` say why. */
export function parseMetadata(value: unknown): ParsedMetadata {
  if (!isRecord(value)) return { metadata: null, problems: [problem('metadata', 'Required value')] }
  const problems = [...checkName(value.name), ...checkNamespace(value.namespace)]
  const labels = readStrings(value, 'labels', problems)
  const annotations = readStrings(value, 'annotations', problems)
  if (typeof value.name !== 'string' || problems.length > 0) return { metadata: null, problems }
  return {
    metadata: {
      name: value.name,
      ...pickText(value, 'namespace'),
      ...pickText(value, 'uid'),
      ...pickText(value, 'resourceVersion'),
      ...(typeof value.generation === 'number' ? { generation: value.generation } : {}),
      ...pickText(value, 'creationTimestamp'),
      ...pickText(value, 'deletionTimestamp'),
      ...(labels === null ? {} : { labels }),
      ...(annotations === null ? {} : { annotations }),
    },
    problems,
  }
}

function checkName(name: unknown): ValidationProblem[] {
  if (name === undefined || name === null || name === '') return [problem('metadata.name', 'Required value')]
  if (typeof name === 'string' && name.length <= 253 && subdomain.test(name)) return []
  const reason = 'must be lower case letters, digits, - and ., begin and end with a letter or digit, 253 at most'
  return [problem('metadata.name', reason)]
}

function checkNamespace(namespace: unknown): ValidationProblem[] {
  if (namespace === undefined || namespace === null || namespace === '') return []
  if (typeof namespace === 'string' && namespace.length <= 63 && label.test(namespace)) return []
  const reason = 'must be lower case letters, digits and -, begin and end with a letter or digit, 63 at most'
  return [problem('metadata.namespace', reason)]
}

function readStrings(
  metadata: Readonly<Record<string, unknown>>,
  field: 'labels' | 'annotations',
  problems: ValidationProblem[],
): Readonly<Record<string, string>> | null {
  const map = metadata[field]
  if (map === undefined || map === null) return null
  const path = appendField('metadata', field)
  if (!isRecord(map)) {
    problems.push(problem(path, 'must be of type object'))
    return null
  }
  const strings: Record<string, string> = {}
  for (const [name, text] of Object.entries(map)) {
    if (typeof text === 'string') strings[name] = text
    else problems.push(problem(appendField(path, name), 'must be of type string: quote it'))
  }
  return strings
}

function pickText<Field extends string>(
  metadata: Readonly<Record<string, unknown>>,
  field: Field,
): Partial<Record<Field, string>> {
  const text = metadata[field]
  if (typeof text !== 'string' || text === '') return {}
  const picked: Partial<Record<Field, string>> = {}
  picked[field] = text
  return picked
}

function problem(path: string, reason: string): ValidationProblem {
  return { path, reason, rule: 'schema' }
}
