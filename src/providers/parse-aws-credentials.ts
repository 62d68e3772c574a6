// What a Secret's text says to whoever signs for AWS: JSON of our own, or a profile as in ~/.aws/credentials. Pure: the
// compiler checks by it, the signer reads by it. A problem made here holds no byte of the text.
import { isRecord } from '../is-record.ts'

export type AwsCredentials = Readonly<{
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string | null
  /** Null: not said here, the endpoint's name says it. */
  region: string | null
}>

export type ParsedAwsCredentials =
  | Readonly<{ credentials: AwsCredentials; problem: null }>
  | Readonly<{ credentials: null; problem: string }>

/** Field, its name in a profile, and what a header can carry of it. */
const fields = [
  ['accessKeyId', 'aws_access_key_id', /^\w{1,128}$/],
  ['secretAccessKey', 'aws_secret_access_key', /^[\x21-\x7e]{1,1024}$/],
  ['sessionToken', 'aws_session_token', /^[\x21-\x7e]{1,8192}$/],
  ['region', 'region', /^[a-z0-9-]{1,64}$/],
] as const

type Field = (typeof fields)[number][0]

/**
 * `{"accessKeyId", "secretAccessKey", "sessionToken"?, "region"?}`, or
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html: the one profile, or `[default]` of several.
 */
export function parseAwsCredentials(text: string): ParsedAwsCredentials {
  const trimmed = text.trim()
  const values = trimmed.startsWith('{') ? readJson(trimmed) : readProfile(trimmed)
  if (typeof values === 'string') return refuse(values)
  const found: Partial<Record<Field, string>> = {}
  for (const [field, profileName, pattern] of fields) {
    const value = values.get(field) ?? values.get(profileName)
    if (value === undefined || value === null || value === '') continue
    if (typeof value !== 'string' || !pattern.test(value)) return refuse(`${field} is not what AWS calls one`)
    found[field] = value
  }
  const { accessKeyId, secretAccessKey, sessionToken = null, region = null } = found
  if (accessKeyId === undefined) return refuse('accessKeyId is missing')
  if (secretAccessKey === undefined) return refuse('secretAccessKey is missing')
  return { credentials: { accessKeyId, secretAccessKey, sessionToken, region }, problem: null }
}

/**
 * The region in the name of a Bedrock endpoint, null where it has none: `bedrock-runtime.eu-west-1.amazonaws.com`,
 * `vpce-0a-b.bedrock-runtime.us-gov-west-1.vpce.amazonaws.com`.
 * https://docs.aws.amazon.com/general/latest/gr/bedrock.html
 */
export function readAwsRegion(hostname: string): string | null {
  return /(?:^|\.)bedrock-runtime(?:-fips)?\.([a-z]{2,4}(?:-[a-z]+)+-\d+)\./.exec(hostname)?.[1] ?? null
}

function readJson(text: string): ReadonlyMap<string, unknown> | string {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? new Map(Object.entries(value)) : 'it is no JSON object'
  } catch {
    return 'it is no valid JSON'
  }
}

function readProfile(text: string): ReadonlyMap<string, unknown> | string {
  const profiles = new Map<string, Map<string, unknown>>()
  let current = new Map<string, unknown>()
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[\s*(?:profile\s+)?([^\]]*?)\s*\]\s*$/.exec(line)
    const entry = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line)
    if (header !== null) {
      current = profiles.get(header[1] ?? '') ?? new Map<string, unknown>()
      profiles.set(header[1] ?? '', current)
    } else if (entry !== null) {
      if (profiles.size === 0) profiles.set('default', current)
      current.set(entry[1] ?? '', entry[2] ?? '')
    } else if (!/^\s*(?:[#;].*)?$/.test(line)) {
      return 'it is neither JSON nor a profile of a credentials file'
    }
  }
  const [only, other] = profiles.values()
  const profile = other === undefined ? only : profiles.get('default')
  return profile ?? (other === undefined ? 'it has no profile' : 'it has several profiles, and none is [default]')
}

function refuse(problem: string): ParsedAwsCredentials {
  return { credentials: null, problem }
}
