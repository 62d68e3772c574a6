// Reads the members of a request that nobody has checked: each either has its type, or is refused by its path.
import type { UnknownField } from '../../conversation/conversation.ts'
import type { Feature } from '../../conversation/feature.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { isDefaultField } from './default-fields.ts'

export type Fields = Readonly<Record<string, unknown>>

/** What is found out while a request is read. */
export type ParseNotes = Readonly<{
  /** Fields that have no word in a conversation, by their paths. */
  unknown: UnknownField[]
  /** Where a feature is used first. */
  places: Map<Feature, string>
  /** Names of the tools that were called, by the ids of the calls. */
  toolNames: Map<string, string>
}>

export function refuseInvalid(path: string, problem: string): GatewayError {
  return new GatewayError('invalid_request', `${path} ${problem}`, { publicText: `'${path}' ${problem}.`, param: path })
}

/** For contents that have no word: nobody would expect an answer to half of a message. */
export function refuseUnsupported(path: string, problem: string): GatewayError {
  return new GatewayError('unsupported_parameter', `${path} ${problem}`, {
    publicText: `'${path}' ${problem}.`,
    param: path,
  })
}

export function readRecord(value: unknown, path: string): Fields {
  if (!isRecord(value)) throw refuseInvalid(path, 'must be an object')
  return value
}

export function readArray(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw refuseInvalid(path, 'must be a list')
  return value
}

export function readText(value: unknown, path: string): string {
  if (typeof value !== 'string') throw refuseInvalid(path, 'must be a string')
  return value
}

/** Null for what is not there. */
export function readTextOrNull(value: unknown, path: string): string | null {
  return value == null ? null : readText(value, path)
}

/** Null for what is not there. */
export function readNumberOrNull(value: unknown, path: string): number | null {
  if (value == null) return null
  if (typeof value !== 'number') throw refuseInvalid(path, 'must be a number')
  return value
}

/** Null for what is not there. */
export function readCountOrNull(value: unknown, path: string): number | null {
  const count = readNumberOrNull(value, path)
  if (count !== null && (!Number.isSafeInteger(count) || count < 0)) {
    throw refuseInvalid(path, 'must be a whole number, 0 or more')
  }
  return count
}

/** Null for what is not there. */
export function readFlagOrNull(value: unknown, path: string): boolean | null {
  if (value == null) return null
  if (typeof value !== 'boolean') throw refuseInvalid(path, 'must be a boolean')
  return value
}

/** Notes the members that are neither known nor as good as not there. */
export function noteUnknown(fields: Fields, known: ReadonlySet<string>, path: string, notes: ParseNotes): void {
  for (const [name, value] of Object.entries(fields)) {
    if (!known.has(name) && !isDefaultField(name, value)) {
      notes.unknown.push({ name: path === '' ? name : `${path}.${name}`, value })
    }
  }
}

export function notePlace(notes: ParseNotes, feature: Feature, path: string): void {
  if (!notes.places.has(feature)) notes.places.set(feature, path)
}
