// Decodes what an answer of Anthropic's used: its `input_tokens` are those that no cache had to do with.
// https://docs.claude.com/en/api/messages
import type { AnswerUsage } from '../../conversation/answer-event.ts'
import { isRecord } from '../../is-record.ts'
import { type JsonRecord, readCount, readRecord } from '../read-json.ts'

/** The counts of a message's start and of its deltas: they only grow, and some servers say 0 for what they have said. */
export function mergeUsage(earlier: JsonRecord, later: unknown): JsonRecord {
  if (!isRecord(later)) return earlier
  const merged: Record<string, unknown> = { ...earlier }
  for (const [name, value] of Object.entries(later)) {
    const before = merged[name]
    if (typeof value === 'number' && typeof before === 'number') merged[name] = Math.max(before, value)
    else if (value !== null) merged[name] = value
  }
  return merged
}

export function decodeUsage(usage: JsonRecord): AnswerUsage {
  const cachedInput = readCount(usage.cache_read_input_tokens)
  const cacheWriteInput = readCount(usage.cache_creation_input_tokens)
  return {
    input: readCount(usage.input_tokens) + cachedInput + cacheWriteInput,
    output: readCount(usage.output_tokens),
    cachedInput,
    cacheWriteInput,
    reasoning: readCount(readRecord(usage.output_tokens_details).thinking_tokens),
  }
}
