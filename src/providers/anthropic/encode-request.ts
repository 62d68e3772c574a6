// Encodes a conversation as a request of Anthropic's Messages API. https://docs.claude.com/en/api/messages
import type { Conversation, TextPart, Tool } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { readClaudeRules } from '../claude-rules.ts'
import type { Call } from '../provider.ts'
import { encodeCacheMarker, encodeText } from './encode-parts.ts'
import { encodeThinking } from './encode-thinking.ts'
import { encodeTurns } from './encode-turns.ts'

/** JSON text. Throws UnsupportedFeature. */
export function encodeRequest(conversation: Conversation, call: Call): string {
  if (conversation.turns.at(-1)?.role === 'assistant' && !readClaudeRules(conversation.model).takesPrefill) {
    throw new UnsupportedFeature('prefill', "This model does not go on from a last turn of the assistant's.")
  }
  const { system, messages } = encodeTurns(conversation)
  const { maxTokens, thinking, effort } = encodeThinking(conversation, call)
  return JSON.stringify({
    model: conversation.model,
    max_tokens: maxTokens,
    system: encodeSystem(system),
    messages,
    tools: conversation.tools.length === 0 ? undefined : conversation.tools.map(encodeTool),
    tool_choice: encodeToolChoice(conversation),
    thinking,
    output_config: encodeOutput(conversation, effort),
    ...encodeSampling(conversation),
    stop_sequences: conversation.stop.length === 0 ? undefined : conversation.stop,
    metadata: conversation.endUser === null ? undefined : { user_id: conversation.endUser },
    service_tier: encodeServiceTier(conversation.serviceTier),
    stream: conversation.isStream ? true : undefined,
  })
}

function encodeSystem(texts: readonly TextPart[]): unknown {
  const [first] = texts
  if (first === undefined) return undefined
  return texts.length === 1 && first.cache === null ? first.text : texts.map(encodeText)
}

function encodeTool({ name, description, parameters, isStrict, cache }: Tool): object {
  return {
    name,
    description: description ?? undefined,
    input_schema: { type: 'object', ...parameters },
    strict: isStrict ?? undefined,
    cache_control: encodeCacheMarker(cache),
  }
}

function encodeToolChoice({ tools, toolChoice, parallelToolCalls }: Conversation): object | undefined {
  if (tools.length === 0) return undefined
  const single = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {}
  switch (toolChoice?.kind) {
    case undefined:
      return parallelToolCalls === false ? { type: 'auto', ...single } : undefined
    case 'auto':
      return { type: 'auto', ...single }
    case 'required':
      return { type: 'any', ...single }
    case 'tool':
      return { type: 'tool', name: toolChoice.name, ...single }
    case 'none':
      return { type: 'none' }
  }
}

/** https://docs.claude.com/en/docs/build-with-claude/structured-outputs: a schema is obeyed always. */
function encodeOutput({ responseFormat }: Conversation, effort: string | null): object | undefined {
  const schema = responseFormat?.kind === 'json-schema' ? responseFormat.schema : null
  if (schema === null && effort === null) return undefined
  return {
    effort: effort ?? undefined,
    format: schema === null ? undefined : { type: 'json_schema', schema },
  }
}

/** 1 is what both are anyway, which every model takes. */
function encodeSampling({ model, temperature, topP, topK }: Conversation): object {
  const { takesSampling } = readClaudeRules(model)
  const refuse = (feature: 'temperature' | 'topP' | 'topK', problem: string) => new UnsupportedFeature(feature, problem)
  if (temperature !== null && temperature > 1) {
    throw refuse('temperature', 'This model takes a temperature from 0 to 1.')
  }
  if (!takesSampling) {
    if (temperature !== null && temperature !== 1) throw refuse('temperature', 'This model takes no temperature.')
    if (topP !== null && topP !== 1) throw refuse('topP', 'This model takes no top_p.')
    if (topK !== null) throw refuse('topK', 'This model takes no top_k.')
    return {}
  }
  return { temperature: temperature ?? undefined, top_p: topP ?? undefined, top_k: topK ?? undefined }
}

/** https://docs.claude.com/en/api/service-tiers */
function encodeServiceTier(tier: string | null): string | undefined {
  if (tier === null) return undefined
  if (tier === 'auto') return 'auto'
  if (tier === 'default') return 'standard_only'
  throw new UnsupportedFeature('serviceTier', `This model has no service tier '${tier.slice(0, 100)}'.`)
}
