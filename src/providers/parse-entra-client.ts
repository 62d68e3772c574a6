// An application of Microsoft Entra ID as a Secret's text says it. Pure: the compiler checks by it, the token source reads
// by it. A problem made here holds no byte of the text.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
import { isRecord } from '../is-record.ts'
import { parseJsonText } from './read-json.ts'
import { findTokenUrlProblem } from './token-url.ts'

export type EntraClient = Readonly<{
  clientId: string
  clientSecret: string
  /** Where tokens are. */
  tokenUrl: string
  scope: string
}>

export type ParsedEntraClient =
  | Readonly<{ client: EntraClient; problem: null }>
  | Readonly<{ client: null; problem: string }>

const known = new Set(['tenantId', 'clientId', 'clientSecret', 'authority', 'scope'])

/** `{"tenantId", "clientId", "clientSecret", "authority"?, "scope"?}`; the last two are for national clouds. */
export function parseEntraClient(text: string): ParsedEntraClient {
  const fields = parseJsonText(text)
  if (!isRecord(fields)) return refuse('it is no JSON object')
  if (Object.keys(fields).some((name) => !known.has(name)))
    return refuse(`it has fields besides ${[...known].join(', ')}`)
  const { tenantId, clientId, clientSecret } = fields
  const { authority = 'https://login.microsoftonline.com', scope = 'https://cognitiveservices.azure.com/.default' } =
    fields
  // A GUID, or a domain.
  if (typeof tenantId !== 'string' || !/^[\w.-]+$/.test(tenantId)) return refuse('tenantId is missing')
  if (typeof clientId !== 'string' || !/^[\w.-]+$/.test(clientId)) return refuse('clientId is missing')
  if (typeof clientSecret !== 'string' || clientSecret === '') return refuse('clientSecret is missing')
  if (typeof scope !== 'string' || !/^[\x21-\x7e]+$/.test(scope)) return refuse('scope is no scope')
  if (typeof authority !== 'string') return refuse('authority is no text')
  const problem = findTokenUrlProblem(authority)
  if (problem !== null) return refuse(`authority ${problem}`)
  const tokenUrl = `${authority.replace(/\/+$/, '')}/${tenantId}/oauth2/v2.0/token`
  return { client: { clientId, clientSecret, tokenUrl, scope }, problem: null }
}

function refuse(problem: string): ParsedEntraClient {
  return { client: null, problem }
}
