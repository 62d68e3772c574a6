// How much of a context window a request surely needs: rather too little than too much, since more would keep it from
// targets that could serve it. What turns out to be too large falls over when its backend says so.
import type { Operation } from '../providers/operation.ts'
import type { ModelBody } from '../upstream/encode-request.ts'
import { estimateInput } from './estimate-input.ts'
import { operationRules } from './surfaces/operations.ts'

/** `estimateInput` counts rather too many, a token for three bytes: hardly any text has more than five in one. */
const surelyUsed = 0.6

/** Tokens, asked output included; 0 where every window is large enough or the operation has none. */
export function estimateRoom(smallestWindow: number, operation: Operation, body: ModelBody): number {
  const { generatesText, body: kind } = operationRules[operation]
  if (!generatesText || kind === 'multipart') return 0
  const asked = (operation === 'responses' ? body.asked?.maxOutputTokens : body.asked?.maxTokens) ?? 0
  // Short ones, most of all, are not looked at.
  if (body.bytes.length + asked <= smallestWindow) return 0
  return Math.ceil(estimateInput(body.bytes) * surelyUsed) + asked
}
