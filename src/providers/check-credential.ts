// Whether a Secret's text is a credential of its kind: for the conditions of the object that names it. No byte of the
// text is in what is said.
import { assertNever } from '../assert-never.ts'
import { parseAwsCredentials, readAwsRegion } from './parse-aws-credentials.ts'
import { parseEntraClient } from './parse-entra-client.ts'
import { parseServiceAccount } from './parse-service-account.ts'
import type { CredentialType } from './provider.ts'

/** What is wrong with it, for whoever wrote the Secret; null: nothing that can be seen. `hostname`: the endpoint's. */
export function checkCredential(type: CredentialType, text: string, hostname: string): string | null {
  switch (type) {
    case 'AWS': {
      const { credentials, problem } = parseAwsCredentials(text)
      if (problem !== null) return problem
      if (credentials.region !== null || readAwsRegion(hostname) !== null) return null
      return 'it says no region, and the name of the endpoint has none'
    }
    case 'GCP':
      return parseServiceAccount(text).problem
    case 'Azure':
      return parseEntraClient(text).problem
    case 'APIKey':
      return null
    default:
      return assertNever(type)
  }
}
