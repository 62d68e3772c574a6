// The paths of servers that speak OpenAI's API.
import type { Operation } from '../operation.ts'

/** Null for the operations of other APIs. */
export function openAiPath(operation: Operation): string | null {
  return operation === 'messages' || operation === 'messages/count_tokens' ? null : `/${operation}`
}
