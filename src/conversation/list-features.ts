// Which features a conversation uses, and the same conversation without one of them.
import type { AssistantPart, CacheMarker, Conversation, Media, Turn, UserPart } from './conversation.ts'
import type { Feature } from './feature.ts'

/** In no order, each once. */
export function listFeatures(conversation: Conversation): ReadonlySet<Feature> {
  const used = new Set<Feature>()
  const note = (isUsed: boolean, feature: Feature) => {
    if (isUsed) used.add(feature)
  }
  const { tools, responseFormat, toolChoice } = conversation
  note(conversation.temperature !== null, 'temperature')
  note(conversation.topP !== null, 'topP')
  note(conversation.topK !== null, 'topK')
  note(conversation.frequencyPenalty !== null && conversation.frequencyPenalty !== 0, 'frequencyPenalty')
  note(conversation.presencePenalty !== null && conversation.presencePenalty !== 0, 'presencePenalty')
  note(conversation.seed !== null, 'seed')
  note(conversation.stop.length > 0, 'stop')
  note(conversation.choices > 1, 'choices')
  note(conversation.logitBias !== null, 'logitBias')
  note(conversation.topLogprobs !== null, 'logprobs')
  note(conversation.verbosity !== null, 'verbosity')
  note(conversation.serviceTier !== null && conversation.serviceTier !== 'auto', 'serviceTier')
  note(conversation.endUser !== null, 'endUser')
  note(conversation.metadata !== null, 'metadata')
  note(conversation.promptCacheKey !== null, 'promptCacheKey')
  note(conversation.hasSealedReasoning === true, 'sealedReasoning')
  note(conversation.unknown.length > 0, 'unknown')
  note(conversation.reasoning !== null, 'reasoning')
  note(responseFormat?.kind === 'json-object', 'jsonObject')
  note(responseFormat?.kind === 'json-schema', 'jsonSchema')
  note(tools.length > 0, 'tools')
  note(
    tools.some((tool) => tool.isStrict === true),
    'strictTools',
  )
  note(toolChoice !== null && toolChoice.kind !== 'auto', 'toolChoice')
  note(conversation.parallelToolCalls === false && tools.length > 0, 'singleToolCall')
  const marked = [...conversation.system, ...tools]
  note(
    marked.some(({ cache }) => cache !== null),
    'cacheMarkers',
  )
  for (const turn of conversation.turns) noteTurn(turn, note)
  note(conversation.turns.at(-1)?.role === 'assistant', 'prefill')
  return used
}

type Note = (isUsed: boolean, feature: Feature) => void

function noteTurn(turn: Turn, note: Note): void {
  if (turn.role !== 'system') note(turn.name !== null, 'names')
  for (const part of turn.parts) notePart(part, note)
}

function notePart(part: UserPart | AssistantPart, note: Note): void {
  note(readCache(part) !== null, 'cacheMarkers')
  switch (part.kind) {
    case 'image':
      note(true, 'images')
      note(part.source.kind === 'url', 'imageUrls')
      note(part.source.kind === 'file', 'fileIds')
      note(part.detail !== null && part.detail !== 'auto', 'imageDetail')
      return
    case 'file':
      noteFile(part.source, note)
      return
    case 'audio':
      note(true, 'audio')
      return
    case 'reasoning':
    case 'redacted-reasoning':
      note(true, 'reasoningHistory')
      return
    case 'tool-result':
      for (const inner of part.parts) {
        note(inner.kind !== 'text', 'toolResultMedia')
        notePart(inner, note)
      }
      return
    case 'text':
    case 'refusal':
    case 'tool-call':
      return
  }
}

function noteFile(source: Media, note: Note): void {
  note(true, 'files')
  note(source.kind === 'url', 'fileUrls')
  note(source.kind === 'file', 'fileIds')
}

function readCache(part: UserPart | AssistantPart): CacheMarker {
  return 'cache' in part ? part.cache : null
}
