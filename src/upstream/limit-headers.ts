// Owns what answers say of limits: OpenAI's headers, of the tightest limit of each kind.
import { findTightest, readRemaining } from '../policies/limits/enforce.ts'
import type { LimitState } from '../policies/limits/store.ts'

type HeaderNames = Readonly<{ limit: string; remaining: string; reset: string }>

/** Spelled out: a name that is put together anew for each answer costs more than all else here. */
const requestNames: HeaderNames = {
  limit: 'x-ratelimit-limit-requests',
  remaining: 'x-ratelimit-remaining-requests',
  reset: 'x-ratelimit-reset-requests',
}
const tokenNames: HeaderNames = {
  limit: 'x-ratelimit-limit-tokens',
  remaining: 'x-ratelimit-remaining-tokens',
  reset: 'x-ratelimit-reset-tokens',
}

/** Adds flat name/value pairs: https://platform.openai.com/docs/guides/rate-limits. */
export function appendLimitHeaders(states: readonly LimitState[], out: string[]): void {
  appendUnit(findTightest(states, 'requests'), requestNames, out)
  appendUnit(findTightest(states, 'tokens'), tokenNames, out)
}

function appendUnit(state: LimitState | null, names: HeaderNames, out: string[]): void {
  if (state === null) return
  out.push(names.limit, String(state.limit.amount.whole))
  out.push(names.remaining, String(readRemaining(state)))
  out.push(names.reset, renderDuration(state.resetMs ?? 0))
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
