// What keeps a Claude model with a budget from thinking: the results of tools that it called without its thinking coming
// back, as after a client that has lost it, or a call that another model made.
// https://docs.claude.com/en/docs/build-with-claude/extended-thinking#preserving-thinking-blocks
import type { Turn } from '../conversation/conversation.ts'

/** The conversation ends with results of calls in front of which no thinking stands. */
export function isUnsignedToolLoop(turns: readonly Turn[]): boolean {
  const spoken = turns.filter(({ role }) => role !== 'system')
  const asked = spoken.findLastIndex(({ role }) => role === 'assistant')
  const results = spoken.slice(asked + 1)
  if (asked < 0 || !results.some(({ parts }) => parts.some(({ kind }) => kind === 'tool-result'))) return false
  // Turns in a row are one message there.
  const begun = spoken.slice(0, asked).findLastIndex(({ role }) => role !== 'assistant') + 1
  const first = spoken[begun]?.parts[0]?.kind
  return first !== 'reasoning' && first !== 'redacted-reasoning'
}
