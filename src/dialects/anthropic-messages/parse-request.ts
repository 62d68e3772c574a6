// Parses a request of Anthropic's Messages API into a conversation; every field of it is accounted for.
// https://docs.claude.com/en/api/messages
import type { CacheMarker, Conversation, ParsedRequest, Turn } from '../../conversation/conversation.ts'
import { parseExactJson } from '../../wire/parse-exact-json.ts'
import { invalidField, RequestFields, unsupportedField } from '../request-fields.ts'
import { listBlocks, parseCacheMarker } from './parse-blocks.ts'
import { parseMessages, parseSystem } from './parse-messages.ts'
import { ParseNotes } from './parse-notes.ts'
import { parseOutput } from './parse-output.ts'
import { parseToolChoice, parseTools } from './parse-tools.ts'

/** `hasAnswer`: false where the conversation is only to be counted, and nobody says how long an answer may be. */
export function parseRequest(bytes: Buffer, hasAnswer = true): ParsedRequest {
  const parsed = parseExactJson(bytes.toString())
  const body = RequestFields.of(parsed, '')
  const notes = new ParseNotes()
  const { choice, isParallel } = parseToolChoice(body, notes)
  const turns = parseMessages(body, notes)
  const { reasoning, responseFormat } = parseOutput(body, notes)
  const conversation: Conversation = {
    model: body.requireString('model'),
    system: parseSystem(listBlocks(body, 'system'), notes),
    turns: markLast(turns, parseCacheMarker(body)),
    tools: parseTools(body, notes),
    toolChoice: choice,
    parallelToolCalls: isParallel,
    responseFormat,
    reasoning,
    maxOutputTokens: hasAnswer ? parseMaxTokens(body) : body.integer('max_tokens', 0),
    temperature: body.number('temperature'),
    topP: body.number('top_p'),
    topK: body.integer('top_k', 0),
    frequencyPenalty: null,
    presencePenalty: null,
    seed: null,
    stop: parseStop(body),
    choices: 1,
    logitBias: null,
    topLogprobs: null,
    verbosity: null,
    endUser: parseEndUser(body, notes),
    metadata: null,
    serviceTier: parseServiceTier(body),
    promptCacheKey: null,
    isStream: body.boolean('stream') ?? false,
    unknown: notes.unknown,
  }
  notes.noteUnread(body)
  return { conversation, wantsUsage: true, paramOf: notes.paramOf }
}

function parseMaxTokens(body: RequestFields): number {
  const count = body.integer('max_tokens', 0)
  if (count === null) throw invalidField('max_tokens', 'is required')
  // https://docs.claude.com/en/docs/build-with-claude/prompt-caching: fills the cache and answers nothing.
  if (count === 0) throw unsupportedField('max_tokens', "Only models of Anthropic take 'max_tokens' of 0.")
  return count
}

function parseStop(body: RequestFields): readonly string[] {
  return (body.list('stop_sequences') ?? []).map((text, index) => {
    if (typeof text !== 'string') throw invalidField(`stop_sequences[${index}]`, 'must be a string')
    return text
  })
}

function parseEndUser(body: RequestFields, notes: ParseNotes): string | null {
  const metadata = body.object('metadata')
  if (metadata === null) return null
  const id = metadata.string('user_id')
  notes.noteUnread(metadata)
  return id
}

/** https://docs.claude.com/en/api/service-tiers */
function parseServiceTier(body: RequestFields): string | null {
  const tier = body.word('service_tier', ['auto', 'standard_only'])
  return tier === 'standard_only' ? 'default' : tier
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
