// A conversation as the body of Converse and ConverseStream.
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html

import { assertNever } from '../../assert-never.ts'
import type { Conversation, ResponseFormat } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { readClaudeRules } from '../claude-rules.ts'
import { encodeMessages } from './encode-messages.ts'
import { encodeReasoning, readThinkingCap } from './encode-reasoning.ts'
import { encodeTools } from './encode-tools.ts'
import { type ModelFamily, readModelFamily, readModelName } from './model-family.ts'

type Fields = Readonly<Record<string, unknown>>

/** The JSON body. `most`: the longest answer that the model's object allows, null: unknown. Throws UnsupportedFeature. */
export function encodeConverse(asked: Conversation, most: number | null): string {
  const family = readModelFamily(asked.model)
  const conversation = family === 'anthropic' ? fitClaude(asked, most) : asked
  const { system, messages } = encodeMessages(conversation, family)
  const { toolConfig, additional } = encodeTools(conversation, family)
  const inferenceConfig = encodeInferenceConfig(conversation)
  const additionalFields = {
    ...encodeTopK(conversation, family),
    ...encodeReasoning(conversation, conversation.model, family),
    ...additional,
  }
  const { responseFormat, metadata, serviceTier } = conversation
  return JSON.stringify({
    messages,
    ...(system.length === 0 ? {} : { system }),
    ...(isEmpty(inferenceConfig) ? {} : { inferenceConfig }),
    ...(toolConfig === null ? {} : { toolConfig }),
    ...(isEmpty(additionalFields) ? {} : { additionalModelRequestFields: additionalFields }),
    ...encodeAnswerFields(conversation, family),
    ...(metadata === null ? {} : { requestMetadata: checkMetadata(metadata) }),
    ...(serviceTier === null ? {} : encodeServiceTier(serviceTier)),
    ...(responseFormat === null ? {} : { outputConfig: encodeResponseFormat(responseFormat) }),
  })
}

/** Without what newer Claude models refuse; 1 is what they do anyway. */
function fitClaude(asked: Conversation, most: number | null): Conversation {
  const { model, temperature, topP, topK, turns } = asked
  const maxOutputTokens = asked.maxOutputTokens ?? readThinkingCap(asked, model, most)
  const conversation = { ...asked, maxOutputTokens }
  const { takesSampling, takesPrefill } = readClaudeRules(readModelName(model))
  if (!takesPrefill && turns.at(-1)?.role === 'assistant') {
    throw new UnsupportedFeature('prefill', "This model does not go on from a last turn of the assistant's.")
  }
  if (takesSampling) return conversation
  if (temperature !== null && temperature !== 1) {
    throw new UnsupportedFeature('temperature', 'This model takes no temperature.')
  }
  if (topP !== null && topP !== 1) throw new UnsupportedFeature('topP', 'This model takes no top_p.')
  if (topK !== null) throw new UnsupportedFeature('topK', 'This model takes no top_k.')
  return { ...conversation, temperature: null, topP: null }
}

function isEmpty(fields: Fields): boolean {
  return Object.keys(fields).length === 0
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html */
function encodeInferenceConfig({ maxOutputTokens, temperature, topP, stop }: Conversation): Fields {
  if (temperature !== null && temperature > 1) {
    throw new UnsupportedFeature('temperature', 'This model takes temperatures from 0 to 1.')
  }
  return {
    ...(maxOutputTokens === null ? {} : { maxTokens: maxOutputTokens }),
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { topP }),
    ...(stop.length === 0 ? {} : { stopSequences: stop }),
  }
}

/** Each family in its own words: Converse has none. */
function encodeTopK({ topK }: Conversation, family: ModelFamily): Fields {
  if (topK === null) return {}
  switch (family) {
    case 'anthropic':
    case 'mistral':
      return { top_k: topK }
    case 'nova':
      return { inferenceConfig: { topK } }
    case 'openai':
    case 'other':
      throw new UnsupportedFeature('topK', 'This model does not take top_k.')
    default:
      return assertNever(family)
  }
}

/** Which of its stop sequences Claude met is in none of Converse's own fields. */
function encodeAnswerFields({ stop, isStream }: Conversation, family: ModelFamily): Fields {
  if (family !== 'anthropic' || stop.length === 0) return {}
  return { additionalModelResponseFieldPaths: [isStream ? '/delta/stop_sequence' : '/stop_sequence'] }
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html */
function encodeResponseFormat(format: ResponseFormat): Fields {
  if (format.kind === 'json-object') throw new UnsupportedFeature('jsonObject', 'This model needs a JSON schema.')
  const { name, description, schema } = format
  const jsonSchema = { schema: JSON.stringify(schema), name, ...(description === null ? {} : { description }) }
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } }
}

const metadataPattern = /^[a-zA-Z0-9\s:_@$#=/+,\-.]*$/
const maxMetadata = { entries: 16, length: 256 }

/** What can be searched for in the invocation log: `requestMetadata` of the page above. */
function checkMetadata(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(metadata)
  const fits = (text: string) => text.length <= maxMetadata.length && metadataPattern.test(text)
  if (
    entries.length > maxMetadata.entries ||
    !entries.every(([name, value]) => name !== '' && fits(name) && fits(value))
  ) {
    throw new UnsupportedFeature('metadata', 'This metadata is not what this provider takes.')
  }
  return metadata
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/service-tiers-inference.html */
function encodeServiceTier(tier: string): Fields {
  if (tier === 'auto') return {}
  if (tier === 'default' || tier === 'flex' || tier === 'priority') return { serviceTier: { type: tier } }
  throw new UnsupportedFeature('serviceTier', `This model has no service tier ${JSON.stringify(tier)}.`)
}
