// What Cohere says was used: `tokens` counts all of them, `billed_units` only those it charges for (what it puts around
// a prompt is free). https://docs.cohere.com/reference/chat#response.body.usage
import type { AnswerUsage } from '../../conversation/answer-event.ts'
import { isRecord } from '../../is-record.ts'
import { readCount, readRecord } from '../read-json.ts'

export function readUsage(value: unknown): AnswerUsage {
  const usage = readRecord(value)
  const { input_tokens: input, output_tokens: output } = readRecord(
    isRecord(usage.tokens) ? usage.tokens : usage.billed_units,
  )
  const all = readCount(input)
  return {
    input: all,
    output: readCount(output),
    cachedInput: Math.min(readCount(usage.cached_tokens), all),
    cacheWriteInput: 0,
    // Among the output, and not said apart.
    reasoning: 0,
  }
}
