// Secret (v1): data is base64, stringData is text, keys are file names. No problem ever holds a value.
import type { ObjectMeta, Secret } from '../../api/resource.ts'
import { isRecord } from '../../is-record.ts'
import { suggestName } from './suggest-name.ts'
import { appendField, type ValidationProblem } from './validation-problem.ts'

const knownFields = ['apiVersion', 'kind', 'metadata', 'type', 'data', 'stringData', 'immutable']
const keyName = /^[-._a-zA-Z0-9]{1,253}$/
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

export type ValidatedSecret = Readonly<{ secret: Secret | null; problems: readonly ValidationProblem[] }>

/** `metadata` has been parsed before. `secret` is null when a problem other than an unknown field is there. */
export function validateSecret(value: Readonly<Record<string, unknown>>, metadata: ObjectMeta): ValidatedSecret {
  const unknown = Object.keys(value)
    .filter((field) => !knownFields.includes(field))
    .map((field): ValidationProblem => {
      const hint = suggestName(field, knownFields)
      const reason = hint === null ? 'unknown field' : `unknown field; did you mean ${hint}?`
      return { path: field, reason, rule: 'unknown-field' }
    })
  const problems: ValidationProblem[] = []
  const data = readEntries(value.data, 'data', problems)
  const stringData = readEntries(value.stringData, 'stringData', problems)
  for (const [key, text] of Object.entries(data ?? {})) {
    if (!base64.test(text.replace(/[\r\n]/g, ''))) {
      problems.push(problem(appendField('data', key), 'must be base64; plain text goes into stringData'))
    }
  }
  const { type } = value
  if (type !== undefined && type !== null && typeof type !== 'string') {
    problems.push(problem('type', 'must be of type string'))
  }
  if (problems.length > 0) return { secret: null, problems: [...problems, ...unknown] }
  return {
    secret: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      ...(typeof type === 'string' ? { type } : {}),
      ...(data === null ? {} : { data }),
      ...(stringData === null ? {} : { stringData }),
    },
    problems: unknown,
  }
}

function readEntries(
  map: unknown,
  field: 'data' | 'stringData',
  problems: ValidationProblem[],
): Readonly<Record<string, string>> | null {
  if (map === undefined || map === null) return null
  if (!isRecord(map)) {
    problems.push(problem(field, 'must be of type object'))
    return null
  }
  const entries: Record<string, string> = {}
  for (const [key, text] of Object.entries(map)) {
    if (!keyName.test(key)) {
      problems.push(problem(field, 'a key may hold letters, digits, -, _ and . only'))
    } else if (typeof text !== 'string') {
      problems.push(problem(appendField(field, key), 'must be of type string: quote it'))
    } else {
      entries[key] = text
    }
  }
  return entries
}

function problem(path: string, reason: string): ValidationProblem {
  return { path, reason, rule: 'schema' }
}
