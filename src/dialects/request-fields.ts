// Reads the fields of a client's JSON object, each once, and says by its full name which of them is wrong. What nobody
// has read is left to be named: nothing of a request goes in silence.
import type { UnknownField } from '../conversation/conversation.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { isRecord } from '../is-record.ts'

/** `problem` completes the sentence: `must be a string`. */
export function invalidField(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_request', `${param} ${problem}`, { publicText: `'${param}' ${problem}.`, param })
}

/** `problem`: why it can't be had here, a sentence of its own. */
export function unsupportedField(param: string, problem = `'${param}' is not supported here.`): GatewayError {
  return new GatewayError('unsupported_parameter', `no ${param}`, { publicText: problem, param })
}

/** Every reader answers null for a field that is absent or null, and throws `invalid_request` for one of another kind. */
export class RequestFields {
  readonly #record: Readonly<Record<string, unknown>>
  readonly #path: string
  readonly #read = new Set<string>()

  /** `path`: where the object stands in the body, `messages[2]`; empty for the body itself. */
  constructor(record: Readonly<Record<string, unknown>>, path = '') {
    this.#record = record
    this.#path = path
  }

  /** The object `value`. Throws where it is none. */
  static of(value: unknown, path: string): RequestFields {
    if (!isRecord(value)) throw invalidField(path, 'must be an object')
    return new RequestFields(value, path)
  }

  get path(): string {
    return this.#path
  }

  /** The full name of a field. */
  nameOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  value(name: string): unknown {
    this.#read.add(name)
    return Object.hasOwn(this.#record, name) ? (this.#record[name] ?? null) : null
  }

  string(name: string): string | null {
    const value = this.value(name)
    if (value !== null && typeof value !== 'string') throw invalidField(this.nameOf(name), 'must be a string')
    return value
  }

  requireString(name: string): string {
    const value = this.string(name)
    if (value === null) throw invalidField(this.nameOf(name), 'is required')
    return value
  }

  boolean(name: string): boolean | null {
    const value = this.value(name)
    if (value !== null && typeof value !== 'boolean') throw invalidField(this.nameOf(name), 'must be a boolean')
    return value
  }

  number(name: string, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): number | null {
    const value = this.value(name)
    if (value === null) return null
    if (typeof value !== 'number') throw invalidField(this.nameOf(name), 'must be a number')
    if (value < min || value > max) throw invalidField(this.nameOf(name), describeRange(min, max))
    return value
  }

  integer(name: string, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): number | null {
    const value = this.number(name, min, max)
    if (value !== null && !Number.isSafeInteger(value)) throw invalidField(this.nameOf(name), 'must be an integer')
    return value
  }

  /** One of a few words. */
  word<const T extends string>(name: string, words: readonly T[]): T | null {
    const value = this.string(name)
    if (value === null) return null
    const word = words.find((known) => known === value)
    if (word === undefined) throw invalidField(this.nameOf(name), `must be one of ${words.join(', ')}`)
    return word
  }

  list(name: string): readonly unknown[] | null {
    const value = this.value(name)
    if (value !== null && !Array.isArray(value)) throw invalidField(this.nameOf(name), 'must be a list')
    return value
  }

  record(name: string): Readonly<Record<string, unknown>> | null {
    const value = this.value(name)
    if (value !== null && !isRecord(value)) throw invalidField(this.nameOf(name), 'must be an object')
    return value
  }

  /** The object in a field, to be read on. */
  object(name: string): RequestFields | null {
    const record = this.record(name)
    return record === null ? null : new RequestFields(record, this.nameOf(name))
  }

  requireObject(name: string): RequestFields {
    const object = this.object(name)
    if (object === null) throw invalidField(this.nameOf(name), 'is required')
    return object
  }

  /** The field holds one of these values, which say what would be so without it. Otherwise it counts as not read. */
  skip(name: string, isNeutral: (value: unknown) => boolean): void {
    if (isNeutral(this.#record[name] ?? null)) this.#read.add(name)
  }

  /** What has a value and has not been read. */
  unread(): readonly UnknownField[] {
    const fields: UnknownField[] = []
    for (const name of Object.keys(this.#record)) {
      const value = this.#record[name]
      if (value !== null && !this.#read.has(name)) fields.push({ name: this.nameOf(name), value })
    }
    return fields
  }

  /** Throws `unsupported_parameter` for the first field that has not been read. */
  refuseUnread(): void {
    const [field] = this.unread()
    if (field !== undefined) throw unsupportedField(field.name)
  }
}

function describeRange(min: number, max: number): string {
  if (max >= Number.MAX_SAFE_INTEGER) return `must be at least ${min}`
  return min <= Number.MIN_SAFE_INTEGER ? `must be at most ${max}` : `must be between ${min} and ${max}`
}
