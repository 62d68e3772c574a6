// Owns what an AIAuthPolicy says by itself. Its keys are read live by src/policies/authentication/compile.ts.
import type { Findings } from '../api/findings.ts'
import type { AIAuthPolicy } from '../api/generated/ai-auth-policy.ts'
import { checkIssuers } from '../policies/jwt/compile.ts'
import { createParser } from './parsed.ts'

export const parseAIAuthPolicy = createParser((policy: AIAuthPolicy, findings: Findings): true => {
  const { spec } = policy
  // Read of all policies together later on: a list that is none has to show here, where it harms this one alone.
  for (const { kind, name } of spec.targetRefs ?? []) {
    if (!kind || !name) findings.invalid.push('spec.targetRefs: kind and name must be set')
  }
  if (spec.jwt !== undefined) checkIssuers(spec.jwt, findings)
  // An empty selector selects everything in Kubernetes; here that would make a key of every Secret.
  const selector = spec.apiKeySelector
  if (selector !== undefined && Object.keys(selector.matchLabels).length === 0) {
    findings.invalid.push('spec.apiKeySelector.matchLabels: must name at least one label')
  }
  return true
})
