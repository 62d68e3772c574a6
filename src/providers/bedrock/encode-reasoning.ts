// How much a model is to think, in the fields that each family takes beside Converse's own, and how long its answer may
// be with that.
import type { Conversation, Reasoning } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { readBudgetTokens, readEffort } from '../../conversation/reasoning-level.ts'
import { readClaudeRules } from '../claude-rules.ts'
import { isUnsignedToolLoop } from '../unsigned-tool-loop.ts'
import { isReasoningNova, type ModelFamily, readModelFamily, readModelName } from './model-family.ts'

type Fields = Readonly<Record<string, unknown>>

/** The least that Claude takes, in tokens. */
const minBudgetTokens = 1024
/** What it thinks with where nobody says how much. */
const defaultBudgetTokens = 8192
/** What is left for the answer behind that, where nobody says how long it may be. */
const answerTokens = 4096

/** For `additionalModelRequestFields`. Throws UnsupportedFeature for models that can't be told. */
export function encodeReasoning(conversation: Conversation, modelId: string, family: ModelFamily): Fields {
  const { reasoning } = conversation
  if (reasoning === null) return {}
  const isOff = readBudgetTokens(reasoning) === 0
  if (family === 'anthropic') return encodeClaudeThinking(conversation, modelId)
  if (family === 'nova' && isReasoningNova(modelId)) {
    // https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html
    if (isOff) return { reasoningConfig: { type: 'disabled' } }
    const level = readEffort(reasoning, ['low', 'medium', 'high']) ?? 'medium'
    return { reasoningConfig: { type: 'enabled', maxReasoningEffort: level } }
  }
  if (family === 'openai' && !isOff) {
    const level = readEffort(reasoning, ['low', 'medium', 'high'])
    return level === null ? {} : { reasoning_effort: level }
  }
  if (isOff && family !== 'openai') return {}
  throw new UnsupportedFeature('reasoning', 'How much this model thinks can not be set.')
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html, …-adaptive-thinking.html */
function encodeClaudeThinking(conversation: Conversation, modelId: string): Fields {
  const { reasoning, maxOutputTokens, temperature, topK, toolChoice } = conversation
  if (reasoning === null) return {}
  const rules = readClaudeRules(readModelName(modelId))
  if (readBudgetTokens(reasoning) === 0) {
    if (!rules.canTurnThinkingOff) throw new UnsupportedFeature('reasoning', 'This model always thinks.')
    // Those that can only be given a budget think when they get one; some before them don't know the field.
    return rules.thinking === 'budget' ? {} : { thinking: { type: 'disabled' } }
  }
  if (temperature !== null && temperature !== 1) throw refuse('temperature', 'temperature')
  if (topK !== null) throw refuse('topK', 'top_k')
  if (toolChoice?.kind === 'required' || toolChoice?.kind === 'tool') throw refuse('toolChoice', 'a forced tool call')
  if (!thinksByBudget(reasoning, modelId)) {
    const level = readEffort(reasoning, ['low', 'medium', 'high', 'xhigh', 'max'])
    const display = reasoning.isShown === false ? 'omitted' : 'summarized'
    return { thinking: { type: 'adaptive', display }, ...(level === null ? {} : { output_config: { effort: level } }) }
  }
  if (isUnsignedToolLoop(conversation.turns)) {
    throw new UnsupportedFeature(
      'reasoning',
      'This model thinks about the results of tools only where its thinking before it called them comes back.',
    )
  }
  const wanted = readWantedBudget(reasoning)
  // It must be under the cap on all output.
  const budget = maxOutputTokens === null ? wanted : Math.min(wanted, maxOutputTokens - 1)
  if (budget < minBudgetTokens) {
    throw new UnsupportedFeature(
      'reasoning',
      `This model thinks with ${minBudgetTokens} tokens or more: raise the cap on its output.`,
    )
  }
  return { thinking: { type: 'enabled', budget_tokens: budget } }
}

/**
 * The cap on all output that a budget to think with needs, where the client has set none; null: none is needed.
 * `most`: what the model's object says, null where it doesn't.
 */
export function readThinkingCap({ reasoning }: Conversation, modelId: string, most: number | null): number | null {
  if (reasoning === null || readModelFamily(modelId) !== 'anthropic' || readBudgetTokens(reasoning) === 0) return null
  return thinksByBudget(reasoning, modelId) ? (most ?? readWantedBudget(reasoning) + answerTokens) : null
}

function readWantedBudget(reasoning: Reasoning): number {
  return Math.max(readBudgetTokens(reasoning) ?? defaultBudgetTokens, minBudgetTokens)
}

function thinksByBudget({ budgetTokens }: Reasoning, modelId: string): boolean {
  const { thinking } = readClaudeRules(readModelName(modelId))
  return thinking === 'budget' || (thinking === 'either' && budgetTokens !== null)
}

function refuse(feature: 'temperature' | 'topK' | 'toolChoice', what: string): UnsupportedFeature {
  return new UnsupportedFeature(feature, `This model does not take ${what} while it thinks.`)
}
