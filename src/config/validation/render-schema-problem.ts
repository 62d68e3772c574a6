// One ajv error → a problem in the API server's words. Reads the error only; values appear only where the server, too,
// shows them, and never for `isSecret` schemas.
import type { ErrorObject } from 'ajv'
import { suggestName } from './suggest-name.ts'
import { appendField, appendIndex, type ValidationProblem } from './validation-problem.ts'

/** Needs ajv's `verbose`, for the value and the schema's own field names. */
export function renderSchemaProblem(error: ErrorObject): ValidationProblem {
  const path = renderPointer(error.instancePath)
  const { params, data } = error
  switch (error.keyword) {
    case 'additionalProperties':
      return renderUnknownField(path, String(params.additionalProperty), error.parentSchema)
    case 'required':
      return schemaProblem(appendField(path, String(params.missingProperty)), 'Required value')
    case 'type':
      return schemaProblem(path, `must be of type ${String(params.type)}, is ${nameType(data)}`)
    case 'enum': {
      const allowed = Array.isArray(params.allowedValues) ? params.allowedValues : []
      const hint = typeof data === 'string' ? suggestName(data, allowed.map(String)) : null
      const values = allowed.map((value) => JSON.stringify(value)).join(', ')
      return schemaProblem(
        path,
        `Unsupported value: ${showValue(data)}: supported values: ${values}${hint === null ? '' : `; did you mean ${hint}?`}`,
      )
    }
    case 'pattern':
      return schemaProblem(path, `${showValue(data)} should match '${String(params.pattern)}'`)
    case 'format':
      return schemaProblem(path, `${showValue(data)} must be of type ${String(params.format)}`)
    case 'minimum':
      return schemaProblem(path, `${showValue(data)} should be greater than or equal to ${String(params.limit)}`)
    case 'maximum':
      return schemaProblem(path, `${showValue(data)} should be less than or equal to ${String(params.limit)}`)
    case 'minLength':
      return schemaProblem(path, `should be at least ${String(params.limit)} chars long`)
    case 'maxLength':
      return schemaProblem(path, `Too long: may not be more than ${String(params.limit)} bytes`)
    case 'minItems':
      return schemaProblem(path, `should have at least ${String(params.limit)} items`)
    case 'maxItems':
      return schemaProblem(path, `Too many: must have at most ${String(params.limit)} items`)
    case 'minProperties':
      return schemaProblem(path, `should have at least ${String(params.limit)} properties`)
    case 'maxProperties':
      return schemaProblem(path, `Too many: must have at most ${String(params.limit)} items`)
    default:
      return schemaProblem(path, error.message ?? error.keyword)
  }
}

function schemaProblem(path: string, reason: string): ValidationProblem {
  return { path, reason, rule: 'schema' }
}

function renderUnknownField(path: string, name: string, parentSchema: unknown): ValidationProblem {
  const known =
    typeof parentSchema === 'object' && parentSchema !== null && 'properties' in parentSchema
      ? Object.keys(parentSchema.properties ?? {})
      : []
  const hint = suggestName(name, known)
  const reason = hint === null ? 'unknown field' : `unknown field; did you mean ${hint}?`
  return { path: appendField(path, name), reason, rule: 'unknown-field' }
}

/** `/spec/backends/0/weight` → `spec.backends[0].weight`. A map's numeric key reads as an index: no field has one. */
function renderPointer(pointer: string): string {
  return readPointer(pointer).reduce<string>(
    (path, part) => (/^\d+$/.test(part) ? appendIndex(path, Number(part)) : appendField(path, part)),
    '',
  )
}

/** A JSON pointer's parts, unescaped (RFC 6901). */
export function readPointer(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function nameType(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function showValue(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
