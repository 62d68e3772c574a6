// How much Gemini is to think: a level or a budget of tokens, whichever the model takes; both at once it refuses.
// https://ai.google.dev/gemini-api/docs/thinking
import type { Reasoning } from '../../conversation/conversation.ts'
import { UnsupportedFeature } from '../../conversation/feature.ts'
import { readBudgetTokens, readEffort } from '../../conversation/reasoning-level.ts'

export type ThinkingConfig = Readonly<{
  includeThoughts?: boolean
  thinkingBudget?: number
  /** `MINIMAL`, `LOW`, `MEDIUM`, `HIGH`. */
  thinkingLevel?: string
}>

/** The most that other models than the Pro ones take; the client's own number is not changed. */
const longestFlashBudget = 24_576

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
    const budgetTokens = readBudgetTokens(reasoning)
    if (budgetTokens === null) return { includeThoughts }
    if (budgetTokens === 0) return { thinkingBudget: 0 }
    const isFree = reasoning.budgetTokens !== null || model.includes('-pro')
    return { includeThoughts, thinkingBudget: isFree ? budgetTokens : Math.min(budgetTokens, longestFlashBudget) }
  }
  if (readEffort(reasoning) === 'none') {
    throw new UnsupportedFeature('reasoning', 'This model always thinks: the least is the effort minimal.')
  }
  const level = readEffort(reasoning, ['minimal', 'low', 'medium', 'high'])
  return level === null ? { includeThoughts } : { includeThoughts, thinkingLevel: level.toUpperCase() }
}
