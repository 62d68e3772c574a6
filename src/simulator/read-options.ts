// Reads the request fields that dialects share, strictly enough that a client's mistake is a 400 and not a surprise.
import { isObject, type JsonObject } from './answer.ts'
import { RequestError } from './request-error.ts'

/** The first of the named fields that is set, as a whole number of at least `least`; null when none is. */
export function readCount(body: JsonObject, names: readonly string[], least = 1): number | null {
  for (const name of names) {
    const value = body[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least) {
      throw new RequestError(400, 'invalid_value', `'${name}' must be a whole number of at least ${least}.`, name)
    }
    return value
  }
  return null
}

/** `stop` or `stop_sequences`: a text or a list of texts. */
export function readStop(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

/** The schema of `response_format` (chat) or `text.format` (responses); null for words. */
export function readJsonSchema(format: unknown): unknown {
  if (!isObject(format)) return null
  if (format.type === 'json_object') {
    return { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] }
  }
  if (format.type !== 'json_schema') return null
  const named = isObject(format.json_schema) ? format.json_schema : format
  return named.schema ?? { type: 'object' }
}

/** OpenAI's `n`, at most 16. */
export function readChoiceCount(body: JsonObject): number {
  return Math.min(16, readCount(body, ['n']) ?? 1)
}
