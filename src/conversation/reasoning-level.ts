// Reasoning said as a level where a provider wants tokens, and the other way round. The table is docs/providers.md's.
import type { Reasoning } from './conversation.ts'

export type ReasoningEffort = NonNullable<Reasoning['effort']>

/** From least to most. */
export const reasoningEfforts: readonly ReasoningEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

const budgets: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
}

/** Tokens to think with; 0: not at all; null: as many as it likes. What the client said in tokens counts first. */
export function readBudgetTokens({ budgetTokens, effort }: Reasoning): number | null {
  if (budgetTokens !== null) return budgetTokens
  return effort === null ? null : budgets[effort]
}

/**
 * The level, as one of the words that a provider knows: the nearest that is not above, or its least where all are.
 * Null: as much as it likes. What the client said as a level counts first. Thinking is not turned off by a small budget.
 */
export function readEffort(
  { budgetTokens, effort }: Reasoning,
  known: readonly ReasoningEffort[] = reasoningEfforts,
): ReasoningEffort | null {
  const wanted = effort ?? (budgetTokens === null ? null : nearestEffort(budgetTokens))
  if (wanted === null) return null
  const rank = reasoningEfforts.indexOf(wanted)
  const able = wanted === 'none' ? known : known.filter((word) => word !== 'none')
  const ranked = able.toSorted((one, two) => reasoningEfforts.indexOf(one) - reasoningEfforts.indexOf(two))
  return ranked.findLast((word) => reasoningEfforts.indexOf(word) <= rank) ?? ranked[0] ?? null
}

function nearestEffort(budgetTokens: number): ReasoningEffort {
  const steps: readonly ReasoningEffort[] = ['minimal', 'low', 'medium', 'high', 'xhigh']
  return budgetTokens === 0 ? 'none' : (steps.findLast((step) => budgets[step] <= budgetTokens) ?? 'minimal')
}
