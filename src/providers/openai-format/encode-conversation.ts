// A conversation as the body of a chat request. https://platform.openai.com/docs/api-reference/chat/create
import type { Conversation, JsonObject, ResponseFormat, Tool, ToolChoice } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { readEffort } from '../../conversation/reasoning-level.ts'
import type { Call } from '../provider.ts'
import type { ChatRules } from './chat-rules.ts'
import { encodeMessages } from './encode-messages.ts'

type Fields = Readonly<Record<string, unknown>>

/** JSON text. Throws UnsupportedFeature for a value that it can't carry. */
export function encodeConversation(conversation: Conversation, call: Call, rules: ChatRules): string {
  const { isStream, tools, toolChoice, topLogprobs } = conversation
  // A field that is undefined is left out.
  return JSON.stringify({
    model: call.model,
    messages: encodeMessages(conversation, rules),
    ...(isStream && { stream: true, ...(rules.asksUsage && { stream_options: { include_usage: true } }) }),
    [rules.outputLimit]: conversation.maxOutputTokens ?? undefined,
    temperature: conversation.temperature ?? undefined,
    top_p: conversation.topP ?? undefined,
    top_k: conversation.topK ?? undefined,
    frequency_penalty: conversation.frequencyPenalty ?? undefined,
    presence_penalty: conversation.presencePenalty ?? undefined,
    [rules.seed]: conversation.seed ?? undefined,
    stop: encodeStop(conversation.stop, rules),
    n: conversation.choices > 1 ? conversation.choices : undefined,
    logit_bias: conversation.logitBias ?? undefined,
    ...(topLogprobs !== null && { logprobs: true, ...(topLogprobs > 0 && { top_logprobs: topLogprobs }) }),
    ...(tools.length > 0 && { tools: tools.map((tool) => encodeTool(tool, rules)) }),
    tool_choice: tools.length === 0 || toolChoice === null ? undefined : encodeToolChoice(toolChoice),
    parallel_tool_calls: tools.length > 0 && conversation.parallelToolCalls === false ? false : undefined,
    response_format: conversation.responseFormat === null ? undefined : encodeFormat(conversation.responseFormat),
    ...encodeReasoning(conversation, rules),
    verbosity: conversation.verbosity ?? undefined,
    // `auto` is no tier: who has none refuses the field.
    service_tier: rules.features.has('serviceTier') ? (conversation.serviceTier ?? undefined) : undefined,
    [rules.endUser]: conversation.endUser ?? undefined,
    prompt_cache_key: conversation.promptCacheKey ?? undefined,
    // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html: `add_generation_prompt` is to be off with it.
    ...(rules.prefill === 'continue' &&
      conversation.turns.at(-1)?.role === 'assistant' && {
        continue_final_message: true,
        add_generation_prompt: false,
      }),
  })
}

function encodeStop(stop: readonly string[], { maxStops }: ChatRules): readonly string[] | undefined {
  if (stop.length > maxStops) {
    throw new UnsupportedFeature('stop', `This model takes at most ${maxStops} stop sequences.`)
  }
  return stop.length === 0 ? undefined : stop
}

/** OpenAI refuses an object that doesn't say its properties, also where it has none ("object schema missing properties"). */
function completeSchema(schema: JsonObject): JsonObject {
  return schema.type === 'object' && schema.properties === undefined ? { ...schema, properties: {} } : schema
}

function encodeTool({ name, description, parameters, isStrict, cache }: Tool, { features }: ChatRules): Fields {
  return {
    type: 'function',
    function: {
      name,
      ...(description !== null && { description }),
      parameters: completeSchema(parameters),
      ...(isStrict !== null && features.has('strictTools') && { strict: isStrict }),
    },
    ...(cache !== null && { cache_control: { type: 'ephemeral', ttl: cache.ttl } }),
  }
}

function encodeToolChoice(choice: ToolChoice): unknown {
  return choice.kind === 'tool' ? { type: 'function', function: { name: choice.name } } : choice.kind
}

function encodeFormat(format: ResponseFormat): Fields {
  if (format.kind === 'json-object') return { type: 'json_object' }
  const { name, description, schema, isStrict } = format
  return {
    type: 'json_schema',
    json_schema: {
      name,
      ...(description !== null && { description }),
      schema,
      ...(isStrict !== null && { strict: isStrict }),
    },
  }
}

function encodeReasoning({ reasoning }: Conversation, rules: ChatRules): Fields {
  if (reasoning === null) return {}
  const effort = readEffort(reasoning, rules.efforts)
  if (rules.reasoning === 'object') {
    const { budgetTokens, isShown } = reasoning
    const amount =
      budgetTokens === null ? (effort === null ? { enabled: true } : { effort }) : { max_tokens: budgetTokens }
    return { reasoning: { ...amount, ...(isShown === false && { exclude: true }) } }
  }
  if (rules.reasoning === 'thinking') {
    if (reasoning.effort === 'none' || reasoning.budgetTokens === 0) return { thinking: { type: 'disabled' } }
    return { thinking: { type: 'enabled' }, ...(effort !== null && { reasoning_effort: effort }) }
  }
  if (reasoning.effort === 'none' && !rules.efforts.includes('none')) {
    throw new UnsupportedFeature('reasoning', "This model's reasoning can't be turned off.")
  }
  return effort === null ? {} : { reasoning_effort: effort }
}
