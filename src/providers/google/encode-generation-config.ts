// How the answer is to be made. https://ai.google.dev/api/generate-content#generationconfig
import type { Conversation, JsonObject } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { encodeThinking, type ThinkingConfig } from './thinking.ts'

export type GenerationConfig = Readonly<{
  candidateCount?: number
  maxOutputTokens?: number
  temperature?: number
  topP?: number
  topK?: number
  seed?: number
  presencePenalty?: number
  frequencyPenalty?: number
  stopSequences?: readonly string[]
  responseLogprobs?: true
  logprobs?: number
  responseMimeType?: 'application/json'
  responseJsonSchema?: JsonObject
  thinkingConfig?: ThinkingConfig
}>

const maxStopSequences = 5

/** Throws UnsupportedFeature for values outside of what Google takes. */
export function encodeGenerationConfig(conversation: Conversation): GenerationConfig {
  const { choices, maxOutputTokens, temperature, topP, topK, seed, stop, topLogprobs } = conversation
  const { presencePenalty, frequencyPenalty, responseFormat, reasoning, model } = conversation
  if (stop.length > maxStopSequences) {
    throw new UnsupportedFeature('stop', `This model takes at most ${maxStopSequences} stop sequences.`)
  }
  if (seed !== null && (seed | 0) !== seed) {
    throw new UnsupportedFeature('seed', 'This model takes only seeds of 32 bits.')
  }
  return {
    ...(choices > 1 ? { candidateCount: choices } : {}),
    ...(maxOutputTokens === null ? {} : { maxOutputTokens }),
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { topP }),
    ...(topK === null ? {} : { topK }),
    ...(seed === null ? {} : { seed }),
    ...(presencePenalty === null ? {} : { presencePenalty }),
    ...(frequencyPenalty === null ? {} : { frequencyPenalty }),
    ...(stop.length === 0 ? {} : { stopSequences: stop }),
    ...(topLogprobs === null ? {} : { responseLogprobs: true }),
    ...(topLogprobs === null || topLogprobs === 0 ? {} : { logprobs: topLogprobs }),
    ...(responseFormat === null ? {} : { responseMimeType: 'application/json' }),
    ...(responseFormat?.kind === 'json-schema' ? { responseJsonSchema: responseFormat.schema } : {}),
    ...(reasoning === null ? {} : { thinkingConfig: encodeThinking(reasoning, model) }),
  }
}
