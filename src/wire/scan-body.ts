// Owns reading a JSON request body once, as bytes: is it strict JSON, which model, is it a stream, where do they stand.
// Builds no objects and keeps nothing of the content but top-level key names and the model.
import { isUtf8 } from 'node:buffer'
import { GatewayError } from '../errors/gateway-error.ts'
import type { PromptPlace } from './hash-prompt.ts'
import { JsonScanner } from './json-scanner.ts'

/** How much answer a request asks for. Null: it does not say, or nothing that is a whole number over 0. */
export type AskedOutput = Readonly<{
  /** The larger of `max_tokens` and `max_completion_tokens`. */
  maxTokens: number | null
  /** `max_output_tokens`, the Responses API's. */
  maxOutputTokens: number | null
  /** The larger of `n` and `best_of`; 1 when neither is there. */
  choices: number
}>

export type BodyScan = AskedOutput &
  PromptPlace &
  Readonly<{
    /** Null if there is none. */
    model: string | null
    /** The bytes of the value's JSON text, quotes included; 0 and 0 if there is none. */
    modelStart: number
    modelEnd: number
    stream: boolean
    /** The bytes of the value of `stream_options`; 0 and 0 if there is none. */
    streamOptionsStart: number
    streamOptionsEnd: number
    /** Just behind `{`: where members may be inserted. */
    firstKeyOffset: number
    isEmptyObject: boolean
    /** Top-level key names, decoded, in wire order. */
    keys: readonly string[]
    hasMessages: boolean
    hasPrompt: boolean
    hasInput: boolean
  }>

/** No request of any provider comes near: a body of a million tiny keys is an attack on memory. */
const maxTopLevelKeys = 1_024
const maxModelBytes = 1_024

/**
 * Scans a request body. What it accepts, `JSON.parse` accepts, with the same top-level keys.
 * Throws `invalid_json` for anything but one UTF-8 JSON object, nested at most 256 deep; `invalid_request` with `param`
 * for a `model` that isn't a string, a `stream` that isn't a boolean or null, for a second `model`, `stream` or
 * `stream_options` key in any spelling, since parsers differ on which of two counts, and for a name that counts here in
 * another case.
 *
 * Measured on Node 26, 104 KB of chat, same run: this 47 µs, `JSON.parse` (which finds no offsets and no duplicates)
 * 68 µs, the 32-bit word loop over the bytes alone 29 µs, a byte loop with a table 75 µs, `indexOf` for quotes 99 µs, sticky
 * regexes 277 µs. 1 KB: 1.35 µs against 1.22 µs.
 */
export function scanBody(body: Buffer): BodyScan {
  if (!isUtf8(body)) throw new GatewayError('invalid_json', 'body is not UTF-8')
  const scanner = new JsonScanner(body)
  const firstKeyOffset = scanner.openObject()
  const keys: string[] = []
  let model: string | null = null
  let modelStart = 0
  let modelEnd = 0
  let stream: boolean | null = null
  let streamOptionsStart = 0
  let streamOptionsEnd = 0
  let hasMessages = false
  let hasPrompt = false
  let hasInput = false
  let systemStart = 0
  let systemEnd = 0
  let contentStart = 0
  let contentEnd = 0
  let maxTokens: number | null = null
  let maxOutputTokens: number | null = null
  let choices = 1

  while (scanner.hasMember()) {
    const key = scanner.readKey()
    if (keys.length === maxTopLevelKeys) throw new GatewayError('invalid_request', 'too many top-level keys')
    keys.push(key)
    const start = scanner.offset
    scanner.skipValue(1)
    const end = scanner.offset
    switch (key) {
      case 'model':
        if (modelEnd !== 0) throw refuseMember('model', 'is given twice')
        model = decodeModel(body, start, end)
        modelStart = start
        modelEnd = end
        break
      case 'stream':
        if (stream !== null) throw refuseMember('stream', 'is given twice')
        stream = decodeStream(body, start)
        break
      case 'stream_options':
        if (streamOptionsEnd !== 0) throw refuseMember('stream_options', 'is given twice')
        streamOptionsStart = start
        streamOptionsEnd = end
        break
      case 'messages':
        hasMessages = true
        contentStart = start
        contentEnd = end
        break
      case 'prompt':
        hasPrompt = true
        contentStart = start
        contentEnd = end
        break
      case 'input':
        hasInput = true
        contentStart = start
        contentEnd = end
        break
      case 'system':
      case 'instructions':
        systemStart = start
        systemEnd = end
        break
      // Of two that say the same thing the larger one counts: which of them a server obeys, nobody knows.
      case 'max_tokens':
      case 'max_completion_tokens':
        maxTokens = readLarger(body, start, end, maxTokens)
        break
      case 'max_output_tokens':
        maxOutputTokens = readLarger(body, start, end, maxOutputTokens)
        break
      case 'n':
      case 'best_of':
        choices = readLarger(body, start, end, choices) ?? 1
        break
      default:
        if (hasOtherSign.test(key)) refuseOtherCase(key)
    }
  }
  scanner.end()
  return {
    model,
    modelStart,
    modelEnd,
    stream: stream === true,
    streamOptionsStart,
    streamOptionsEnd,
    firstKeyOffset,
    isEmptyObject: keys.length === 0,
    keys,
    hasMessages,
    hasPrompt,
    hasInput,
    systemStart,
    systemEnd,
    contentStart,
    contentEnd,
    maxTokens,
    maxOutputTokens,
    choices,
  }
}

function decodeModel(body: Buffer, start: number, end: number): string {
  if (body[start] !== 0x22) throw refuseMember('model', 'must be a string')
  if (end - start > maxModelBytes) throw refuseMember('model', 'is too long')
  const text = body.toString('utf8', start, end)
  if (!text.includes('\\')) return text.slice(1, -1)
  const decoded: unknown = JSON.parse(text)
  if (typeof decoded !== 'string') throw refuseMember('model', 'must be a string')
  return decoded
}

const hasOtherSign = /[^a-z0-9_]/
const countedNames: ReadonlySet<string> = new Set([
  'MODEL',
  'STREAM',
  'STREAM_OPTIONS',
  'MAX_TOKENS',
  'MAX_COMPLETION_TOKENS',
  'MAX_OUTPUT_TOKENS',
  'N',
  'BEST_OF',
])

/** Servers written in Go match names in any case, the last one counting: `Model` would be theirs, and not what we saw. */
function refuseOtherCase(key: string): void {
  const upper = key.toUpperCase()
  if (countedNames.has(upper)) throw refuseMember(upper.toLowerCase(), 'must be in lower case')
}

const maxCountBytes = 24

/** The whole number over 0 in `[start, end)`, or `least` where that is larger or there is none. `1e3` is a number too. */
function readLarger(body: Buffer, start: number, end: number, least: number | null): number | null {
  const first = body[start] ?? 0
  if (first < 0x30 || first > 0x39 || end - start > maxCountBytes) return least
  const count = Number(body.toString('latin1', start, end))
  return Number.isSafeInteger(count) && count > (least ?? 0) ? count : least
}

/** The value has been checked to be JSON: its first byte says which. */
function decodeStream(body: Buffer, start: number): boolean {
  const first = body[start]
  if (first === 0x74) return true
  if (first === 0x66 || first === 0x6e) return false
  throw refuseMember('stream', 'must be a boolean')
}

function refuseMember(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_request', `${param} ${problem}`, { publicText: `'${param}' ${problem}.`, param })
}
