// Owns Go durations (https://pkg.go.dev/time#ParseDuration) as manifests spell them.
import { SpecError } from '../api/findings.ts'

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/** The longest delay a Node timer takes: 2^31 - 1 ms, nearly 25 days. */
const maximumMs = 2_147_483_647

/** `1h30m` → milliseconds, rounded up so that only `0` is 0. Throws SpecError. */
export function parseDurationMs(text: string): number {
  if (text === '0') return 0
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) {
    throw new SpecError(`${JSON.stringify(text)} is not a duration such as 500ms, 30s or 2m`)
  }
  let sumMs = 0
  for (const [, amount, unit] of text.matchAll(/([\d.]+)([a-zµμ]+)/g))
    sumMs += Number(amount) * (unitMs[unit ?? ''] ?? 0)
  // 0.1 + 0.2: a rounding error must not make a millisecond more.
  const wholeMs = Math.ceil(Number(sumMs.toFixed(6)))
  if (wholeMs > maximumMs) throw new SpecError(`${text} is longer than the longest timer, 596h31m`)
  return wholeMs
}
