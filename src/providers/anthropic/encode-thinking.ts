// How much a model of Anthropic's is to think, in the form that it takes, and how long its answer may be with that.
// https://docs.claude.com/en/docs/build-with-claude/{extended-thinking,adaptive-thinking,effort}
import type { Conversation, Reasoning } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { readBudgetTokens, readEffort } from '../../conversation/reasoning-level.ts'
import { readClaudeRules } from '../claude-rules.ts'
import type { Call } from '../provider.ts'
import { isUnsignedToolLoop } from '../unsigned-tool-loop.ts'

/** `max_tokens` is required there: what an answer may have where nobody says. */
const defaultMaxTokens = 4_096
const minBudgetTokens = 1_024
/** What thinking takes of that where a model thinks as much as it likes. */
const usualBudgetTokens = 8_192

/** `thinking`: undefined where nothing is asked for. */
export type EncodedThinking = Readonly<{ maxTokens: number; thinking: object | undefined; effort: string | null }>

/** Throws UnsupportedFeature: `reasoning` where there is no room for it, or it can't be turned off; else what can't stand beside it. */
export function encodeThinking(conversation: Conversation, call: Call): EncodedThinking {
  const { reasoning, maxOutputTokens, model } = conversation
  const rules = readClaudeRules(model)
  const said = maxOutputTokens ?? call.maxOutputTokens
  if (reasoning === null || isOff(reasoning)) {
    if (reasoning !== null && !rules.canTurnThinkingOff)
      throw new UnsupportedFeature('reasoning', 'This model always thinks.')
    return {
      maxTokens: said ?? defaultMaxTokens,
      thinking: reasoning === null ? undefined : { type: 'disabled' },
      effort: null,
    }
  }
  // Models of other makers have rules of their own.
  const isClaude = model.includes('claude')
  if (isClaude) refuseSampling(conversation)
  if (rules.thinking === 'effort' || (rules.thinking === 'either' && reasoning.budgetTokens === null)) {
    const display = reasoning.isShown === false ? 'omitted' : 'summarized'
    const effort = readEffort(reasoning, ['low', 'medium', 'high', 'xhigh', 'max'])
    const maxTokens = said ?? (readBudgetTokens(reasoning) ?? usualBudgetTokens) + defaultMaxTokens
    return { maxTokens, thinking: { type: 'adaptive', display }, effort }
  }
  if (isClaude) refuseBesideBudget(conversation)
  const budgetTokens = readBudgetTokens(reasoning) ?? minBudgetTokens
  const display = reasoning.isShown === false ? 'omitted' : undefined
  // A budget and a length in the client's own words stand; what nobody has said makes room.
  if (reasoning.budgetTokens !== null && maxOutputTokens !== null) {
    const thinking = { type: 'enabled', budget_tokens: budgetTokens, display }
    return { maxTokens: maxOutputTokens, thinking, effort: null }
  }
  const room = said ?? budgetTokens + defaultMaxTokens
  return {
    maxTokens: room,
    thinking: { type: 'enabled', budget_tokens: fitBudget(budgetTokens, room), display },
    effort: null,
  }
}

function refuseSampling({ temperature, topK }: Conversation): void {
  if (temperature !== null && temperature !== 1) throw refuse('temperature', 'temperature')
  if (topK !== null) throw refuse('topK', 'top_k')
}

/** What models that think by effort can, as well as without. */
function refuseBesideBudget({ toolChoice, turns }: Conversation): void {
  if (toolChoice?.kind === 'required' || toolChoice?.kind === 'tool') throw refuse('toolChoice', 'forced tool call')
  if (!isUnsignedToolLoop(turns)) return
  throw new UnsupportedFeature(
    'reasoning',
    'This model thinks about the results of tools only where its thinking before it called them comes back.',
  )
}

function refuse(feature: 'temperature' | 'topK' | 'toolChoice', what: string): UnsupportedFeature {
  return new UnsupportedFeature(feature, `This model takes no ${what} while it thinks.`)
}

/** The budget must be less than `max_tokens`. */
function fitBudget(budgetTokens: number, maxTokens: number): number {
  const most = maxTokens - 1
  if (budgetTokens > most && most < minBudgetTokens) {
    throw new UnsupportedFeature(
      'reasoning',
      `This model thinks only where its answer may be more than ${minBudgetTokens} tokens long.`,
    )
  }
  return Math.min(budgetTokens, most)
}

function isOff({ effort, budgetTokens }: Reasoning): boolean {
  return effort === 'none' || budgetTokens === 0
}
