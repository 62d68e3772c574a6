// Bedrock's errors, of an answer and of a stream, as a BackendError.
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors
import type { BackendError } from '../../conversation/answer-event.ts'
import { parseJsonText, readRecord, readText } from '../read-json.ts'

/** The statuses that exceptions of a stream stand for. 424 and 408 mean the model failed, or was too slow. */
const statusByException: Readonly<Record<string, number>> = {
  validationException: 400,
  throttlingException: 429,
  internalServerException: 500,
  modelStreamErrorException: 502,
  serviceUnavailableException: 503,
  modelTimeoutException: 504,
}

/** As the models behind Bedrock and Bedrock itself say it. */
const overflow =
  /input is too long|prompt is too long|too many (?:input )?tokens|maximum context length|context (?:window|limit|length)|exceeds? the maximum (?:number of )?(?:input )?tokens|input tokens? exceeded/i

/** `headers`: flat, lower-case names. The code is in `x-amzn-errortype`, `__type` or nowhere. */
export function decodeBedrockError(status: number, body: string, headers: readonly string[] = []): BackendError {
  const fields = readRecord(parseJsonText(body))
  const typeAt = headers.findIndex((part, at) => at % 2 === 0 && part === 'x-amzn-errortype')
  const type = (typeAt < 0 ? null : headers[typeAt + 1]) ?? readText(fields.__type)
  const message = readText(fields.message) ?? readText(fields.Message)
  return createError(status, message, type === null ? null : readCode(type))
}

/** An exception or error message in a stream. `name`: of its header. */
export function decodeStreamError(name: string, payload: unknown, fallback: string | null): BackendError {
  const fields = readRecord(payload)
  const message = readText(fields.message) ?? readText(fields.Message) ?? fallback
  const original = fields.originalStatusCode
  const known = statusByException[name] ?? 502
  const status = known === 502 && typeof original === 'number' && original >= 500 && original < 600 ? original : known
  return createError(status, message, name)
}

function createError(status: number, said: string | null, code: string | null): BackendError {
  const message = said === null || said === '' ? `The model server answered with status ${status}.` : hideNames(said)
  return { status, message, code, param: null, isContextOverflow: status === 400 && overflow.test(message) }
}

/** `ValidationException:http://internal.amazon.com/coral/…`, `com.amazon.coral.service#UnknownOperationException`. */
function readCode(type: string): string {
  return type.slice(type.indexOf('#') + 1).split(':')[0] ?? type
}

/** ARNs name accounts and users of ours, not the caller's. */
function hideNames(message: string): string {
  return message.replace(/\barn:aws[\w-]*:[^\s"',)]*/g, '[resource]')
}
