// Owns how one entry of a Secret becomes a key or credential. The only place that decodes one; a message made here
// names the Secret and the entry, never a byte of the value.
import type { RefProblem } from './findings.ts'
import { readNamespace, type Secret } from './resource.ts'

export type SecretValue = Readonly<{ value: string; problem: null } | { value: null; problem: RefProblem }>

/** Text of an entry, `stringData` before `data` as the API server merges them; null: no such entry. */
export function readSecretText(secret: Secret, key: string): string | null {
  const { stringData, data } = secret
  if (stringData !== undefined && Object.hasOwn(stringData, key)) return stringData[key] ?? null
  if (data === undefined || !Object.hasOwn(data, key)) return null
  // Latin-1 keeps every byte apart, so that no invalid UTF-8 turns into something that looks right.
  return Buffer.from(data[key] ?? '', 'base64').toString('latin1')
}

/** A header-safe value: one trailing newline taken off (`kubectl create secret --from-file`), visible ASCII only. */
export function parseSecretValue(secret: Secret | undefined, id: string, key: string): SecretValue {
  if (secret === undefined) return refuse('RefNotFound', `Secret ${id} does not exist or is not accepted`)
  const text = readSecretText(secret, key)
  if (text === null) return refuse('RefNotFound', `Secret ${id} has no entry ${key}`)
  const value = text.replace(/\r?\n$/, '')
  if (value === '') return refuse('InvalidSecret', `entry ${key} of Secret ${id} is empty`)
  // RFC 9110 section 5.5: a CR, LF or NUL would end the header it is put in.
  if (!/^[\x21-\x7e]+$/.test(value)) {
    return refuse('InvalidSecret', `entry ${key} of Secret ${id} has a byte that is not visible ASCII`)
  }
  return { value, problem: null }
}

/**
 * A text of several lines, as a key file or a profile is: nothing of it goes into a header as it stands, so that line
 * ends are allowed. Any other byte that is not visible ASCII is none of a credential.
 */
export function parseSecretDocument(secret: Secret | undefined, id: string, key: string): SecretValue {
  if (secret === undefined) return refuse('RefNotFound', `Secret ${id} does not exist or is not accepted`)
  const text = readSecretText(secret, key)
  if (text === null) return refuse('RefNotFound', `Secret ${id} has no entry ${key}`)
  const value = text.trim()
  if (value === '') return refuse('InvalidSecret', `entry ${key} of Secret ${id} is empty`)
  if (!/^[\t\n\r\x20-\x7e]+$/.test(value)) {
    return refuse('InvalidSecret', `entry ${key} of Secret ${id} has a byte that is not ASCII text`)
  }
  return { value, problem: null }
}

export function readSecretId(secret: Secret): string {
  return `${readNamespace(secret)}/${secret.metadata.name}`
}

function refuse(reason: RefProblem['reason'], message: string): SecretValue {
  return { value: null, problem: { reason, message } }
}
