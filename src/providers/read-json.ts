// Reads fields of a backend's JSON, which may hold anything: what is not of the kind asked for is not there.
import { isRecord } from '../is-record.ts'
import { parseExactJson } from '../wire/parse-exact-json.ts'

export type JsonRecord = Readonly<Record<string, unknown>>

const nothing: JsonRecord = Object.freeze({})
const noItems: readonly unknown[] = Object.freeze([])

/** An empty object for what is none. */
export function readRecord(value: unknown): JsonRecord {
  return isRecord(value) ? value : nothing
}

/** An empty list for what is none. */
export function readList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : noItems
}

/** Null for what is no text. */
export function readText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** A whole number from 0; 0 for what is none. */
export function readCount(value: unknown): number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? Math.floor(value) : 0
}

/** Undefined for what is no JSON. */
export function parseJsonText(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch {
    return undefined
  }
}
