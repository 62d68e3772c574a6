// How much a model of Anthropic's is to think, in the form that it takes, and how long its answer may be with that.
// https://docs.claude.com/en/docs/build-with-claude/{extended-thinking,adaptive-thinking,effort}
import type { Conversation, Reasoning } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { readBudgetTokens, readEffort } from '../../conversation/reasoning-level.ts'
import type { Call } from '../provider.ts'

/** `max_tokens` is required there: what an answer may have where nobody says. */
const defaultMaxTokens = 4_096
const minBudgetTokens = 1_024

/** `thinking`: undefined where nothing is asked for. */
export type EncodedThinking = Readonly<{ maxTokens: number; thinking: object | undefined; effort: string | null }>

/** Throws UnsupportedFeature `reasoning` where `max_tokens` leaves no room for the least budget. */
export function encodeThinking({ reasoning, maxOutputTokens, model }: Conversation, call: Call): EncodedThinking {
  const maxTokens = maxOutputTokens ?? call.maxOutputTokens ?? defaultMaxTokens
  if (reasoning === null) return { maxTokens, thinking: undefined, effort: null }
  if (isOff(reasoning)) return { maxTokens, thinking: { type: 'disabled' }, effort: null }
  const form = readForm(model)
  if (form === 'effort' || (form === 'both' && reasoning.budgetTokens === null)) {
    const display = reasoning.isShown === false ? 'omitted' : 'summarized'
    const effort = readEffort(reasoning, ['low', 'medium', 'high', 'xhigh', 'max'])
    return { maxTokens, thinking: { type: 'adaptive', display }, effort }
  }
  const budgetTokens = readBudgetTokens(reasoning) ?? minBudgetTokens
  const display = reasoning.isShown === false ? 'omitted' : undefined
  // A budget and a length in the client's own words stand; what nobody has said makes room.
  if (reasoning.budgetTokens !== null && maxOutputTokens !== null) {
    return { maxTokens, thinking: { type: 'enabled', budget_tokens: budgetTokens, display }, effort: null }
  }
  const room = maxOutputTokens ?? call.maxOutputTokens ?? budgetTokens + defaultMaxTokens
  return {
    maxTokens: room,
    thinking: { type: 'enabled', budget_tokens: fitBudget(budgetTokens, room), display },
    effort: null,
  }
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

/**
 * Claude before 4.6 thinks by a budget of tokens, 4.6 by either, later ones by an effort, which they choose to spend or
 * not. Models of others that speak this API know the older form.
 */
function readForm(model: string): 'budget' | 'both' | 'effort' {
  if (!model.includes('claude')) return 'budget'
  const [, major, minor] = /-(\d{1,2})(?:[-.](\d{1,2}))?(?=[-@:.]|$)/.exec(model) ?? []
  if (major === undefined) return 'effort'
  const version = Number(major) + Number(minor ?? 0) / 100
  if (version < 4.06) return 'budget'
  return version === 4.06 ? 'both' : 'effort'
}
