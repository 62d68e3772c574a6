// Takes a target's own key out of what its backend says of an error: some quote what they were sent (C6).
import type { BoundMember } from './bound-route.ts'

const hidden = '[redacted]'
/** Shorter ones are no keys, and stand in any text. Characters. */
const minSecretLength = 8

/** The text itself where there is nothing to hide. */
export function hideCredential(text: string, member: BoundMember | null): string {
  const secret = member?.secret ?? null
  if (secret === null || secret.length < minSecretLength) return text
  return text.includes(secret) ? text.replaceAll(secret, hidden) : text
}

/** The same of bytes that are UTF-8. */
export function hideCredentialBytes(body: Buffer, member: BoundMember | null): Buffer {
  const secret = member?.secret ?? null
  if (secret === null || secret.length < minSecretLength || !body.includes(secret)) return body
  return Buffer.from(body.toString().replaceAll(secret, hidden))
}
