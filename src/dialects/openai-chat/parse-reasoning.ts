// How much the model is to think: OpenAI's own field, and the two that clients of OpenAI-shaped gateways write.
import type { Reasoning } from '../../conversation/conversation.ts'
import { invalidField, type RequestFields } from '../request-fields.ts'
import type { ParamNames } from './param-names.ts'

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const

/** Null: nothing said. OpenAI's own field counts before the others. */
export function parseReasoning(body: RequestFields, names: ParamNames): Reasoning | null {
  const own = body.word('reasoning_effort', efforts)
  if (own !== null) names.note('reasoning', 'reasoning_effort')
  const thinking = parseThinking(body, names)
  const reasoning = parseReasoningObject(body, names)
  if (own === null && thinking === null && reasoning === null) return null
  return {
    effort: own ?? thinking?.effort ?? reasoning?.effort ?? null,
    budgetTokens: thinking?.budgetTokens ?? reasoning?.budgetTokens ?? null,
    isShown: reasoning?.isShown ?? null,
  }
}

/** Anthropic's. https://docs.claude.com/en/docs/build-with-claude/extended-thinking */
function parseThinking(body: RequestFields, names: ParamNames): Reasoning | null {
  const thinking = body.object('thinking')
  if (thinking === null) return null
  names.note('reasoning', 'thinking')
  const type = thinking.word('type', ['enabled', 'disabled', 'adaptive'])
  if (type === null) throw invalidField('thinking.type', 'is required')
  const budgetTokens = thinking.integer('budget_tokens', 1)
  thinking.refuseUnread()
  if (type === 'disabled') return { effort: 'none', budgetTokens: null, isShown: null }
  return { effort: null, budgetTokens, isShown: null }
}

/** OpenRouter's. https://openrouter.ai/docs/use-cases/reasoning-tokens */
function parseReasoningObject(body: RequestFields, names: ParamNames): Reasoning | null {
  const reasoning = body.object('reasoning')
  if (reasoning === null) return null
  names.note('reasoning', 'reasoning')
  const effort = reasoning.word('effort', efforts)
  const budgetTokens = reasoning.integer('max_tokens', 1)
  const isEnabled = reasoning.boolean('enabled')
  const isExcluded = reasoning.boolean('exclude')
  reasoning.refuseUnread()
  const isShown = isExcluded === null ? null : !isExcluded
  if (isEnabled === false) return { effort: 'none', budgetTokens: null, isShown }
  const isEmpty = effort === null && budgetTokens === null && isShown === null && isEnabled === null
  return isEmpty ? null : { effort, budgetTokens, isShown }
}
