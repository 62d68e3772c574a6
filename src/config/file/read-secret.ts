// A Secret as a file has it → as the API server would hand it out: `stringData` resolved from the environment and
// folded into `data`. No message holds a value.
import type { ObjectMeta, Secret } from '../../api/resource.ts'
import type { FieldProblem } from './check-object.ts'

const variable = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g
const keyName = /^[-._a-zA-Z0-9]{1,253}$/
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const knownFields = new Set(['apiVersion', 'kind', 'metadata', 'type', 'data', 'stringData', 'immutable'])

export type ReadSecret = Readonly<{ secret: Secret | null; problems: readonly FieldProblem[] }>

/** Parses and resolves one Secret; `metadata` has been parsed before. `${NAME}` may stand anywhere in a value. */
export function readSecret(
  value: Readonly<Record<string, unknown>>,
  metadata: ObjectMeta,
  environment: NodeJS.ProcessEnv,
): ReadSecret {
  const problems: FieldProblem[] = []
  const data: Record<string, string> = {}
  for (const field of Object.keys(value)) {
    if (!knownFields.has(field)) problems.push({ path: field, reason: 'unknown field' })
  }
  for (const [key, text] of readEntries(value, 'data', problems)) {
    const packed = text.replace(/\s/g, '')
    if (base64.test(packed)) data[key] = packed
    else problems.push({ path: `data.${key}`, reason: 'is not base64 (plain text goes into stringData)' })
  }
  for (const [key, text] of readEntries(value, 'stringData', problems)) {
    const resolved = text.replace(variable, (written, name: string) => {
      const found = environment[name]
      if (found !== undefined) return found
      problems.push({ path: `stringData.${key}`, reason: `environment variable ${name} is not set` })
      return written
    })
    data[key] = Buffer.from(resolved, 'utf8').toString('base64')
  }
  if (value.type !== undefined && typeof value.type !== 'string') {
    problems.push({ path: 'type', reason: 'must be a string' })
  }
  if (problems.length > 0) return { secret: null, problems }
  const type = typeof value.type === 'string' ? { type: value.type } : {}
  return { secret: { apiVersion: 'v1', kind: 'Secret', metadata, ...type, data }, problems }
}

function readEntries(
  value: Readonly<Record<string, unknown>>,
  field: 'data' | 'stringData',
  problems: FieldProblem[],
): readonly (readonly [string, string])[] {
  const map = value[field]
  if (map === undefined || map === null) return []
  if (typeof map !== 'object' || Array.isArray(map)) {
    problems.push({ path: field, reason: 'must be an object' })
    return []
  }
  const entries: (readonly [string, string])[] = []
  for (const [key, text] of Object.entries(map)) {
    if (!keyName.test(key)) problems.push({ path: field, reason: 'a key may hold letters, digits, -, _ and . only' })
    else if (typeof text !== 'string') problems.push({ path: `${field}.${key}`, reason: 'must be a string: quote it' })
    else entries.push([key, text])
  }
  return entries
}
