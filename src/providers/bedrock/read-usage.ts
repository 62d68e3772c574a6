// What Converse says was used. Its input tokens are those that no cache had a part in.
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
import type { AnswerUsage } from '../../conversation/answer-event.ts'
import { readCount, readRecord } from '../read-json.ts'

export function readUsage(value: unknown): AnswerUsage {
  const usage = readRecord(value)
  const cachedInput = readCount(usage.cacheReadInputTokens)
  const cacheWriteInput = readCount(usage.cacheWriteInputTokens)
  return {
    input: readCount(usage.inputTokens) + cachedInput + cacheWriteInput,
    output: readCount(usage.outputTokens),
    cachedInput,
    cacheWriteInput,
    // Among the output, and not said apart.
    reasoning: 0,
  }
}
