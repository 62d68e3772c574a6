// Cohere's errors: `{"message": …}`, with an id at times. https://docs.cohere.com/reference/errors
import type { BackendError } from '../../conversation/answer-event.ts'
import { parseJsonText, readRecord, readText } from '../read-json.ts'

const overflow =
  /too many tokens|too long|maximum context|context (?:window|length|limit)|exceeds? the (?:limit|maximum)[^.]*tokens/i

export function decodeCohereError(status: number, body: string): BackendError {
  const fields = readRecord(parseJsonText(body))
  return createCohereError(status, readText(fields.message))
}

/** `said`: its own words, null for none. */
export function createCohereError(status: number, said: string | null): BackendError {
  const message = said === null || said === '' ? `The model server answered with status ${status}.` : said
  return { status, message, code: null, param: null, isContextOverflow: status === 400 && overflow.test(message) }
}
