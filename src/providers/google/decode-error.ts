// Google's error envelope. https://cloud.google.com/apis/design/errors#error_model
import type { BackendError } from '../../conversation/answer-event.ts'
import { CredentialRefused } from '../../errors/credential-refused.ts'
import { isRecord } from '../../is-record.ts'
import { parseJsonText, readList, readRecord, readText } from '../read-json.ts'

/** Throws GatewayError `upstream_error` where Google refuses our key, which it does with 400. */
export function decodeError(status: number, body: string): BackendError {
  const error = readError(parseJsonText(body))
  if (isKeyRefused(error)) throw new CredentialRefused(400)
  return createError(status, error)
}

/** An `error` in the middle of a stream; its `code` is an HTTP status. */
export function decodeStreamError(error: unknown): BackendError {
  const code = isRecord(error) ? error.code : undefined
  const isStatus = typeof code === 'number' && code >= 400 && code <= 599
  return createError(isStatus ? code : 500, error)
}

function createError(status: number, error: unknown): BackendError {
  const message = isRecord(error) && typeof error.message === 'string' ? error.message : ''
  return {
    status,
    message: message === '' ? `The model server answered with status ${status}.` : message,
    code: isRecord(error) && typeof error.status === 'string' ? error.status : null,
    // Google names fields of its own request, which the client never wrote.
    param: null,
    isContextOverflow: overflow.test(message),
    ...readRetryDelay(error),
  }
}

/** https://cloud.google.com/apis/design/errors#retry_info: a duration, `34.4s`, and no header says the same. */
function readRetryDelay(error: unknown): Pick<BackendError, 'retryAfterSeconds'> {
  for (const detail of readList(readRecord(error).details)) {
    const [, seconds] = /^(\d{1,5}(?:\.\d+)?)s$/.exec(readText(readRecord(detail).retryDelay) ?? '') ?? []
    if (seconds !== undefined) return { retryAfterSeconds: Math.ceil(Number(seconds)) }
  }
  return {}
}

/** "The input token count (1048600) exceeds the maximum number of tokens allowed (1048575)."; Vertex AI's "The input token count is 1048600 but the model only supports up to 1048575." */
const overflow = /input token count\b.*\b(?:exceeds the maximum|only supports up to)/i

/** Some methods answer with a list of one error. */
function readError(answer: unknown): unknown {
  const first: unknown = Array.isArray(answer) ? answer[0] : answer
  return isRecord(first) ? first.error : undefined
}

/** https://cloud.google.com/apis/design/errors#error_info */
function isKeyRefused(error: unknown): boolean {
  if (!isRecord(error) || !Array.isArray(error.details)) return false
  return error.details.some((detail: unknown) => isRecord(detail) && detail.reason === 'API_KEY_INVALID')
}
