// Reads JSON by a vendor's documented schema, strictly: what it doesn't know, misses or has of another type is refused
// with its path, as the vendors do. Independent of the gateway's own parsers.

export class Unacceptable extends Error {
  /** `messages[0].content`; empty for the body itself. */
  readonly path: string
  readonly reason: string

  constructor(path: string, reason: string) {
    super(path === '' ? reason : `${path}: ${reason}`)
    this.path = path
    this.reason = reason
  }
}

/** Throws Unacceptable. */
export type Reader<T> = (value: unknown, path: string) => T

type Optional<T> = Reader<T | undefined> & { readonly isOptional: true }
type Shape = Readonly<Record<string, Reader<unknown>>>
type Read<S extends Shape> = { readonly [Key in keyof S]: ReturnType<S[Key]> }

export function fail(path: string, reason: string): never {
  throw new Unacceptable(path, reason)
}

export const text: Reader<string> = (value, path) => (typeof value === 'string' ? value : fail(path, 'not a string'))

export const filledText: Reader<string> = (value, path) => {
  const read = text(value, path)
  return read.trim() === '' ? fail(path, 'must not be empty') : read
}

export const flag: Reader<boolean> = (value, path) => (typeof value === 'boolean' ? value : fail(path, 'not a boolean'))

export function number(least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): Reader<number> {
  return (value, path) => {
    if (typeof value !== 'number') return fail(path, 'not a number')
    return value < least || value > most ? fail(path, `must be between ${least} and ${most}`) : value
  }
}

export function integer(least = 0, most = Number.POSITIVE_INFINITY): Reader<number> {
  const inner = number(least, most)
  return (value, path) => (Number.isInteger(inner(value, path)) ? Number(value) : fail(path, 'not an integer'))
}

export function oneOf<const T extends string>(...values: readonly T[]): Reader<T> {
  return (value, path) => values.find((one) => one === value) ?? fail(path, `must be one of ${values.join(', ')}`)
}

/** Any JSON object, a schema for example. */
export const json: Reader<Readonly<Record<string, unknown>>> = (value, path) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : fail(path, 'not an object')

export const anything: Reader<unknown> = (value) => value

export const base64: Reader<string> = (value, path) => {
  const read = text(value, path)
  const isRight = read !== '' && /^[A-Za-z0-9+/]*={0,2}$/.test(read) && read.length % 4 === 0
  return isRight ? read : fail(path, 'not base64')
}

export function optional<T>(reader: Reader<T>): Optional<T> {
  const read = (value: unknown, path: string) => (value === undefined ? undefined : reader(value, path))
  return Object.assign(read, { isOptional: true as const })
}

export function nullable<T>(reader: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null ? null : reader(value, path))
}

/** May be missing or null. */
export function maybe<T>(reader: Reader<T>): Optional<T | null> {
  return optional(nullable(reader))
}

export function list<T>(reader: Reader<T>, least = 0, most = Number.POSITIVE_INFINITY): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return fail(path, 'not a list')
    if (value.length < least || value.length > most) return fail(path, `must have ${least} to ${most} elements`)
    return value.map((one, at) => reader(one, `${path}[${at}]`))
  }
}

export function map<T>(reader: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path) =>
    Object.fromEntries(Object.entries(json(value, path)).map(([key, one]) => [key, reader(one, join(path, key))]))
}

export function object<S extends Shape>(shape: S): Reader<Read<S>> {
  return (value, path) => {
    const given = json(value, path)
    for (const key of Object.keys(given)) {
      if (!Object.hasOwn(shape, key)) fail(join(path, key), 'Extra inputs are not permitted')
    }
    const read: Record<string, unknown> = {}
    for (const [key, reader] of Object.entries(shape)) {
      if (given[key] === undefined && !('isOptional' in reader)) fail(join(path, key), 'Field required')
      read[key] = reader(given[key], join(path, key))
    }
    return castRead<S>(read)
  }
}

/** By the value of one of its fields: `tagged('type', { text: object({ type: … }) })`. */
export function tagged<V extends Shape>(tag: string, variants: V): Reader<ReturnType<V[keyof V]>> {
  return (value, path) => {
    const kind = json(value, path)[tag]
    const reader = typeof kind === 'string' && Object.hasOwn(variants, kind) ? variants[kind] : undefined
    if (reader === undefined) return fail(join(path, tag), `unknown ${tag} ${JSON.stringify(kind)}`)
    return castVariant<V>(reader(value, path))
  }
}

export function either<A, B>(one: Reader<A>, other: Reader<B>, isOne: (value: unknown) => boolean): Reader<A | B> {
  return (value, path) => (isOne(value) ? one(value, path) : other(value, path))
}

export const isText = (value: unknown) => typeof value === 'string'

/** How many of these are there. */
export function countSet(...values: readonly unknown[]): number {
  return values.filter((value) => value !== undefined && value !== null).length
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

// What TypeScript can't follow: a record filled by its own shape.
function castRead<S extends Shape>(read: unknown): Read<S> {
  return read as Read<S>
}

function castVariant<V extends Shape>(read: unknown): ReturnType<V[keyof V]> {
  return read as ReturnType<V[keyof V]>
}
