// Owns what answers say of limits: OpenAI's headers, of the tightest limit of each kind.
import { findTightest, readRemaining } from '../policies/limits/enforce.ts'
import type { LimitState } from '../policies/limits/store.ts'

/** Adds flat name/value pairs: https://platform.openai.com/docs/guides/rate-limits. */
export function appendLimitHeaders(states: readonly LimitState[], out: string[]): void {
  appendUnit(states, 'requests', out)
  appendUnit(states, 'tokens', out)
}

function appendUnit(states: readonly LimitState[], unit: 'requests' | 'tokens', out: string[]): void {
  const state = findTightest(states, unit)
  if (state === null) return
  out.push(
    `x-ratelimit-limit-${unit}`,
    String(state.limit.amount.whole),
    `x-ratelimit-remaining-${unit}`,
    String(readRemaining(state)),
    `x-ratelimit-reset-${unit}`,
    renderDuration(state.resetMs ?? 0),
  )
}

/** As OpenAI writes it: `1s`, `6m0s`, `120ms`. Rounded up: nobody comes too early by it. */
function renderDuration(ms: number): string {
  const wholeMs = Math.max(0, Math.ceil(ms))
  if (wholeMs < 1000) return `${wholeMs}ms`
  const seconds = Math.ceil(wholeMs / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (hours > 0) return `${hours}h${minutes % 60}m${seconds % 60}s`
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`
}
