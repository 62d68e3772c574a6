// Owns the four timers of a spec: Go durations to milliseconds.

import { collect, type Findings } from '../api/findings.ts'
import type { Timeouts } from '../routing/table.ts'
import { parseDurationMs } from './parse-duration.ts'

const unset: Timeouts = Object.freeze({ connectMs: null, firstByteMs: null, idleMs: null, totalMs: null })

type TimeoutSpec = Readonly<{ connect?: string; firstByte?: string; idle?: string; total?: string }>

export function compileTimeouts(spec: TimeoutSpec | undefined, findings: Findings): Timeouts {
  if (spec === undefined) return unset
  const read = (name: keyof TimeoutSpec) => {
    const text = spec[name]
    return text === undefined ? null : collect(findings, `spec.timeouts.${name}`, () => parseDurationMs(text))
  }
  return { connectMs: read('connect'), firstByteMs: read('firstByte'), idleMs: read('idle'), totalMs: read('total') }
}
