// Owns the one thing everything about a model hangs on. The schemas ask for it too; a cluster's may be older than ours.
import type { Findings } from '../api/findings.ts'

export function checkModelName(modelName: unknown, findings: Findings): void {
  if (typeof modelName !== 'string' || modelName === '') findings.invalid.push('spec.modelName: must be set')
}
