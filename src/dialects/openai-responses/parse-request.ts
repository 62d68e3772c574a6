// A request of the Responses API as a conversation. https://platform.openai.com/docs/api-reference/responses/create
import type {
  Conversation,
  JsonObject,
  ParsedRequest,
  Reasoning,
  ResponseFormat,
  UnknownField,
} from '../../conversation/conversation.ts'
import type { Feature } from '../../conversation/feature.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { notHeld, parseInput } from './parse-input.ts'
import { parseTools } from './parse-tools.ts'
import {
  readBoolean,
  readEnum,
  readInteger,
  readList,
  readNumber,
  readObject,
  readString,
  refuseOthers,
  refuseUnsupported,
  refuseValue,
  requireString,
} from './read-field.ts'

/** Each means something kept on OpenAI's servers, of which a translated backend has nothing. */
const held = ['previous_response_id', 'conversation', 'background', 'prompt'] as const

/** Everything that is read below, or that asks for nothing where all of that is refused. */
const known = new Set<string>([
  ...['model', 'input', 'instructions', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls'],
  ...['text', 'reasoning', 'max_output_tokens', 'temperature', 'top_p', 'top_logprobs', 'include', 'metadata', 'user'],
  ...['safety_identifier', 'prompt_cache_key', 'service_tier', ...held],
])

/** Fields of defaults that say what happens anyway. */
const defaults: Readonly<Record<string, unknown>> = { store: false, truncation: 'disabled' }

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
const summaries = ['auto', 'concise', 'detailed'] as const

/** Throws GatewayError `invalid_request`, `unsupported_parameter`. */
export function parseRequest(bytes: Buffer): ParsedRequest {
  const body = parseBody(bytes)
  for (const name of held) {
    const value = body[name] ?? null
    if (value !== null && value !== false) throw refuseUnsupported(name, notHeld)
  }
  const isStream = readBoolean(body, 'stream') === true
  const conversation: Conversation = {
    model: requireString(body, 'model'),
    ...parseInput(body.input, readString(body, 'instructions')),
    ...parseTools(body),
    parallelToolCalls: readBoolean(body, 'parallel_tool_calls'),
    ...parseText(body),
    reasoning: parseReasoning(body),
    maxOutputTokens: readInteger(body, 'max_output_tokens', 1),
    temperature: readNumber(body, 'temperature', 0, 2),
    topP: readNumber(body, 'top_p', 0, 1),
    topK: null,
    frequencyPenalty: null,
    presencePenalty: null,
    seed: null,
    stop: [],
    choices: 1,
    logitBias: null,
    topLogprobs: readLogprobs(body),
    endUser: readString(body, 'safety_identifier') ?? readString(body, 'user'),
    metadata: readMetadata(body),
    serviceTier: readString(body, 'service_tier'),
    promptCacheKey: readString(body, 'prompt_cache_key'),
    isStream,
    unknown: listUnknown(body),
  }
  return { conversation, wantsUsage: true, paramOf: (feature) => params[feature] ?? feature, body }
}

function parseBody(bytes: Buffer): JsonObject {
  try {
    const body: unknown = JSON.parse(bytes.toString())
    if (isRecord(body)) return body
  } catch {
    // Said below.
  }
  throw new GatewayError('invalid_json')
}

function parseText(body: JsonObject): Pick<Conversation, 'responseFormat' | 'verbosity'> {
  const text = readObject(body, 'text') ?? {}
  refuseOthers(text, new Set(['format', 'verbosity']), 'text.')
  return {
    responseFormat: parseFormat(readObject(text, 'format', 'text.')),
    verbosity: readEnum(text, 'verbosity', ['low', 'medium', 'high'], 'text.'),
  }
}

const formatNames = new Set(['type', 'name', 'description', 'schema', 'strict'])

function parseFormat(format: JsonObject | null): ResponseFormat | null {
  const path = 'text.format.'
  if (format === null || format.type === 'text') return null
  refuseOthers(format, formatNames, path)
  if (format.type === 'json_object') return { kind: 'json-object' }
  if (format.type !== 'json_schema') throw refuseValue(`${path}type`, 'must be text, json_schema or json_object')
  const schema = readObject(format, 'schema', path)
  if (schema === null) throw refuseValue(`${path}schema`, 'is required')
  return {
    kind: 'json-schema',
    name: requireString(format, 'name', path),
    description: readString(format, 'description', path),
    schema,
    isStrict: readBoolean(format, 'strict', path),
  }
}

const reasoningNames = new Set(['effort', 'summary', 'generate_summary'])

function parseReasoning(body: JsonObject): Reasoning | null {
  const reasoning = readObject(body, 'reasoning')
  if (reasoning === null) return null
  const path = 'reasoning.'
  const isDefault = { context: reasoning.context === 'auto', mode: reasoning.mode === 'standard' }
  for (const name of ['context', 'mode'] as const) {
    if ((reasoning[name] ?? null) !== null && !isDefault[name]) throw refuseUnsupported(`${path}${name}`)
  }
  refuseOthers(reasoning, new Set([...reasoningNames, 'context', 'mode']), path)
  const effort = readEnum(reasoning, 'effort', efforts, path)
  const summary =
    readEnum(reasoning, 'summary', summaries, path) ?? readEnum(reasoning, 'generate_summary', summaries, path)
  if (effort === null && summary === null) return null
  return { effort, budgetTokens: null, isShown: summary === null ? null : true }
}

/** What else can be included belongs to tools that are refused, or to items that are not kept. */
function readLogprobs(body: JsonObject): number | null {
  const top = readInteger(body, 'top_logprobs', 0)
  const isIncluded = readList(body, 'include').includes('message.output_text.logprobs')
  return isIncluded ? (top ?? 0) : top === 0 ? null : top
}

function readMetadata(body: JsonObject): Readonly<Record<string, string>> | null {
  const metadata = readObject(body, 'metadata')
  if (metadata === null) return null
  const entries = Object.entries(metadata).map(([name, value]): [string, string] => {
    if (typeof value !== 'string') throw refuseValue(`metadata.${name}`, 'must be a string')
    return [name, value]
  })
  return entries.length === 0 ? null : Object.fromEntries(entries)
}

function listUnknown(body: JsonObject): readonly UnknownField[] {
  const unknown: UnknownField[] = []
  for (const name in body) {
    const value = body[name]
    if (known.has(name) || value === null || value === defaults[name]) continue
    unknown.push({ name, value })
  }
  return unknown
}

/** Contents have no single place: the list they stand in. */
const params: Readonly<Partial<Record<Feature, string>>> = {
  topP: 'top_p',
  logprobs: 'top_logprobs',
  verbosity: 'text.verbosity',
  serviceTier: 'service_tier',
  strictTools: 'tools.strict',
  singleToolCall: 'parallel_tool_calls',
  toolChoice: 'tool_choice',
  jsonObject: 'text.format',
  jsonSchema: 'text.format',
  endUser: 'safety_identifier',
  promptCacheKey: 'prompt_cache_key',
  cacheMarkers: 'prompt_cache_breakpoint',
  imageDetail: 'input.content.detail',
  reasoningHistory: 'input.reasoning',
  images: 'input.content.input_image',
  imageUrls: 'input.content.image_url',
  files: 'input.content.input_file',
  fileUrls: 'input.content.file_url',
  fileIds: 'input.content.file_id',
  toolResultMedia: 'input.output',
}
