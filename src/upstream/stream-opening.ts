// How a stream in the client's own format begins: with something of the answer, with an error, or with what says neither
// yet. Looks at it only until it knows.
import type { BackendError } from '../conversation/answer-event.ts'
import type { ErrorEventStyle } from '../errors/dialect.ts'
import { isRecord } from '../is-record.ts'
import { type SseMessage, SseReader } from '../wire/sse-reader.ts'
import { readErrorStatus } from './read-error-status.ts'
import { parseJson } from './token-usage.ts'

/** Events that come before the model has been asked, or while it is still at work. */
const preambles: Readonly<Record<ErrorEventStyle, ReadonlySet<string>>> = {
  chat: new Set(),
  messages: new Set(['message_start', 'ping']),
  responses: new Set(['response.created', 'response.queued', 'response.in_progress']),
}

const errorTypes: ReadonlySet<string> = new Set(['error', 'response.failed'])

export class StreamOpening {
  readonly #style: ErrorEventStyle
  readonly #reader = new SseReader()

  constructor(style: ErrorEventStyle) {
    this.#style = style
  }

  /** Whole events. Null: nothing is known yet. */
  push(bytes: Buffer): 'begun' | BackendError | null {
    // A stream of many small events: only the first ones are read.
    for (let from = 0; from < bytes.length; ) {
      const blank = bytes.indexOf('\n\n', from)
      const end = blank === -1 ? bytes.length : blank + 2
      for (const message of this.#reader.push(bytes.subarray(from, end))) {
        const found = this.#judge(message)
        if (found !== null) return found
      }
      from = end
    }
    return null
  }

  #judge({ event, data }: SseMessage): 'begun' | BackendError | null {
    if (event !== null && preambles[this.#style].has(event)) return null
    if (event !== null && !errorTypes.has(event) && this.#style !== 'chat') return 'begun'
    if (event === null && this.#style === 'chat' && !data.includes('rror"')) return 'begun'
    const parsed = parseJson(data)
    if (!isRecord(parsed)) return event === 'error' ? readBackendError({ message: data }) : 'begun'
    const type = typeof parsed.type === 'string' ? parsed.type : event
    if (type !== null && preambles[this.#style].has(type)) return null
    return readError(parsed, type)
  }
}

function readError(parsed: Readonly<Record<string, unknown>>, type: string | null): 'begun' | BackendError {
  const response = isRecord(parsed.response) ? parsed.response : null
  const own = parsed.error ?? (type === 'response.failed' ? response?.error : null)
  if (isRecord(own)) return readBackendError(own)
  if (typeof own === 'string') return readBackendError({ message: own })
  // The Responses API's error event is flat; so is vLLM's, as `object`.
  if ((type !== null && errorTypes.has(type)) || parsed.object === 'error') return readBackendError(parsed)
  return 'begun'
}

function readBackendError(said: Readonly<Record<string, unknown>>): BackendError {
  const { message, param } = said
  const code = typeof said.code === 'string' ? said.code : null
  const type = typeof said.type === 'string' && said.type !== 'error' ? said.type : null
  const text = typeof message === 'string' && message !== '' ? message : 'The model server failed.'
  const isContextOverflow = code === 'context_length_exceeded' || saysTooLong(text)
  return {
    status: isContextOverflow ? 400 : readErrorStatus(said.status ?? said.code, code, type),
    message: text,
    code: code ?? type,
    param: typeof param === 'string' ? param : null,
    isContextOverflow,
  }
}

/** Of the body of an error answer in the client's own format. */
export function isContextOverflow(body: string): boolean {
  const parsed = parseJson(body)
  const error = isRecord(parsed) ? parsed.error : null
  return isRecord(error) && readBackendError(error).isContextOverflow
}

/** Anthropic has no code of its own for it: https://docs.claude.com/en/docs/build-with-claude/context-windows */
function saysTooLong(message: string): boolean {
  return /prompt is too long|maximum context length|exceeds? the (?:model's )?context (?:window|length)/i.test(message)
}
