// Go's duration text: a sequence of decimal numbers with units, `1h30m`, `1.5s`, `250ms`, or a bare `0`.
// https://pkg.go.dev/time#ParseDuration

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds, or null when the text is no duration. Negative ones are refused: nothing here waits backwards. */
export function parseGoDurationMs(text: string): number | null {
  if (text === '0') return 0
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return null
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN)
  }
  return total
}
