// A service account's key file of Google Cloud, as its console writes it. Pure: the compiler checks by it, the token
// source reads by it. A problem made here holds no byte of the text.
// https://cloud.google.com/iam/docs/keys-create-delete
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { isRecord } from '../is-record.ts'
import { parseJsonText } from './read-json.ts'
import { findTokenUrlProblem } from './token-url.ts'

export type ServiceAccount = Readonly<{
  clientEmail: string
  privateKey: KeyObject
  privateKeyId: string | null
  projectId: string | null
  /** Where tokens are. */
  tokenUri: string
}>

export type ParsedServiceAccount =
  | Readonly<{ account: ServiceAccount; problem: null }>
  | Readonly<{ account: null; problem: string }>

export function parseServiceAccount(text: string): ParsedServiceAccount {
  const file = parseJsonText(text)
  if (!isRecord(file)) return refuse('it is no JSON object')
  const { type, client_email: clientEmail, private_key: pem, private_key_id: keyId, project_id: projectId } = file
  const { token_uri: tokenUri = 'https://oauth2.googleapis.com/token' } = file
  if (type !== 'service_account') return refuse('its type is not service_account')
  if (typeof clientEmail !== 'string' || !/^[^\s@]+@[^\s@]+$/.test(clientEmail))
    return refuse('client_email is missing')
  if (typeof tokenUri !== 'string') return refuse('token_uri is no text')
  const problem = findTokenUrlProblem(tokenUri)
  if (problem !== null) return refuse(`token_uri ${problem}`)
  if (projectId !== undefined && !(typeof projectId === 'string' && /^[a-z0-9.:-]+$/.test(projectId))) {
    return refuse('project_id is not what Google calls one')
  }
  const privateKey = typeof pem === 'string' ? parseKey(pem) : null
  if (privateKey === null) return refuse('private_key is no RSA key in PEM')
  return {
    account: {
      clientEmail,
      privateKey,
      privateKeyId: typeof keyId === 'string' ? keyId : null,
      projectId: projectId ?? null,
      tokenUri,
    },
    problem: null,
  }
}

function parseKey(pem: string): KeyObject | null {
  try {
    const key = createPrivateKey(pem)
    return key.asymmetricKeyType === 'rsa' ? key : null
  } catch {
    return null
  }
}

function refuse(problem: string): ParsedServiceAccount {
  return { account: null, problem }
}
