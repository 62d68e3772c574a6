// What one look at a spec finds: faults that make the object bad, and fields that do nothing yet.
// A spec is never half compiled in silence: whatever is left out is named here.
import type { ConditionReason } from './conditions.ts'

export type Findings = Readonly<{
  /** `spec.path: must start with /`. One or more make the object Accepted=False. */
  invalid: string[]
  /** Field paths that this version reads nothing of: `spec.pricing`. */
  notInEffect: string[]
  /** Whole sentences for the Accepted condition. */
  notes: string[]
}>

/** A reference that does not hold, for ResolvedRefs=False. */
export type RefProblem = Readonly<{ reason: ConditionReason; message: string }>

/** A value of a spec that the schema lets through and that makes no sense. The message is public. */
export class SpecError extends Error {}

export function createFindings(): Findings {
  return { invalid: [], notInEffect: [], notes: [] }
}

/** What `parse` makes, or null and a line in `findings.invalid` that names the field. */
export function collect<T>(findings: Findings, field: string, parse: () => T): T | null {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof SpecError)) throw error
    findings.invalid.push(`${field}: ${error.message}`)
    return null
  }
}
