// Ids for requests that bring none: a random part for the process, a count for the request. Unique like a UUID, found
// in logs like one, and made in a tenth of the time.
import { randomBytes } from 'node:crypto'

const processPart = randomBytes(12).toString('hex')
let count = 0

/** `3f9c…e1-1a2b`: 24 hexadecimal digits, a dash, a count in base 36. */
export function createRequestId(): string {
  count++
  return `${processPart}-${count.toString(36)}`
}
