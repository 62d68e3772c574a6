// Levels and token budgets of reasoning say the same in both directions, by the table of docs/providers.md.
import { expect, test } from 'vitest'
import type { Reasoning } from '../../src/conversation/conversation.ts'
import { readBudgetTokens, readEffort } from '../../src/conversation/reasoning-level.ts'

const say = (said: Partial<Reasoning>): Reasoning => ({ effort: null, budgetTokens: null, isShown: null, ...said })

test.each([
  ['none', 0],
  ['minimal', 1_024],
  ['low', 2_048],
  ['medium', 8_192],
  ['high', 24_576],
  ['xhigh', 32_768],
  ['max', 32_768],
] as const)('the level %s is %i tokens', (effort, tokens) => {
  expect(readBudgetTokens(say({ effort }))).toBe(tokens)
})

test.each([
  [0, 'none'],
  [1, 'minimal'],
  [2_047, 'minimal'],
  [2_048, 'low'],
  [8_191, 'low'],
  [10_000, 'medium'],
  [24_576, 'high'],
  [32_767, 'high'],
  [100_000, 'xhigh'],
] as const)('%i tokens are the level %s: the nearest that is not above', (budgetTokens, effort) => {
  expect(readEffort(say({ budgetTokens }))).toBe(effort)
})

test('a level that a provider has no word for is the nearest below, or its least', () => {
  const known = ['low', 'medium', 'high'] as const
  expect(readEffort(say({ effort: 'max' }), known)).toBe('high')
  expect(readEffort(say({ effort: 'minimal' }), known)).toBe('low')
  expect(readEffort(say({ effort: 'medium' }), known)).toBe('medium')
})

test('little thinking is not none, and none is none where there is such a word', () => {
  expect(readEffort(say({ effort: 'minimal' }), ['none', 'high'])).toBe('high')
  expect(readEffort(say({ effort: 'none' }), ['none', 'high'])).toBe('none')
})

test('what the client said itself counts first, and nothing said is nothing', () => {
  expect(readBudgetTokens(say({ effort: 'high', budgetTokens: 3_000 }))).toBe(3_000)
  expect(readEffort(say({ effort: 'high', budgetTokens: 3_000 }))).toBe('high')
  expect(readBudgetTokens(say({}))).toBeNull()
  expect(readEffort(say({}))).toBeNull()
})
