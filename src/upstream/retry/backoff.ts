// How long to wait before a target is asked again: full jitter under a bound that doubles.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

/** Milliseconds. */
export const longestWaitMs = 2_000

/** `round`: 0 for the first wait. `random`: in [0, 1). */
export function drawBackoffMs(baseMs: number, round: number, random: () => number): number {
  return random() * Math.min(longestWaitMs, baseMs * 2 ** round)
}
