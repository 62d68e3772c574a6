// Owns which issuers a policy's `jwt` becomes, and what is wrong with one. Keys by URI are not looked at here.
import { type Findings, SpecError } from '../../api/findings.ts'
import type { AIAuthPolicySpec } from '../../api/generated/ai-auth-policy.ts'
import type { TokenIssuer } from '../../routing/key-set.ts'
import { parseJwks } from './parse-jwks.ts'

type IssuerSpec = NonNullable<AIAuthPolicySpec['jwt']>[number]

const none: readonly TokenIssuer[] = Object.freeze([])

/** Each issuer that makes no sense is a line in `invalid`; keys that are left out of an inline set are notes. */
export function checkIssuers(specs: readonly IssuerSpec[], findings: Findings): void {
  const seen = new Set<string>()
  specs.forEach((spec, at) => {
    const field = `spec.jwt[${at}]`
    if (seen.has(spec.issuer)) findings.invalid.push(`${field}.issuer: is listed twice`)
    seen.add(spec.issuer)
    try {
      const jwks = compileJwks(spec)
      if (jwks.kind !== 'inline') return
      for (const problem of parseJwks(jwks.json).problems) {
        findings.notes.push(`${field}.jwks.inline: ${problem}: it is left out`)
      }
    } catch (error) {
      if (!(error instanceof SpecError)) throw error
      findings.invalid.push(`${field}.jwks.${error.message}`)
    }
  })
}

/** Of a spec that has been checked. */
export function compileIssuers(specs: readonly IssuerSpec[] | undefined): readonly TokenIssuer[] {
  if (specs === undefined) return none
  return specs.map((spec) => ({
    issuer: spec.issuer,
    audiences: spec.audiences ?? null,
    jwks: compileJwks(spec),
    consumerClaim: spec.consumerClaim ?? 'sub',
    modelsClaim: spec.modelsClaim ?? null,
  }))
}

/** Throws SpecError; its message begins with the field. */
function compileJwks({ jwks: { uri, inline } }: IssuerSpec): TokenIssuer['jwks'] {
  if (inline !== undefined) {
    const { keySet, problems, hasPrivateKey } = parseJwks(inline)
    // Whoever can read the policy has it: a key that signs must not be there, nor be trusted any more.
    if (hasPrivateKey) throw new SpecError('inline: it holds a private or symmetric key')
    if (keySet === null) throw new SpecError(`inline: ${problems.join('; ')}`)
    return { kind: 'inline', json: inline }
  }
  const url = uri === undefined ? null : URL.parse(uri)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new SpecError('uri: it is not an http or https URL without a user name')
  }
  return { kind: 'uri', uri: url.href }
}
