// A conversation without one of its features. Contents can't be dropped: nobody would expect an answer to half of it.
import { assertNever } from '../assert-never.ts'
import type { AssistantPart, Conversation, ImagePart, TextPart, Turn, UserPart } from './conversation.ts'
import type { Hint, Parameter } from './feature.ts'

export function dropFeature(conversation: Conversation, feature: Hint | Parameter): Conversation {
  switch (feature) {
    case 'cacheMarkers':
      return {
        ...conversation,
        system: conversation.system.map(unmark),
        tools: conversation.tools.map(unmark),
        turns: mapParts(conversation.turns, unmarkPart),
      }
    case 'imageDetail':
      return { ...conversation, turns: mapParts(conversation.turns, (part) => withoutDetail(part)) }
    case 'reasoningHistory':
      return { ...conversation, turns: conversation.turns.flatMap(withoutReasoning) }
    case 'sealedReasoning':
      return { ...conversation, hasSealedReasoning: false }
    case 'choices':
      return { ...conversation, choices: 1 }
    case 'stop':
      return { ...conversation, stop: [] }
    case 'unknown':
      return { ...conversation, unknown: [] }
    case 'logprobs':
      return { ...conversation, topLogprobs: null }
    case 'strictTools':
      return { ...conversation, tools: conversation.tools.map((tool) => ({ ...tool, isStrict: null })) }
    case 'singleToolCall':
      return { ...conversation, parallelToolCalls: null }
    case 'jsonObject':
    case 'jsonSchema':
      return { ...conversation, responseFormat: null }
    case 'temperature':
    case 'topP':
    case 'topK':
    case 'frequencyPenalty':
    case 'presencePenalty':
    case 'seed':
    case 'logitBias':
    case 'verbosity':
    case 'serviceTier':
    case 'toolChoice':
    case 'reasoning':
    case 'endUser':
    case 'metadata':
    case 'promptCacheKey':
      return { ...conversation, [feature]: null }
    default:
      return assertNever(feature)
  }
}

function unmark<T extends { readonly cache: unknown }>(part: T): T {
  return { ...part, cache: null }
}

function unmarkPart<T extends UserPart | AssistantPart>(part: T): T {
  if (part.kind === 'tool-result') return { ...part, cache: null, parts: part.parts.map(unmark) }
  return 'cache' in part ? { ...part, cache: null } : part
}

function withoutDetail<T extends UserPart | AssistantPart>(part: T): T {
  if (part.kind === 'image') return { ...part, detail: null }
  if (part.kind === 'tool-result') return { ...part, parts: part.parts.map((inner) => plainInner(inner)) }
  return part
}

function plainInner<T extends TextPart | ImagePart | { readonly kind: 'file' }>(part: T): T {
  return part.kind === 'image' ? { ...part, detail: null } : part
}

function mapParts(turns: readonly Turn[], map: <T extends UserPart | AssistantPart>(part: T) => T): readonly Turn[] {
  return turns.map((turn) => {
    if (turn.role === 'system') return { ...turn, parts: turn.parts.map(map) }
    return turn.role === 'user' ? { ...turn, parts: turn.parts.map(map) } : { ...turn, parts: turn.parts.map(map) }
  })
}

/** A turn of nothing but reasoning goes as a whole. */
function withoutReasoning(turn: Turn): readonly Turn[] {
  if (turn.role !== 'assistant') return [turn]
  const parts = turn.parts.filter(({ kind }) => kind !== 'reasoning' && kind !== 'redacted-reasoning')
  if (parts.length === turn.parts.length) return [turn]
  return parts.length === 0 ? [] : [{ ...turn, parts }]
}
