// A whole chat answer of an OpenAI-shaped server. https://platform.openai.com/docs/api-reference/chat/object
import type { AnswerEvent } from '../../conversation/answer-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isRecord } from '../../is-record.ts'
import { ChoiceDecoder } from './choice-decoder.ts'
import { findOpenAiError } from './decode-error.ts'
import { decodeStart, readChoiceIndex } from './decode-start.ts'
import { decodeUsage } from './decode-usage.ts'

/** Ends with `end`, or is an `error` alone: OpenRouter answers 200 and then says so. */
export function decodeChatAnswer(answer: unknown): readonly AnswerEvent[] {
  if (!isRecord(answer)) throw new GatewayError('upstream_invalid_response', 'the answer is no object')
  const error = findOpenAiError(answer)
  // https://openrouter.ai/docs/api-reference/errors
  if (error !== null) return [{ type: 'error', error }]
  const { choices } = answer
  if (!Array.isArray(choices) || choices.length === 0)
    throw new GatewayError('upstream_invalid_response', 'the answer has no choices')
  const { start, seed } = decodeStart(answer)
  const events: AnswerEvent[] = [start]
  for (const [position, said] of choices.entries()) {
    if (!isRecord(said)) throw new GatewayError('upstream_invalid_response', 'a choice is no object')
    const decoder = new ChoiceDecoder(readChoiceIndex(said.index, position), seed)
    decoder.read(said, events)
    decoder.stop(null, null, events)
    if (decoder.isFailed)
      throw new GatewayError('upstream_error', `the answer ended with ${String(said.finish_reason)}`)
  }
  const usage = decodeUsage(answer)
  if (usage !== null) events.push({ type: 'usage', usage })
  events.push({ type: 'end' })
  return events
}
