// Errors of OpenAI-shaped servers, in all the shapes that they come in: the backend's own words, and never a body that
// is none of theirs.
import type { BackendError } from '../../conversation/answer-event.ts'
import { isRecord } from '../../is-record.ts'
import { isContextOverflow } from './is-context-overflow.ts'

type Said = Readonly<{ message: string | null; code: string | null; param: string | null }>

const maxMessageLength = 4_000

/** `body`: as it came, perhaps no JSON, perhaps empty. */
export function decodeOpenAiError(status: number, body: string): BackendError {
  return createError(status, readSaid(parse(body)))
}

/** An error that stands where an answer should: the data of an event, or a body of a 200. Null: it is none. */
export function findOpenAiError(answer: Readonly<Record<string, unknown>>): BackendError | null {
  const { error } = answer
  const isError = (error !== undefined && error !== null && error !== '') || answer.object === 'error'
  if (!isError) return null
  return createError(readStatus(answer), readSaid(answer))
}

function createError(status: number, { message, code, param }: Said): BackendError {
  return {
    status,
    message: message === null ? `The backend answered with status ${status}.` : message.slice(0, maxMessageLength),
    code,
    param,
    isContextOverflow: isContextOverflow(status, code, message),
  }
}

/**
 * `{error: {message, type, param, code}}` is OpenAI's, Azure's, Groq's; `{error: "…"}` Ollama's and xAI's (with `code`);
 * `{object: "error", message, …}` vLLM's and Mistral's; `{detail: "…" | [{loc, msg}]}` FastAPI's, and inside of
 * Mistral's `message`; `{statusCode, message}` that of Azure's front; `{errors: ["…"]}` and lists Hugging Face's.
 */
function readSaid(body: unknown): Said {
  if (!isRecord(body)) return { message: null, code: null, param: null }
  const { error } = body
  if (isRecord(error)) {
    const code = readCode(error.code) ?? readCode(error.type) ?? readCode(body.code)
    const text = readMessage(error.message) ?? readMessage(error.detail)
    return { message: withRaw(text, error.metadata), code, param: readText(error.param) }
  }
  const said = readMessage(error) ?? readMessage(body.message) ?? readMessage(body.detail) ?? readMessage(body.errors)
  const code = readCode(body.code) ?? readCode(body.type) ?? readCode(body.error_type)
  return { message: said, code, param: readText(body.param) ?? findParam(body.detail) ?? findParam(body.message) }
}

function readMessage(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value
  if (isRecord(value)) return readMessage(value.detail ?? value.message ?? value.msg)
  if (!Array.isArray(value)) return null
  const lines = value.flatMap((entry: unknown) => {
    const text = readMessage(entry)
    const place = isRecord(entry) ? readPlace(entry.loc) : null
    if (text === null) return []
    return [place === null ? text : `${place}: ${text}`]
  })
  return lines.length === 0 ? null : lines.join('; ')
}

/** FastAPI's `["body", "messages", 0, "content"]`. */
function readPlace(loc: unknown): string | null {
  if (!Array.isArray(loc)) return null
  const parts = loc[0] === 'body' ? loc.slice(1) : loc
  let place = ''
  for (const part of parts) {
    if (typeof part === 'number') place += `[${part}]`
    else if (typeof part === 'string') place += place === '' ? part : `.${part}`
  }
  return place === '' ? null : place
}

function findParam(detail: unknown): string | null {
  if (isRecord(detail)) return findParam(detail.detail)
  const [first]: readonly unknown[] = Array.isArray(detail) ? detail : []
  return isRecord(first) ? readPlace(first.loc) : null
}

/** OpenRouter's own text says little where the provider behind it has said more. https://openrouter.ai/docs/api-reference/errors */
function withRaw(text: string | null, metadata: unknown): string | null {
  const raw = isRecord(metadata) ? metadata.raw : null
  if (typeof raw !== 'string' || raw === '') return text
  const said = readSaid(parse(raw)).message ?? raw
  return text === null || text === said ? said : `${text}: ${said}`
}

/** A code is a word: the numbers that some write are their status. */
function readCode(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && !/^\d+$/.test(value) ? value : null
}

function readText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** Of an error inside of an answer: the status that it names, or 500 for none. */
function readStatus(answer: Readonly<Record<string, unknown>>): number {
  const error = isRecord(answer.error) ? answer.error : answer
  for (const value of [error.status, error.code, error.status_code, error.http_status_code]) {
    const status = typeof value === 'string' ? Number(value) : value
    if (typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599) return status
  }
  return statusByType[String(error.type)] ?? statusByType[String(error.code)] ?? 500
}

/** https://platform.openai.com/docs/guides/error-codes */
const statusByType: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  BadRequestError: 400,
  context_length_exceeded: 400,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  tokens: 429,
  requests: 429,
  overloaded_error: 503,
  service_unavailable: 503,
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
