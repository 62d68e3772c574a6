// What is known of an object from its own spec alone, before anything it refers to has been looked at.
// Made once for each resource object: sources keep the identity of what did not change.
import { createFindings, type Findings } from '../api/findings.ts'

export type Parsed<Parts> = Readonly<{
  /** Null exactly when `findings.invalid` is not empty. */
  parts: Parts | null
  findings: Findings
}>

/**
 * `read` as a function that makes one attempt per resource object. What throws unexpectedly makes that object alone
 * invalid; the text of the error stays out of its status.
 */
export function createParser<R extends object, Parts>(
  read: (resource: R, findings: Findings) => Parts,
): (resource: R) => Parsed<Parts> {
  const known = new WeakMap<R, Parsed<Parts>>()
  return (resource) => {
    const earlier = known.get(resource)
    if (earlier !== undefined) return earlier
    const findings = createFindings()
    let parts: Parts | null = null
    try {
      parts = read(resource, findings)
    } catch (error) {
      findings.invalid.push(describeInternal(error))
    }
    const parsed = { parts: findings.invalid.length === 0 ? parts : null, findings }
    known.set(resource, parsed)
    return parsed
  }
}

/** For a status: says that it is our fault, and nothing of what was in the object. */
export function describeInternal(error: unknown): string {
  return `internal: this object could not be compiled (${error instanceof Error ? error.name : typeof error})`
}
