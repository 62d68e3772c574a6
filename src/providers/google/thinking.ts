// How much Gemini is to think: a level or a budget of tokens, whichever the model takes; both at once it refuses.
// https://ai.google.dev/gemini-api/docs/thinking
import type { Reasoning } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'

export type ThinkingConfig = Readonly<{
  includeThoughts?: boolean
  thinkingBudget?: number
  thinkingLevel?: ThinkingLevel
}>

type ThinkingLevel = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH'
type Effort = NonNullable<Reasoning['effort']>

/** Gemini 3 and later, and the names that always mean the latest, think by level; before, by budget. */
export function isThinkingByLevel(model: string): boolean {
  const name = model.slice(model.lastIndexOf('/') + 1)
  const [, version] = /^gemini-(\d+)/.exec(name) ?? []
  return version === undefined ? /^gemini-.*-latest$/.test(name) : Number(version) >= 3
}

/** Throws UnsupportedFeature `reasoning`: models that think by level always think. */
export function encodeThinking(reasoning: Reasoning, model: string): ThinkingConfig {
  // Shown unless the client says otherwise: who asks for reasoning reads it.
  const includeThoughts = reasoning.isShown ?? true
  if (!isThinkingByLevel(model)) {
    const thinkingBudget = reasoning.budgetTokens ?? findBudget(reasoning.effort, model)
    if (thinkingBudget === null) return { includeThoughts }
    return thinkingBudget === 0 ? { thinkingBudget } : { includeThoughts, thinkingBudget }
  }
  const effort = reasoning.effort ?? findEffort(reasoning.budgetTokens)
  if (effort === null) return { includeThoughts }
  if (effort === 'none') {
    throw new UnsupportedFeature('reasoning', 'This model always thinks: the least is the effort minimal.')
  }
  return { includeThoughts, thinkingLevel: levels[effort] }
}

const levels: Readonly<Record<Exclude<Effort, 'none'>, ThinkingLevel>> = {
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
}

const budgets: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
}

/** Only the Pro models take more than 24,576. */
function findBudget(effort: Reasoning['effort'], model: string): number | null {
  if (effort === null) return null
  return model.includes('-pro') ? budgets[effort] : Math.min(budgets[effort], 24_576)
}

/** The nearest that is not above. */
function findEffort(budgetTokens: number | null): Effort | null {
  if (budgetTokens === null) return null
  if (budgetTokens === 0) return 'none'
  if (budgetTokens >= budgets.high) return 'high'
  if (budgetTokens >= budgets.medium) return 'medium'
  return budgetTokens >= budgets.low ? 'low' : 'minimal'
}
