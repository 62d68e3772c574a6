// OpenRouter's `reasoning_details`: what was thought, with the proofs that the provider behind it wants back.
// https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import type { AssistantPart } from '../../conversation/conversation.ts'
import { isRecord } from '../../is-record.ts'

/** `hasText`: `reasoning` has said the text of the details already. */
export function decodeReasoningDetails(
  details: unknown,
  hasText: boolean,
  choice: number,
  events: AnswerEvent[],
): void {
  if (!Array.isArray(details)) return
  for (const detail of details) {
    if (!isRecord(detail)) continue
    const { type, signature, data } = detail
    const text = detail.text ?? detail.summary
    if (!hasText && typeof text === 'string' && text !== '') events.push({ type: 'reasoning', choice, text })
    if (type === 'reasoning.encrypted' && typeof data === 'string' && data !== '') {
      events.push({ type: 'redacted-reasoning', choice, data })
    } else if (type === 'reasoning.text' && typeof signature === 'string' && signature !== '') {
      events.push({ type: 'reasoning-signature', choice, signature })
    }
  }
}

export function encodeReasoningDetails(parts: readonly AssistantPart[]): readonly Readonly<Record<string, unknown>>[] {
  const details: Readonly<Record<string, unknown>>[] = []
  for (const part of parts) {
    const index = details.length
    if (part.kind === 'redacted-reasoning') details.push({ type: 'reasoning.encrypted', data: part.data, index })
    else if (part.kind === 'reasoning') {
      const proof = part.signature === null ? {} : { signature: part.signature }
      details.push({ type: 'reasoning.text', text: part.text, ...proof, index })
    }
  }
  return details
}
