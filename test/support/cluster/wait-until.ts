// Waiting for a fact, with a deadline: what tests do instead of sleeping.
import { setTimeout as delay } from 'node:timers/promises'

const pollMs = 25

/**
 * Resolves with the first value of `probe` that is neither null nor false; a probe that throws has not succeeded yet.
 * Rejects after `timeoutMs` with `what` and the last error. `assertHope`, if given, may throw to give up early.
 */
export async function waitUntil<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | null | false> | T | null | false,
  assertHope: () => void = () => {},
): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs
  let lastError: unknown = null
  for (;;) {
    assertHope()
    try {
      const value = await probe()
      if (value !== null && value !== false) return value
      lastError = null
    } catch (error) {
      lastError = error
    }
    if (Date.now() >= deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause: lastError })
    await delay(pollMs)
  }
}
