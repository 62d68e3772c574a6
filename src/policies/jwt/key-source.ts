// Where an issuer's keys come from, as whoever checks a token sees it. Fetching is src/upstream's.
import { parseJwks, type TokenKeySet } from './parse-jwks.ts'

export interface TokenKeySource {
  /** Null: none were ever had. Other keys are another object. */
  readonly current: TokenKeySet | null
  /** Why `current` is null; for the log. */
  readonly problem: string | null
  /** When it will next be tried to get some; for `retry-after`. */
  readonly retryAfterSeconds: number
  /** Resolves when there may be other keys than before, never rejects; null: there can be none now. */
  refresh(): Promise<void> | null
}

/** The keys are in the policy. `json` has been checked by the compiler. */
export function createInlineKeySource(json: string): TokenKeySource {
  const { keySet } = parseJwks(json)
  return { current: keySet, problem: 'no usable key', retryAfterSeconds: 60, refresh: () => null }
}
