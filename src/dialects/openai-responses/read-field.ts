// Reads the fields of a request that is parsed JSON: what is there and of the wrong type is refused by its own path.
import type { JsonObject } from '../../conversation/conversation.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'

/** `path`: of the object the field stands in, with its dot, empty at the top: `tools[0].`. */
export function readString(object: JsonObject, name: string, path = ''): string | null {
  const value = object[name] ?? null
  if (value === null || typeof value === 'string') return value
  throw refuseValue(`${path}${name}`, 'must be a string')
}

export function requireString(object: JsonObject, name: string, path = ''): string {
  const value = readString(object, name, path)
  if (value === null) throw refuseValue(`${path}${name}`, 'is required')
  return value
}

export function readNumber(object: JsonObject, name: string, min: number, max: number): number | null {
  const value = object[name] ?? null
  if (value === null) return null
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw refuseValue(name, `must be a number from ${min} to ${max}`)
}

export function readInteger(object: JsonObject, name: string, min: number): number | null {
  const value = object[name] ?? null
  if (value === null) return null
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min) return value
  throw refuseValue(name, `must be a whole number, ${min} or more`)
}

export function readBoolean(object: JsonObject, name: string, path = ''): boolean | null {
  const value = object[name] ?? null
  if (value === null || typeof value === 'boolean') return value
  throw refuseValue(`${path}${name}`, 'must be true or false')
}

export function readObject(object: JsonObject, name: string, path = ''): JsonObject | null {
  const value = object[name] ?? null
  if (value === null || isRecord(value)) return value
  throw refuseValue(`${path}${name}`, 'must be an object')
}

export function readList(object: JsonObject, name: string): readonly unknown[] {
  const value = object[name] ?? []
  if (Array.isArray(value)) return value
  throw refuseValue(name, 'must be a list')
}

export function readEnum<T extends string>(
  object: JsonObject,
  name: string,
  values: readonly T[],
  path = '',
): T | null {
  const value = object[name] ?? null
  if (value === null) return null
  const found = values.find((known) => known === value)
  if (found === undefined) throw refuseValue(`${path}${name}`, `must be one of ${values.join(', ')}`)
  return found
}

/** Refuses what an object says that has no word here: silence would be an answer to another question. */
export function refuseOthers(object: JsonObject, known: ReadonlySet<string>, path: string): void {
  for (const name in object) {
    const value = object[name]
    if (known.has(name) || value === null || value === undefined || value === false) continue
    throw refuseUnsupported(`${path}${name}`)
  }
}

/** `text`: continues "'param' …". */
export function refuseValue(param: string, text: string): GatewayError {
  return new GatewayError('invalid_request', `${param} ${text}`, { publicText: `'${param}' ${text}.`, param })
}

export function refuseUnsupported(param: string, text = 'is not supported by this model'): GatewayError {
  return new GatewayError('unsupported_parameter', param, { publicText: `'${param}' ${text}.`, param })
}
