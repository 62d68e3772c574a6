// Parses a request of Anthropic's Messages API into a conversation; every field of it is accounted for.
// https://docs.claude.com/en/api/messages
import type { CacheMarker, Conversation, ParsedRequest, Turn } from '../../conversation/conversation.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import {
  type Fields,
  noteUnknown,
  type ParseNotes,
  readArray,
  readCountOrNull,
  readFlagOrNull,
  readNumberOrNull,
  readRecord,
  readText,
  readTextOrNull,
  refuseInvalid,
  refuseUnsupported,
} from './fields.ts'
import { nameParam } from './name-param.ts'
import { parseCacheMarker } from './parse-blocks.ts'
import { parseMessages, parseSystem } from './parse-messages.ts'
import { parseReasoning, parseResponseFormat } from './parse-output.ts'
import { parseToolChoice, parseTools } from './parse-tools.ts'

const requestFields = new Set([
  'model',
  'messages',
  'max_tokens',
  'system',
  'metadata',
  'stop_sequences',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'service_tier',
  'cache_control',
])
const metadataFields = new Set(['user_id'])

export function parseRequest(body: Buffer): ParsedRequest {
  const request: unknown = JSON.parse(body.toString())
  if (!isRecord(request)) throw new GatewayError('invalid_json')
  const notes: ParseNotes = { unknown: [], places: new Map(), toolNames: new Map() }
  noteUnknown(request, requestFields, '', notes)
  const { choice, isParallel } = parseToolChoice(request.tool_choice, notes)
  const turns = parseMessages(request.messages, notes)
  const conversation: Conversation = {
    model: readText(request.model, 'model'),
    system: request.system == null ? [] : parseSystem(request.system, 'system', notes),
    turns: markLast(turns, parseCacheMarker(request.cache_control, 'cache_control')),
    tools: parseTools(request.tools, notes),
    toolChoice: choice,
    parallelToolCalls: isParallel,
    responseFormat: parseResponseFormat(request, notes),
    reasoning: parseReasoning(request, notes),
    maxOutputTokens: parseMaxTokens(request),
    temperature: readNumberOrNull(request.temperature, 'temperature'),
    topP: readNumberOrNull(request.top_p, 'top_p'),
    topK: readCountOrNull(request.top_k, 'top_k'),
    frequencyPenalty: null,
    presencePenalty: null,
    seed: null,
    stop: parseStop(request.stop_sequences),
    choices: 1,
    logitBias: null,
    topLogprobs: null,
    verbosity: null,
    endUser: parseEndUser(request.metadata, notes),
    metadata: null,
    serviceTier: parseServiceTier(request.service_tier),
    promptCacheKey: null,
    isStream: readFlagOrNull(request.stream, 'stream') ?? false,
    unknown: notes.unknown,
  }
  return { conversation, wantsUsage: true, paramOf: (feature) => nameParam(feature, notes.places) }
}

function parseMaxTokens({ max_tokens: value }: Fields): number {
  const count = readCountOrNull(value, 'max_tokens')
  if (count === null) throw refuseInvalid('max_tokens', 'is required')
  // https://docs.claude.com/en/docs/build-with-claude/prompt-caching: fills the cache and answers nothing.
  if (count === 0) throw refuseUnsupported('max_tokens', 'of 0 is only supported by models of Anthropic')
  return count
}

function parseStop(value: unknown): readonly string[] {
  if (value == null) return []
  return readArray(value, 'stop_sequences').map((text, index) => readText(text, `stop_sequences[${index}]`))
}

function parseEndUser(value: unknown, notes: ParseNotes): string | null {
  if (value == null) return null
  const metadata = readRecord(value, 'metadata')
  noteUnknown(metadata, metadataFields, 'metadata', notes)
  return readTextOrNull(metadata.user_id, 'metadata.user_id')
}

/** https://docs.claude.com/en/api/service-tiers */
function parseServiceTier(value: unknown): string | null {
  if (value == null) return null
  if (value === 'auto') return 'auto'
  if (value === 'standard_only') return 'default'
  throw refuseInvalid('service_tier', "must be 'auto' or 'standard_only'")
}

/** A marker of the whole request's stands at its last block that can have one. */
function markLast(turns: readonly Turn[], cache: CacheMarker): readonly Turn[] {
  const last = turns.at(-1)
  if (cache === null || last === undefined) return turns
  const rest = turns.slice(0, -1)
  if (last.role === 'system') return [...rest, { ...last, parts: markLastPart(last.parts, cache) }]
  if (last.role === 'user') return [...rest, { ...last, parts: markLastPart(last.parts, cache) }]
  return [...rest, { ...last, parts: markLastPart(last.parts, cache) }]
}

function markLastPart<T extends object>(parts: readonly T[], cache: CacheMarker): readonly T[] {
  const at = parts.findLastIndex((part) => 'cache' in part)
  return parts.map((part, index) => (index === at ? { ...part, cache } : part))
}
