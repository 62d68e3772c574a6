// Decodes an error of Anthropic's, of an answer or inside a stream. https://docs.claude.com/en/api/errors
import type { BackendError } from '../../conversation/answer-event.ts'
import { parseJsonText, readRecord, readText } from '../read-json.ts'

const statusByType: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
}

/** Its own words for an input that is too long, with and without the room the answer needs. */
const overflowPattern = /prompt is too long|exceed(s|ed)? (the )?context (limit|window)|input is too long/i

export function decodeError(status: number, body: string): BackendError {
  return createError(status, parseJsonText(body))
}

/** The error of a stream's `error` event stands for the status its type has elsewhere. */
export function decodeStreamError(event: unknown): BackendError {
  const type = readText(readRecord(readRecord(event).error).type) ?? ''
  return createError(Object.hasOwn(statusByType, type) ? (statusByType[type] ?? 500) : 500, event)
}

function createError(status: number, envelope: unknown): BackendError {
  const error = readRecord(readRecord(envelope).error)
  const message = readText(error.message) ?? `The model server answered with status ${status}.`
  const isOverflow = (status === 400 || status === 413) && overflowPattern.test(message)
  return { status, message, code: readText(error.type), param: null, isContextOverflow: isOverflow }
}
